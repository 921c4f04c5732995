//go:build cgo && !darwin

package vulkan

import (
	"flag"
	"testing"

	"falconmamba/backend"
	"falconmamba/backend/backendtest"
)

func TestConformance(t *testing.T) {
	openTest(t) // skips, or fails, where there is no device
	backendtest.Run(t, func() (backend.Backend, error) {
		b, err := driver{}.Open(0, backend.Options{})
		if err == nil {
			forTest(b)
		}
		return b, err
	})
}

// All types of states are kept.
func TestStates(t *testing.T) { backendtest.RunStates(t, openTest(t)) }

var everyRow = flag.Bool("every-row", false, "hold batch invariance for each number of rows up to 600")

func TestBatchInvariance(t *testing.T) {
	openTest(t)
	backendtest.RunInvariance(t, func() (backend.Backend, error) {
		b, err := driver{}.Open(0, backend.Options{BatchInvariant: true})
		if err == nil {
			forTest(b)
		}
		return b, err
	}, *everyRow)
}
