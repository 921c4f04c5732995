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
		if b.number != 0 {
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
