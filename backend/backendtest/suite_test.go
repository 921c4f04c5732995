package backendtest

import (
	"slices"
	"testing"

	"falconmamba/backend"
)

func openRef() (backend.Backend, error) { return backend.Open("ref", backend.Options{}) }

// What the cases call a ragged pass is one.
func TestBatchesAreSound(t *testing.T) {
	for _, b := range batches {
		seqs, heads, err := backend.DecodeBatch(b.encode(3))
		if b.number != 0 || b.deaf { // what a deaf one asks for has no room
			if err == nil {
				t.Errorf("%s: a batch that lies is believed", b.name)
			}
			continue
		}
		if err != nil || heads != 3 || !slices.Equal(seqs, b.seqs) {
			t.Errorf("%s: %+v with %d heads, %v; want %+v with 3", b.name, seqs, heads, err, b.seqs)
		}
	}
}

func TestReference(t *testing.T) { Run(t, openRef) }

// States count with the bytes that they are stored in, read and written.
func TestCostOfStates(t *testing.T) {
	ref, err := openRef()
	if err != nil {
		t.Fatal(err)
	}
	defer ref.Close()
	bytes := map[backend.DType]int64{}
	for _, typ := range []backend.DType{backend.F32, backend.F16, backend.BF16} {
		f := newFixture(ref, "cost", false)
		op := scanCase("cost", batchNamed("decode"), 8, 16, usualDT, scanOf{state: typ}).build(f)
		bytes[typ], _ = Cost(op)
		if err := f.close(); err != nil {
			t.Fatal(err)
		}
	}
	slots := int64(batchNamed("decode").slots())
	if saved := 2 * slots * 8 * 16 * 2; bytes[backend.F16] != bytes[backend.F32]-saved ||
		bytes[backend.BF16] != bytes[backend.F16] {
		t.Errorf("bytes are %v, want %d less in 16 bits", bytes, saved)
	}
}
