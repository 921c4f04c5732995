package page

import (
	"fmt"
	"math"
	"slices"

	"falconmamba/cmd/internal/plot"
	"falconmamba/cmd/internal/results"
)

// packing reports whether a row compares types of weights, not backends: both sides are the reference's.
func packing(n results.Numerics) bool {
	return len(n.Against) > 12 && n.Against[:12] == "the weights "
}

func (v *view) numerics() section {
	s := section{ID: "numerics", Title: "Numbers"}
	s.Intro = []string{"How far each backend's numbers are from the reference's, which has the same weights and " +
		"computes in float64. 10⁻⁷ is what sums of float32 in another order give; 10⁻³ to 10⁻² is what activations " +
		"of 16 bits give. KL is in nats per token, the cost of taking these predictions for the reference's; below " +
		"10⁻⁴ no text shows it."}
	s.chart(v.layers(false), "Error by layer: root mean square over the states' standard deviation. The last is the "+
		"final norm's.")
	s.bars(v.kl(), "Predictions: the Kullback–Leibler divergence from the reference's.")
	for _, pack := range []bool{false, true} {
		t := table{Head: heads("<backend", "<weights in", "<precision", "<against", "rms/σ of logits", "largest error",
			"KL, nats", "same top token", "<greedy text")}
		if pack {
			t.Caption = "What packing alone changes: the reference with packed weights against the reference with " +
				"those of the file."
		}
		for _, n := range v.Numerics {
			if packing(n) != pack {
				continue
			}
			t.row(n.Backend, n.Type, n.Precision, n.Against, small(n.RMS), small(n.Max), small(n.KL),
				percent(float64(n.Top1)),
				v.greedy(n))
		}
		s.table(t)
	}
	return s
}

// greedy says from where texts differ.
func (v *view) greedy(n results.Numerics) string {
	switch {
	case n.Fault != "":
		return "a fault: " + n.Fault
	case n.Diverges >= 0:
		return fmt.Sprintf("differs from token %d", n.Diverges)
	case len(v.About) > 0:
		return fmt.Sprintf("the same for %d tokens", v.About[0].Greedy)
	}
	return "the same"
}

// layers plots errors by layer, one line for each setup.
func (v *view) layers(pack bool) plot.Chart {
	c := plot.Chart{Title: "Error by layer", X: plot.Axis{Title: "layer"},
		Y: plot.Axis{Title: "rms error / σ", Log: true}}
	for _, setup := range v.setups {
		line := plot.Series{Name: v.label(setup), Line: true, Style: slices.Index(v.setups, setup)}
		for _, l := range v.Layers {
			if l.Setup != setup || packing(results.Numerics{Against: l.Against}) != pack {
				continue
			}
			line.Points = append(line.Points, plot.Point{X: float64(l.Layer), Y: float64(l.RMS),
				Note: fmt.Sprintf("%s, layer %d: %s", line.Name, l.Layer, small(l.RMS))})
		}
		if len(line.Points) > 0 {
			c.Series = append(c.Series, line)
		}
	}
	return c
}

// kl has a bar for each setup.
func (v *view) kl() plot.Bars {
	b := plot.Bars{Title: "Divergence of predictions", Axis: plot.Axis{Title: "KL, nats per token", Log: true,
		Ticks: nil}, Dots: true}
	for _, n := range v.Numerics {
		name := v.label(n.Setup)
		if packing(n) {
			name = "packing, " + n.Type
		}
		k := float64(n.KL)
		if k == 0 {
			k = math.NaN()
		}
		b.Bars = append(b.Bars, plot.Bar{Label: name, Value: k, Low: k, High: k, Style: max(0, slices.Index(v.setups,
			n.Setup)),
			Text: small(n.KL) + ", " + percent(float64(n.Top1)), Note: name})
	}
	return b
}
