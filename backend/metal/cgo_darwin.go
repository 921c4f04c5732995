//go:build cgo

package metal

// #cgo LDFLAGS: -framework Foundation -framework Metal
// #cgo CFLAGS: -mmacosx-version-min=13.0
import "C"
