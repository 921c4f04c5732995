//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly || windows)

package cpu

func mapPages(size int) ([]byte, error) { return make([]byte, size), nil }

func unmapPages([]byte) {}
