package page

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"falconmamba/cmd/internal/results"
)

// Report writes the page of a run.
func Report(w io.Writer, r *results.Run) error {
	v := newView(r)
	d := document{Title: "FalconMamba on this machine", Sub: v.sub(), Findings: Findings(r),
		Sections: []section{v.devices(), v.speed(), v.packed(), v.numerics(), v.operations(), v.memory(), v.skipped(),
			v.how()}}
	if len(r.Models) > 0 {
		d.Title = r.Models[0].Model + " on this machine"
	}
	if len(r.About) > 0 {
		a := r.About[0]
		if !a.Complete {
			d.Partial = "This run was ended early: what it had not measured by then is under “What is not here”."
		}
		d.Footer = fmt.Sprintf("%s · commit %s · %s %s/%s · %s · took %s", a.Command, cmp.Or(a.Commit, "not known"),
			a.Go,
			a.OS, a.Arch, a.Date, seconds(a.Seconds))
	}
	return d.write(w)
}

// A view is a run, and how it is drawn.
type view struct {
	*results.Run
	setups []results.Setup             // in the order of their first rows; the same backend has the same style
	names  []string                    // of backends, by style
	types  []string                    // of weights, the first is that of the model as it is
	rows   map[[3]string]results.Speed // by backend, type and test
}

func newView(r *results.Run) *view {
	v := &view{Run: r, rows: map[[3]string]results.Speed{}}
	for _, m := range r.Models {
		v.types = first(v.types, m.Type)
	}
	add := func(s results.Setup) {
		v.setups = first(v.setups, s)
		v.types = first(v.types, s.Type)
		v.names = first(v.names, s.Backend)
	}
	for _, s := range r.Speed {
		add(s.Setup)
		v.rows[[3]string{s.Backend, s.Type, s.Test}] = s
	}
	for _, n := range r.Numerics {
		if !packing(n) {
			add(n.Setup)
		}
	}
	for _, o := range r.Operations {
		add(o.Setup)
	}
	v.setups, v.names, v.types = upTo(v.setups), upTo(v.names), upTo(v.types)
	return v
}

// upTo leaves out what is too much for a page.
func upTo[T any](all []T) []T { return all[:min(len(all), 24)] }

func (v *view) style(backend string) int { return max(0, slices.Index(v.names, backend)) }

// typ is the type of the model as it is.
func (v *view) typ() string {
	if len(v.types) == 0 {
		return ""
	}
	return v.types[0]
}

// label names a setup among those of the run.
func (v *view) label(s results.Setup) string {
	name := s.Backend
	if len(v.types) > 1 {
		name += ", " + s.Type
	}
	return name
}

func (v *view) sub() string {
	var parts []string
	if len(v.Models) > 0 {
		m := v.Models[0]
		parts = append(parts, fmt.Sprintf("%s parameters in %s, %s, %d layers", thousands(m.Params), m.Type,
			size(m.Size),
			m.Layers))
	}
	if len(v.About) > 0 {
		a := v.About[0]
		parts = append(parts, fmt.Sprintf("%s/%s, %d cores", a.OS, a.Arch, a.Cores), a.Date)
	}
	return strings.Join(parts, " · ")
}

func (v *view) devices() section {
	s := section{ID: "devices", Title: "Devices"}
	t := table{Head: heads("<backend", "<device", "<driver", "<class", "threads", "memory",
		"<what kernels are chosen by")}
	for _, d := range v.Devices {
		t.row(d.Backend, d.Device, d.Driver, d.Class, number(d.Threads), size(d.Memory), d.Features)
		if d.Warning != "" {
			s.Notes = append(s.Notes, d.Backend+": "+d.Warning)
		}
	}
	s.table(t)
	return s
}

func (v *view) memory() section {
	s := section{ID: "memory", Title: "Memory"}
	s.Intro = []string{"Weights are the bytes of the tensors; loaded is what was live on the device before anything " +
		"ran, with the states of the first texts; at most is the most while everything here was measured."}
	t := table{Head: heads("<backend", "<weights in", "weights", "loaded", "at most", "loading took",
		"held besides while loading")}
	for _, m := range v.Memory {
		over := "not known"
		if m.Overhead >= 0 {
			over = cmp.Or(size(m.Overhead), "0")
		}
		t.row(m.Backend, m.Type, size(m.Weights), size(m.Opened), size(m.Peak), seconds(m.Seconds), over)
	}
	s.bars(v.memoryBars(), "The most that was live on the device, in bytes; what stands beside a bar is the weights' "+
		"part.")
	s.table(t)
	return s
}

func (v *view) skipped() section {
	s := section{ID: "skipped", Title: "What is not here"}
	t := table{Head: heads("<backend", "<weights in", "<what", "<why")}
	for _, k := range v.Skipped {
		t.row(k.Backend, k.Type, k.What, k.Why)
	}
	s.table(t)
	return s
}

func (v *view) how() section {
	s := section{ID: "how", Title: "How this was measured"}
	if len(v.About) == 0 {
		return s
	}
	a := v.About[0]
	t := table{Head: heads("<", "<")}
	t.row("Speed", "Through the public API, with sampling on, after runs to warm up. Prompts are random tokens and "+
		"end with "+
		"their first drawn token; texts are written from one token on. The figure is the median of the runs.")
	t.row("How sure", "An interval has the true value in 95 of 100 cases, by the spread of the runs (Student's "+
		"distribution "+
		"of the logarithms, for medians). It knows this sitting alone: another day, another clock or another card may "+
		"differ by more. One run has no interval.")
	t.row("Numbers", fmt.Sprintf("%d random tokens are read by each backend and by the reference, which computes in "+
		"float64 "+
		"from the same weights, and then %d are written greedily. The error of a layer is the root mean square of the "+
		"errors "+
		"of its hidden states over their standard deviation.", a.Text, a.Greedy))
	t.row("Operations", "Device time by the device's own clock, or the host's for a processor. Bytes are what an "+
		"operation "+
		"must move at least, each operand and weight once; the roof is what the device copies, bytes read and "+
		"written. "+
		"What lies above it has its operands in a cache.")
	budget := "none"
	if a.Budget > 0 {
		budget = seconds(a.Budget)
	}
	t.row("Budget", budget+"; what had no time is listed under “What is not here”.")
	t.row("Command", a.Command)
	s.table(t)
	return s
}
