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
// the wide ones, and laws. Several may be open at once. With -short a part of
// the cases runs, in which is every kind, and of every kind each precision and
// each type of weight.
//
//	func TestConformance(t *testing.T) {
//		backendtest.Run(t, func() (backend.Backend, error) { return backend.Open("mine", backend.Options{}) })
//	}
func Run[X T[X]](t X, open func() (backend.Backend, error)) {
	which := whole
	if inShort() {
		which = short
	}
	run(t, open, which)
}

// inShort reports whether tests run with -short.
func inShort() bool {
	f := flag.Lookup("test.short")
	return f != nil && f.Value.String() == "true"
}

// RunFew is Run with one case of every kind: for another way to open a device
// that Run has tested.
func RunFew[X T[X]](t X, open func() (backend.Backend, error)) {
	run(t, open, func(cases []Case) []Case { return cases[:1] })
}

// RunStates runs a case of each type of states in each primitive that has states, none of
// which may be refused: for drivers that take them all.
func RunStates[X T[X]](t X, b backend.Backend) {
	ref, err := backend.Open("ref", backend.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ref.Close() })
	had := map[[2]any]bool{}
	for _, c := range Cases() {
		key := [2]any{c.Kind, c.state}
		if primitive := c.typ == 0; c.state == 0 || !primitive || had[key] {
			continue
		}
		had[key] = true
		if r := c.Run(b, ref); r.Status != Pass {
			t.Errorf("%s: %s: %v", c.Name, r.Status, r.Err)
		}
	}
	if len(had) != 4 {
		t.Errorf("%d cases ran, want 4", len(had))
	}
}

func whole(cases []Case) []Case { return cases }

// kinds returns the kinds in the table's order, and the cases of each but the
// wide ones.
func kinds() (list []backend.Kind, of map[backend.Kind][]Case) {
	of = map[backend.Kind][]Case{}
	for _, c := range Cases() {
		if c.Wide {
			continue
		}
		if of[c.Kind] == nil {
			list = append(list, c.Kind)
		}
		of[c.Kind] = append(of[c.Kind], c)
	}
	return list, of
}

// run runs the laws, and of the cases of every kind those that which returns.
func run[X T[X]](t X, open func() (backend.Backend, error), which func([]Case) []Case) {
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
	list, of := kinds()
	for _, kind := range list {
		t.Run(string(kind), func(t X) {
			cases, unsupported := which(of[kind]), 0
			for _, c := range cases {
				switch r := c.Run(b, ref); r.Status {
				case Fail:
					t.Errorf("%s: %v", c.Name, r.Err)
				case Unsupported:
					unsupported++
				}
			}
			if unsupported > 0 {
				t.Logf("%d of %d cases are not supported, as they may be", unsupported, len(cases))
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
