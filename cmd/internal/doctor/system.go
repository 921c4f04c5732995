package doctor

import (
	"os"
	"runtime"
	"strconv"
	"strings"
)

// Where Linux says what the machine does; elsewhere these are not there, and nothing is known.
var loadFile, governorFile = "/proc/loadavg", "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"

// load is how many programs want a core, for each core, over the last minute before this one; 0: not known.
func load() float64 {
	text, err := os.ReadFile(loadFile)
	first, _, _ := strings.Cut(string(text), " ")
	v, bad := strconv.ParseFloat(first, 64)
	if err != nil || bad != nil {
		return 0
	}
	return v / float64(runtime.NumCPU())
}

// governor is what sets the processor's clock; "": not known.
func governor() string {
	text, err := os.ReadFile(governorFile)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}
