//go:build cgo && metalfake

package metal

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"falconmamba/backend/metal/internal/fakemetal"
)

// The fake can run a program in several ways that Metal allows.
var (
	order = flag.String("order", "forward", "order in which threads run: forward, reverse or random")
	eager = flag.Bool("eager", false, "run work when it is committed, not when it is waited for")
)

// settings are those of the flags.
func settings() fakemetal.Settings {
	s := fakemetal.Defaults()
	for _, o := range fakemetal.Orders {
		if o.String() == *order {
			s.Order = o
		}
	}
	s.Lazy, s.Seed = !*eager, 1
	return s
}

// set changes how the devices of a test behave.
func set(t *testing.T, change func(*fakemetal.Settings)) {
	t.Helper()
	s := settings()
	change(&s)
	fakemetal.Set(s)
	t.Cleanup(func() { fakemetal.Set(settings()) })
}

// TestMain wants no fault in all that ran, and nothing left over.
func TestMain(m *testing.M) {
	flag.Parse()
	fakemetal.Set(settings())
	code := m.Run()
	for _, f := range fakemetal.Faults() {
		fmt.Println("fakemetal:", f)
		code = 1
	}
	if left := fakemetal.LeftOver(); left != "" {
		fmt.Println("fakemetal: left over:", left)
		code = 1
	}
	os.Exit(code)
}
