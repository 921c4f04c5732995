package backendtest

import (
	"testing"

	"falconmamba/backend"
)

// Every kind is held to batch invariance, but those that draw.
func TestInvariants(t *testing.T) {
	has := map[backend.Kind]bool{backend.KindBias: true, backend.KindSample: true, backend.KindLogProbs: true,
		backend.KindAdvance: true}
	for _, o := range invariants {
		has[o.kind] = true
	}
	list, _ := kinds()
	for _, k := range list {
		if !has[k] {
			t.Errorf("%s is not among the operations that are held to batch invariance", k)
		}
	}
}

// What depends on a row's company is found, though it is the last bit.
func TestInvarianceIsHeld(t *testing.T) {
	lastBit := func(t backend.Tensor) {
		all := words(t)
		for i := range all {
			all[i] = nextUp(all[i])
		}
		poke(t, 0, all)
	}
	for _, m := range []*mutant{
		{name: "many rows are summed otherwise", op: on(func(m *mutant, o backend.MatMul) error {
			return m.then(o, func(w backend.Tensor) {
				if w.Rows >= 16 {
					lastBit(w)
				}
			})
		})},
		{name: "fewer live rows than there is room for are summed otherwise",
			op: on(func(m *mutant, o backend.MatMul) error {
				return m.then(o, func(w backend.Tensor) {
					if int(words(o.Live)[0]) < w.Rows {
						lastBit(w)
					}
				})
			})},
		{name: "the last of many rows is summed otherwise", op: on(func(m *mutant, o backend.RMSNorm) error {
			return m.then(o, func(w backend.Tensor) {
				if w.Rows > 65 {
					lastBit(w.RowRange(w.Rows-1, w.Rows))
				}
			})
		})},
		{name: "a long chunk's states are otherwise", op: on(func(m *mutant, o backend.SelectiveScan) error {
			err := m.do(o)
			for _, q := range sequencesOf(o.Batch, o.Dst.Rows, o.State.Rows) {
				if q.Rows > 10 {
					lastBit(o.State.RowRange(q.To, q.To+1))
				}
			}
			return err
		})},
	} {
		t.Run(m.name, func(t *testing.T) {
			b, err := m.born()
			if err != nil {
				t.Fatal(err)
			}
			k := newKit(b)
			k.short = true
			rowsAlone(k)
			if err := k.done(); err != nil {
				t.Log(err)
			} else {
				t.Error("it is not found")
			}
		})
	}
}
