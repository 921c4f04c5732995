package verify

import (
	"context"
	"fmt"
	"math"

	"falconmamba"
)

// A Trace is the output of a model for a text, to be compared with another device's.
type Trace struct {
	Logits [][]float32 // a row for each token of the text: [L][V]
	Greedy []int32     // the tokens that follow greedily
	Hidden [][]float32 // of each layer and then of the final norm, where they were asked for: [N+1][L·H]
}

// NewTrace reads ids and writes n tokens on from them, greedily. The hidden states of every layer are held in memory
// whole, and only with hidden.
func NewTrace(ctx context.Context, m *falconmamba.Model, ids []int32, n int, hidden bool) (*Trace, error) {
	s, err := m.NewSession()
	if err != nil {
		return nil, err
	}
	defer s.Close()
	out, err := s.Forward(ctx, ids, falconmamba.ForwardOptions{AllLogits: true, Hidden: hidden})
	if err != nil {
		return nil, err
	}
	t := &Trace{Logits: out.Logits, Hidden: out.Hidden}
	t.Greedy, err = greedy(ctx, m, ids, n)
	return t, err
}

// Numerics say how far one trace is from another.
type Numerics struct {
	Max, Mean float64 // of the logits' errors, |e|/(1+|x|)
	RMS       float64 // root mean square error over the logits' standard deviation
	KL        float64 // mean over the tokens of the text, in nats
	Top1      float64 // part of the tokens with the same most probable successor
	Diverge   int     // the first greedy token that differs, −1 for none
	Fault     string  // a logit that is infinite or not a number
}

// CompareTraces measures got against want. Both are of the same text.
func CompareTraces(got, want *Trace) (Numerics, error) {
	if len(got.Logits) != len(want.Logits) || len(want.Logits) == 0 {
		return Numerics{}, fmt.Errorf("traces of %d and %d tokens: want as many", len(got.Logits), len(want.Logits))
	}
	n := Numerics{Diverge: FirstDifference(got.Greedy, want.Greedy)}
	rows := float64(len(want.Logits))
	var spread moments
	for i, w := range want.Logits {
		g := got.Logits[i]
		if len(g) != len(w) {
			return Numerics{}, fmt.Errorf("traces of %d and %d logits a row: want as many", len(g), len(w))
		}
		e := Compare(g, w)
		n.Max = max(n.Max, e.Max)
		n.Mean += e.Mean / rows
		n.KL += KL(g, w) / rows
		spread.add(g, w)
		if a, _ := Argmax(g); true {
			if b, _ := Argmax(w); a == b {
				n.Top1 += 1 / rows
			}
		}
		if n.Fault == "" && e.Fault != "" {
			n.Fault = fmt.Sprintf("row %d, token %d: %s", i, e.At, e.Fault)
		}
	}
	n.RMS = spread.ratio()
	return n, nil
}

// CompareLayers returns the root mean square error of each layer's hidden states in got over the standard deviation of
// those in want, and of the final norm's behind them. A state that is not a number makes its layer's NaN.
func CompareLayers(got, want *Trace) ([]float64, error) {
	if len(got.Hidden) != len(want.Hidden) {
		return nil, fmt.Errorf("traces of %d and %d layers: want as many", len(got.Hidden), len(want.Hidden))
	}
	var errs []float64
	for i, w := range want.Hidden {
		if len(got.Hidden[i]) != len(w) {
			return nil, fmt.Errorf("layer %d has %d and %d values: want as many", i, len(got.Hidden[i]), len(w))
		}
		var m moments
		m.add(got.Hidden[i], w)
		errs = append(errs, m.ratio())
	}
	return errs, nil
}

// moments are sums over values and their errors.
type moments struct{ n, x, xx, ee float64 }

func (m *moments) add(got, want []float32) {
	for i, w := range want {
		x, e := float64(w), float64(got[i])-float64(w)
		m.n, m.x, m.xx, m.ee = m.n+1, m.x+x, m.xx+x*x, m.ee+e*e
	}
}

// ratio returns the root mean square error over the standard deviation.
func (m *moments) ratio() float64 {
	if m.ee == 0 {
		return 0
	}
	return math.Sqrt(m.ee / (m.xx - m.x*m.x/m.n))
}
