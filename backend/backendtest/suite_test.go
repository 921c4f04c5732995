package backendtest

import (
	"testing"

	"falconmamba/backend"
)

func openRef() (backend.Backend, error) { return backend.Open("ref", backend.Options{}) }

func TestReference(t *testing.T) { Run(t, openRef) }
