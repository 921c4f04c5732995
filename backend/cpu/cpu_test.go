package cpu_test

import (
	"fmt"
	"testing"

	"falconmamba/backend"
	"falconmamba/backend/backendtest"
)

func TestConformance(t *testing.T) {
	for _, threads := range []int{0, 1, 2, 3} {
		t.Run(fmt.Sprintf("threads=%d", threads), func(t *testing.T) {
			backendtest.Run(t, func() (backend.Backend, error) {
				return backend.Open("cpu", backend.Options{Threads: threads})
			})
		})
	}
}
