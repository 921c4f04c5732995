// Package procmem says how much memory this process holds, as the system
// counts it.
package procmem

// A Reading is what the process held at one moment, in bytes.
type Reading struct {
	Resident int64 // in memory, of whatever kind
	Peak     int64 // the most that was ever resident
	Private  int64 // resident, on Windows committed, and backed by no file: mappings of files do not count
}
