package verify

import (
	"slices"

	"falconmamba/backend"
	"falconmamba/checkpoint"
)

// referenceCost bounds the multiplications of ref where nobody asked for it by name: half a
// minute, at about 1.5·10⁸ in a second.
const referenceCost = 5e9

// SmallFor reports whether a model is small enough for ref to read that number of tokens in seconds
// and not minutes.
func SmallFor(c *checkpoint.Config, tokens int) bool {
	return float64(c.Parameters())*float64(tokens) <= referenceCost
}

// Reference names the backend that others are compared with over a text
// of that number of tokens: ref, or cpu where ref would take minutes.
func Reference(c *checkpoint.Config, tokens int) string {
	if !SmallFor(c, tokens) && slices.Contains(backend.Drivers(), "cpu") {
		return "cpu"
	}
	return "ref"
}

func openReference(c *checkpoint.Config, tokens int) (backend.Backend, error) {
	return backend.Open(Reference(c, tokens), backend.Options{})
}
