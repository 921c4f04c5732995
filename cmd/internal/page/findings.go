package page

import (
	"fmt"
	"math"

	"falconmamba/cmd/internal/results"
)

// Findings says in sentences what a run shows: which backend is faster for what and how sure that is, how far the
// numbers agree, and what packed weights do.
func Findings(r *results.Run) (all []string) {
	v := newView(r)
	all = append(all, v.fastest(true)...)
	all = append(all, v.fastest(false)...)
	for _, d := range v.Devices {
		if d.Class == "software" && v.measured(d.Backend) {
			all = append(all, fmt.Sprintf("%s (%s) is a GPU's driver that runs on the processor: its speed says "+
				"nothing of GPUs.",
				d.Backend, d.Device))
		}
	}
	for _, n := range v.Numerics {
		if !packing(n) && n.Type == v.typ() {
			all = append(all, v.agrees(n))
		}
	}
	all = append(all, v.gains()...)
	if n := len(v.Skipped); n > 0 {
		all = append(all, fmt.Sprintf("Not measured: %s, listed below with the reasons.", things(n)))
	}
	return all
}

func things(n int) string {
	if n == 1 {
		return "1 thing"
	}
	return thousands(int64(n)) + " things"
}

func (v *view) measured(backend string) bool {
	for _, n := range v.names {
		if n == backend {
			return true
		}
	}
	return false
}

// fastest compares the fastest backend with each other one in the test that all of them have and that tells most: the
// longest prompt, or one text and the most texts.
func (v *view) fastest(prompts bool) (all []string) {
	if len(v.names) < 2 || len(v.names) > mostSeries {
		return nil
	}
	var common []string
	for _, w := range v.tests(v.typ()) {
		n := 0
		for _, name := range v.names {
			if _, ok := v.row(name, v.typ(), w); ok {
				n++
			}
		}
		if n > 1 && (testOf(w).prompt > 0) == prompts && testOf(w) != (test{}) {
			common = append(common, w)
		}
	}
	if len(common) == 0 {
		return nil
	}
	picks := common[len(common)-1:]
	if !prompts && len(common) > 1 {
		picks = []string{common[0], picks[0]}
	}
	for _, w := range picks {
		var best results.Speed
		for _, name := range v.names {
			if r, ok := v.row(name, v.typ(), w); ok && r.Median > best.Median {
				best = r
			}
		}
		for _, name := range v.names {
			if r, ok := v.row(name, v.typ(), w); ok && name != best.Backend {
				all = append(all, against(testOf(w), best, r))
			}
		}
	}
	return all
}

// against says how much faster one backend is than another, and how sure that is.
func against(t test, a, b results.Speed) string {
	verb := "writes"
	if t.prompt > 0 {
		verb = "reads"
	}
	ratio := a.Rate().Over(b.Rate())
	speeds := fmt.Sprintf("%s and %s tokens per second", rate(a.Median), rate(b.Median))
	switch ratio.Verdict() {
	case results.Faster:
		return fmt.Sprintf("%s %s %s %s times as fast as %s (95 %%: %s to %s; %s).", a.Backend, verb, t.words(),
			results.Times(ratio.Value), b.Backend, results.Times(ratio.Low), results.Times(ratio.High), speeds)
	case results.Unknown:
		return fmt.Sprintf("%s %s %s %s times as fast as %s (%s), but there were too few runs to say how sure that is.",
			a.Backend, verb, t.words(), results.Times(ratio.Value), b.Backend, speeds)
	}
	return fmt.Sprintf("For %s no difference is sure between %s and %s: %s times as fast (95 %%: %s to %s; %s).",
		t.words(), a.Backend, b.Backend, results.Times(ratio.Value), results.Times(ratio.Low),
		results.Times(ratio.High),
		speeds)
}

// agrees says how far the numbers of a setup are from the reference's.
func (v *view) agrees(n results.Numerics) string {
	kind := "as far as sums in another order are"
	rms, kl := float64(n.RMS), float64(n.KL)
	switch {
	case n.Fault != "":
		return fmt.Sprintf("%s is wrong: %s.", n.Backend, n.Fault)
	case math.IsNaN(rms) || rms > 0.05 || kl > 0.01:
		kind = "further than rounding to 16 bits explains: look at the errors by layer"
	case rms > 1e-4:
		kind = "as far as activations of 16 or 8 bits are"
	case rms == 0:
		kind = "to the bit"
	}
	return fmt.Sprintf("The numbers of %s agree with the reference's %s: rms error %s σ, KL %s nats, the same top "+
		"token in %s "+
		"of places, greedy text %s.", n.Backend, kind, small(n.RMS), small(n.KL), percent(float64(n.Top1)), v.greedy(n))
}

// gains says what packed weights do to writing one text.
func (v *view) gains() (all []string) {
	for _, name := range v.names {
		for _, typ := range v.types[min(1, len(v.types)):] {
			for _, w := range v.tests(typ) {
				r, ok := v.row(name, typ, w)
				base, was := v.row(name, v.typ(), w)
				if t := testOf(w); !ok || !was || t.prompt > 0 || t.batch != 1 || len(all) >= 2*mostSeries {
					continue
				}
				ratio := r.Rate().Over(base.Rate())
				cost := ""
				for _, n := range v.Numerics {
					if packing(n) && n.Type == typ {
						cost = fmt.Sprintf("; packing changes the top token in %s of places",
							percent(1-float64(n.Top1)))
					}
				}
				sure := fmt.Sprintf("95 %%: %s to %s", results.Times(ratio.Low), results.Times(ratio.High))
				if !ratio.Sure() {
					sure = "too few runs to say how sure"
				}
				all = append(all, fmt.Sprintf("With weights in %s %s writes one text %s times as fast as with %s "+
					"(%s)%s.", typ, name,
					results.Times(ratio.Value), v.typ(), sure, cost))
			}
		}
	}
	return all
}
