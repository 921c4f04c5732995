package procmem

import (
	"bytes"
	"os"
	"strconv"
)

// Read returns what the process holds now; ok is false where the system does
// not say.
func Read() (r Reading, ok bool) {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return r, false
	}
	return parse(text)
}

// parse reads proc_pid_status(5). RssShmem counts as private: shared memory
// without a file is what GPU drivers on the processor allocate.
func parse(text []byte) (r Reading, ok bool) {
	found := 0
	for line := range bytes.Lines(text) {
		name, value, _ := bytes.Cut(line, []byte(":"))
		var to *int64
		switch string(name) {
		case "VmRSS":
			to = &r.Resident
		case "VmHWM":
			to = &r.Peak
		case "RssAnon", "RssShmem":
			to = &r.Private
		default:
			continue
		}
		fields := bytes.Fields(value)
		if len(fields) != 2 || string(fields[1]) != "kB" {
			return r, false
		}
		kb, err := strconv.ParseInt(string(fields[0]), 10, 64)
		if err != nil {
			return r, false
		}
		*to += kb << 10
		found++
	}
	return r, found == 4
}
