package cli

import (
	"context"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"falconmamba"
	"falconmamba/backend"
	"falconmamba/checkpoint"
	"falconmamba/checkpoint/hub"
	"falconmamba/checkpoint/tiny"
	"falconmamba/internal/quantity"
)

// Embedded is how reports call the model that is part of the program.
const Embedded = "tiny-shakespeare (embedded)"

// ModelName returns how reports call a model: the last part of its path.
func ModelName(name string) string {
	if name == "" {
		return Embedded
	}
	if strings.HasPrefix(name, "random:") {
		return name
	}
	parts := strings.FieldsFunc(name, func(r rune) bool { return r == '/' || r == '\\' })
	for i := len(parts) - 1; i >= 0; i-- {
		if parts[i] != "." && parts[i] != ".." {
			return parts[i]
		}
	}
	return name
}

// OpenModel loads a model by name; the empty one is the embedded model's.
func OpenModel(ctx context.Context, name string, o *falconmamba.Options) (*falconmamba.Model, error) {
	if name == "" {
		return falconmamba.OpenFS(ctx, tiny.FS(), o)
	}
	return falconmamba.Open(ctx, name, o)
}

// OpenCheckpoint finds and opens a model's files by name, as OpenModel does.
func OpenCheckpoint(ctx context.Context, name string, o checkpoint.Options,
	h hub.Options) (checkpoint.Checkpoint, error) {
	if name == "" {
		return falconmamba.OpenFilesFS(ctx, tiny.FS(), o, h)
	}
	return falconmamba.OpenFiles(ctx, name, o, h)
}

// Precision parses the flag --precision; auto is nil.
func Precision(name string) (*backend.Precision, error) {
	if name == "" || name == "auto" {
		return nil, nil
	}
	p, err := backend.ParsePrecision(name)
	if err != nil {
		return nil, Usagef("--precision: %w, or auto", err)
	}
	return &p, nil
}

// StateType parses the flag --state-type; empty is float32.
func StateType(name string) (backend.DType, error) {
	if name == "" {
		return backend.F32, nil
	}
	t, err := backend.ParseStateType(name)
	if err != nil {
		return 0, Usagef("--state-type: %w", err)
	}
	return t, nil
}

// StateTypeAbout says what --state-type is for.
const StateTypeAbout = "store states on the device as `TYPE`: f32, f16 or bf16, half the memory"

// Checkpoint parses the flags that say how files are opened: --type, which only
// random weights have, and --mixer-eps, 0 where it was not given.
func Checkpoint(modelName, typ string, seed uint64, mixerEps float64) (checkpoint.Options, error) {
	o := checkpoint.Options{Seed: seed, MixerRMSEps: mixerEps}
	if mixerEps < 0 || math.IsInf(mixerEps, 0) || math.IsNaN(mixerEps) {
		return o, Usagef("--mixer-eps %g: want a small positive number, such as 1e-6", mixerEps)
	}
	if mixerEps != 0 && modelName == "" {
		return o, Usagef("--mixer-eps: the embedded model knows its own; give -m MODEL")
	}
	if typ == "" {
		return o, nil
	}
	if !strings.HasPrefix(modelName, "random:") {
		return o, Usagef("--type %s: only random: models are made with a type; a checkpoint has its own", typ)
	}
	t, err := backend.ParseDType(typ)
	if err == nil && t == backend.I32 {
		err = fmt.Errorf("i32 is no type of weights")
	}
	if err != nil {
		return o, Usagef("--type: %w", err)
	}
	o.Type = t
	return o, nil
}

// Quant parses the flag --quant of programs that pack weights while they load
// them; none and nothing are 0.
func Quant(name string) (checkpoint.QuantMix, error) {
	if name == "" || strings.EqualFold(name, "none") {
		return checkpoint.QuantMix{}, nil
	}
	t, err := checkpoint.ParseQuant(name)
	if err == nil {
		return checkpoint.QuantMix{Type: t}, nil
	}
	if mix, e := checkpoint.ParseQuantMix(name); e == nil && mix.Type.Block() > 1 {
		return mix, nil
	}
	return checkpoint.QuantMix{}, Usagef("--quant: %w, or a mix such as q4_K_M", err)
}

// Tensors says how many there are.
func Tensors(n int) string { return Count(n, "tensor") }

// Count says how many there are of something: "1 case", "2,599 cases".
func Count(n int, one string) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	if n == 1 {
		return digits + " " + one
	}
	return digits + " " + one + "s"
}

// Notes prints what was decided about a model on its way to the device, and what
// its matrices are stored as: for --verbose.
func Notes(w io.Writer, m *falconmamba.Model) {
	if c := m.Config(); c.FalconMamba() {
		fmt.Fprintf(w, "%-8s layer_norm_epsilon %g, mixer_rms_eps %g\n", "norms", c.LayerNormEpsilon, c.MixerRMSEps)
	}
	for _, s := range checkpoint.Summarize(m.Checkpoint().Tensors()) {
		fmt.Fprintf(w, "%-8s %v, %s: %s\n",
			s.Type, quantity.Bytes(s.Bytes), Tensors(s.Tensors), strings.Join(s.Parts, ", "))
	}
	for _, note := range m.Notes() {
		fmt.Fprintf(w, "%-8s %s\n", "note", OneLine(note))
	}
}

// Retrying returns what says that a download waits for another try.
func Retrying(program string, stderr io.Writer) func(err error, wait time.Duration) {
	return func(err error, wait time.Duration) {
		fmt.Fprintf(stderr, "%s: %s; another try in %s\n", program, Line(err), wait.Round(100*time.Millisecond))
	}
}

// warned has the warnings that were printed.
var warned sync.Map

// Warn prints a device's warning, once in a program's life.
func Warn(program string, stderr io.Writer, info backend.Info) {
	if info.Warning == "" {
		return
	}
	if _, was := warned.LoadOrStore(info.Warning, true); !was {
		Warnings(program, stderr, info.Warning)
	}
}

// ListDevices prints the devices, best first. What kept a driver from listing
// its own is a warning where there are others.
func ListDevices(program string, stdout, stderr io.Writer) error {
	infos, err := backend.Devices()
	if len(infos) == 0 && err != nil {
		return err
	}
	if err != nil {
		Warnings(program, stderr, err.Error())
	}
	w := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	usual, _ := ChosenDevice("")
	for _, i := range infos {
		about := i.Class.String()
		if i.Threads > 0 {
			about += ", " + Count(i.Threads, "thread")
		}
		if i.MemoryTotal > 0 {
			about += fmt.Sprintf(", %.1f GiB", float64(i.MemoryTotal)/(1<<30))
		}
		if i.Name == usual.Name {
			about += ", the default"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", i.Name, Clean(i.Device), about)
	}
	return w.Flush()
}
