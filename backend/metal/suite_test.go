//go:build cgo && (darwin || metalfake)

package metal

import (
	"testing"

	"falconmamba/backend"
	"falconmamba/backend/backendtest"
)

func TestConformance(t *testing.T) {
	backendtest.Run(t, func() (backend.Backend, error) { return backend.Open("metal", backend.Options{}) })
}
