//go:build cgo && amd64 && amxfake

package simd

// #cgo CFLAGS: -DAMXFAKE
import "C"
