package backendtest

import (
	"testing"

	"falconmamba/backend"
	_ "falconmamba/backend/cpu" // the reference
)

// Run runs the conformance suite over the backends that open returns: cases but
// the wide ones, and laws. Several may be open at once. With -short every fifth
// case of a kind runs: what the race detector needs.
//
//	func TestConformance(t *testing.T) {
//		backendtest.Run(t, func() (backend.Backend, error) { return backend.Open("mine", backend.Options{}) })
//	}
func Run(t *testing.T, open func() (backend.Backend, error)) { run(t, open, false) }

// RunWide is Run with the cases of the 7B's widths: gigabytes of weights, and
// minutes of the reference's time.
func RunWide(t *testing.T, open func() (backend.Backend, error)) { run(t, open, true) }

func run(t *testing.T, open func() (backend.Backend, error), wide bool) {
	b, err := open()
	if err != nil {
		t.Fatal(err)
	}
	ref, err := backend.Open("ref", backend.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, b := range []backend.Backend{b, ref} {
			if s := b.Stats(); s.Live != 0 || s.Imported != 0 {
				t.Errorf("%s: %d bytes live and %d imported when all is closed", b.Info().Name, s.Live, s.Imported)
			}
			if err := b.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	byKind := map[backend.Kind][]Case{}
	var kinds []backend.Kind
	for _, c := range Cases() {
		if c.Wide && !wide {
			continue
		}
		if byKind[c.Kind] == nil {
			kinds = append(kinds, c.Kind)
		}
		byKind[c.Kind] = append(byKind[c.Kind], c)
	}
	step := 1
	if testing.Short() {
		step = 5
	}
	for _, kind := range kinds {
		t.Run(string(kind), func(t *testing.T) {
			unsupported := 0
			for i := 0; i < len(byKind[kind]); i += step {
				c := byKind[kind][i]
				switch r := c.Run(b, ref); r.Status {
				case Fail:
					t.Errorf("%s: %v", c.Name, r.Err)
				case Unsupported:
					unsupported++
				}
			}
			if unsupported > 0 {
				t.Logf("%d of %d cases are not supported, as they may be", unsupported, (len(byKind[kind])+step-1)/step)
			}
		})
	}
	t.Run("laws", func(t *testing.T) {
		for _, l := range Laws() {
			if err := l.Run(b, open); err != nil {
				t.Errorf("%s: %v", l.Name, err)
			}
		}
	})
}
