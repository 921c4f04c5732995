//go:build !linux && !windows

package procmem

// Read returns what the process holds now; ok is false where the system does
// not say.
func Read() (r Reading, ok bool) { return r, false }
