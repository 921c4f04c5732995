//go:build !cgo

package backend

// lacks is what a build without C has not, the end of a sentence about its
// drivers.
const lacks = "; it was built without cgo, which drivers of GPUs need: build it where gcc is installed"
