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

// require skips a test where no device can be opened, unless FM_TEST_REQUIRE
// names metal.
func require(t *testing.T) {
	t.Helper()
	d, err := backend.Open("metal", backend.Options{})
	if err == nil {
		err = d.Close()
	}
	if err != nil && !slices.Contains(strings.Split(os.Getenv("FM_TEST_REQUIRE"), ","), "metal") {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestConformance(t *testing.T) {
	require(t)
	backendtest.Run(t, func() (backend.Backend, error) { return backend.Open("metal", backend.Options{}) })
}
