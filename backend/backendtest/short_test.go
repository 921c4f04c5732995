package backendtest

import (
	"testing"

	"falconmamba/backend"
)

// -short leaves out no kind, no type of weight of a kind, and no precision.
func TestShort(t *testing.T) {
	type pair struct {
		kind backend.Kind
		has  any
	}
	type states struct{ typ backend.DType }
	type keeps bool
	wanted, found, all, few := map[pair]bool{}, map[pair]bool{}, 0, 0
	list, of := kinds()
	for _, k := range list {
		part := short(of[k])
		all, few = all+len(of[k]), few+len(part)
		for _, c := range of[k] {
			wanted[pair{k, c.typ}], wanted[pair{k, c.Precision}], wanted[pair{k, c.rows >= prefillRows}] = true, true, true
			wanted[pair{k, states{c.state}}], wanted[pair{k, keeps(c.keeps)}] = true, true
		}
		for _, c := range part {
			found[pair{k, c.typ}], found[pair{k, c.Precision}], found[pair{k, c.rows >= prefillRows}] = true, true, true
			found[pair{k, states{c.state}}], found[pair{k, keeps(c.keeps)}] = true, true
		}
	}
	for p := range wanted {
		if !found[p] {
			t.Errorf("-short has no %s of %v", p.kind, p.has)
		}
	}
	t.Logf("%d of %d cases", few, all)
}
