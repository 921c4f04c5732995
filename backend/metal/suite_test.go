//go:build cgo && (darwin || metalfake)

package metal

import (
	"os"
	"slices"
	"strings"
	"testing"

	"falconmamba/backend"
	"falconmamba/backend/backendtest"
)

// openTest opens the device for a test, which is skipped where there is none,
// unless FM_TEST_REQUIRE names metal.
func openTest(t *testing.T) *device {
	t.Helper()
	b, err := backend.Open("metal", backend.Options{})
	if err != nil && !slices.Contains(strings.Split(os.Getenv("FM_TEST_REQUIRE"), ","), "metal") {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b.(*device)
}

func TestConformance(t *testing.T) {
	openTest(t)
	backendtest.Run(t, func() (backend.Backend, error) { return backend.Open("metal", backend.Options{}) })
}

// All types of states are kept.
func TestStates(t *testing.T) { backendtest.RunStates(t, openTest(t)) }

func TestBatchInvariance(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves it out: the stand-in takes minutes")
	}
	openTest(t)
	backendtest.RunInvariance(t, func() (backend.Backend, error) {
		return backend.Open("metal", backend.Options{BatchInvariant: true})
	}, false)
}
