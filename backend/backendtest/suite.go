package backendtest

import (
	"flag"

	"falconmamba/backend"
	_ "falconmamba/backend/cpu" // the reference
)

// A T is what Run needs of *testing.T, so that programs that print the cases do
// not link package testing.
type T[X any] interface {
	Run(name string, f func(t X)) bool
	Cleanup(f func())
	Logf(format string, args ...any)
	Error(args ...any)
	Errorf(format string, args ...any)
	Fatal(args ...any)
}

// Run runs the conformance suite over the backends that open returns: cases but
// the wide ones, and laws. Several may be open at once. With -short every fifth
// case of a kind runs: what the race detector needs.
//
//	func TestConformance(t *testing.T) {
//		backendtest.Run(t, func() (backend.Backend, error) { return backend.Open("mine", backend.Options{}) })
//	}
func Run[X T[X]](t X, open func() (backend.Backend, error)) {
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
		if c.Wide {
			continue
		}
		if byKind[c.Kind] == nil {
			kinds = append(kinds, c.Kind)
		}
		byKind[c.Kind] = append(byKind[c.Kind], c)
	}
	step := 1
	if short := flag.Lookup("test.short"); short != nil && short.Value.String() == "true" {
		step = 5
	}
	for _, kind := range kinds {
		t.Run(string(kind), func(t X) {
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
	t.Run("laws", func(t X) {
		for _, l := range Laws() {
			if err := l.Run(b, open); err != nil {
				t.Errorf("%s: %v", l.Name, err)
			}
		}
	})
}
