// Package results is the file of a measurement: what fmbench measured on a machine, as values, and how it is read
// and written.
//
// The file is what -o json prints: an array with an object for each row, whose "table" says what it is a row of.
// fmbench speed writes the tables speed and numerics, fmbench report these and all others. Who reads a file takes
// the tables that it knows, and leaves alone what it does not.
package results

import "strings"

// A Run is what one run of fmbench measured. Any of its tables may be empty.
type Run struct {
	Name string // of its file, for people

	About      []About
	Models     []Model
	Devices    []Device
	Speed      []Speed
	Numerics   []Numerics
	Layers     []Layer
	Operations []Operation
	Memory     []Memory
	Skipped    []Skipped
}

// An About is a run as a whole. A file of fmbench report has one, as the first row.
type About struct {
	Date     string  `json:"date"` // when it began, as in RFC 3339
	Seconds  float64 `json:"seconds"`
	Budget   float64 `json:"budget"` // in seconds; 0: none
	Complete bool    `json:"complete"`
	Commit   string  `json:"commit,omitempty"`
	Go       string  `json:"go"`
	OS       string  `json:"os"`
	Arch     string  `json:"arch"`
	Cores    int     `json:"cores"`
	Command  string  `json:"command"`
	Text     int     `json:"text"`   // tokens whose logits are compared
	Greedy   int     `json:"greedy"` // tokens behind them that are compared
}

// A Model is one that was measured, in one type of weights.
type Model struct {
	Model  string `json:"model"`
	Type   string `json:"type"`
	Size   int64  `json:"size"` // bytes of its tensors
	Params int64  `json:"params"`
	Layers int    `json:"layers"`
	Hidden int    `json:"hidden"`
	Vocab  int    `json:"vocab"`
}

// A Device is one that is there, measured or not. Its keys are those of fmbench devices.
type Device struct {
	Backend  string `json:"backend"`
	Device   string `json:"device"`
	Driver   string `json:"driver"`
	Class    string `json:"class"`
	Threads  int    `json:"threads"`
	Memory   int64  `json:"memory"` // bytes
	Free     int64  `json:"free"`
	Chunk    int    `json:"chunk"`
	Features string `json:"features"`
	Warning  string `json:"warning,omitempty"`
}

// A Setup is how a model ran on a device.
type Setup struct {
	Model     string `json:"model"`
	Type      string `json:"type"`
	Backend   string `json:"backend"`
	Threads   int    `json:"threads"`
	Precision string `json:"precision"`
	Chunk     int    `json:"chunk"`
}

// Kind is the backend without the number of a device, which another order of the same cards changes.
func (s Setup) Kind() string {
	kind, _, _ := strings.Cut(s.Backend, ":")
	return kind
}

// A Speed is the speed of one test in one setup.
type Speed struct {
	Setup
	Size    int64   `json:"size"`
	Params  int64   `json:"params"`
	Test    string  `json:"test"` // as llama-bench has it: pp512, tg128, tg128 b8
	Median  float64 `json:"tokens_per_s"`
	Spread  float64 `json:"tokens_per_s_spread"` // the standard deviation of the runs
	Reps    int     `json:"reps"`                // runs that were measured
	Live    int64   `json:"live"`                // bytes
	Peak    int64   `json:"peak"`
	Device  string  `json:"device"`
	Driver  string  `json:"driver"`
	Commit  string  `json:"commit"`
	Date    string  `json:"date"`
	Command string  `json:"command"`
}

// Rate is the speed with what says how sure it is.
func (s Speed) Rate() Rate { return Rate{s.Median, s.Spread, s.Reps} }

// A Numerics says how far a setup's numbers are from a reference's.
type Numerics struct {
	Setup
	Against  string `json:"against"`
	Max      Number `json:"max_error"` // of the logits, |e|/(1+|x|)
	Mean     Number `json:"mean_error"`
	RMS      Number `json:"rms"` // of the errors, over the logits' standard deviation
	KL       Number `json:"kl"`  // nats per token
	Top1     Number `json:"top1"`
	Diverges int    `json:"diverges"` // the first greedy token that differs, −1 for none
	Fault    string `json:"fault"`
	Device   string `json:"device,omitempty"`
}

// A Layer is the error of the hidden states behind a layer of a setup. The last layer's is of the final norm.
type Layer struct {
	Setup
	Against string `json:"against"`
	Layer   int    `json:"layer"`
	RMS     Number `json:"rms"` // of the errors, over the standard deviation of the states
}

// An Operation is the time that a kind of operation takes in a pass.
type Operation struct {
	Setup
	Rows     int     `json:"rows"` // tokens in the pass
	Op       string  `json:"op"`
	Count    int     `json:"count"`
	Seconds  float64 `json:"seconds"` // of all
	Bytes    int64   `json:"bytes"`   // that all must move at least
	Flops    int64   `json:"flops"`   // that all ask for
	CopyRate float64 `json:"copy_rate"`
	Kernels  string  `json:"kernels"`
}

// A Memory is what a model takes on a device.
type Memory struct {
	Setup
	Weights int64   `json:"weights"` // bytes of its tensors
	Opened  int64   `json:"opened"`  // live on the device when it was loaded
	Peak    int64   `json:"peak"`    // the most that was live on the device while it was measured
	Seconds float64 `json:"seconds"` // that loading took
	// Overhead is what loading held at most besides files and the device's memory; −1 where that is not known.
	Overhead int64 `json:"overhead"`
}

// A Skipped is what a run did not measure.
type Skipped struct {
	Backend string `json:"backend,omitempty"`
	Model   string `json:"model,omitempty"`
	Type    string `json:"type,omitempty"`
	What    string `json:"what"`
	Why     string `json:"why"`
}

// Only returns the run with the setups that keep holds true of.
func (r *Run) Only(keep func(Setup) bool) *Run {
	k := *r
	k.Speed = only(r.Speed, keep, func(s Speed) Setup { return s.Setup })
	k.Numerics = only(r.Numerics, keep, func(n Numerics) Setup { return n.Setup })
	k.Layers = only(r.Layers, keep, func(l Layer) Setup { return l.Setup })
	k.Operations = only(r.Operations, keep, func(o Operation) Setup { return o.Setup })
	k.Memory = only(r.Memory, keep, func(m Memory) Setup { return m.Setup })
	return &k
}

func only[T any](all []T, keep func(Setup) bool, of func(T) Setup) (some []T) {
	for _, v := range all {
		if keep(of(v)) {
			some = append(some, v)
		}
	}
	return some
}
