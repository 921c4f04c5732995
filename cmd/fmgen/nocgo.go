//go:build !cgo

package main

// cgo says that C is part of the program: vector kernels and Vulkan.
const cgo = false
