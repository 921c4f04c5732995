//go:build cgo && !darwin

package vulkan

import (
	"fmt"
	"os"
	"strings"
)

// An appleReport is what docs/apple.md says of a chip.
type appleReport struct {
	chip
	kernels map[string]*compiled
	without []string // sources that this compiler has no instructions for
}

// spilling is how many kernels spill.
func (r *appleReport) spilling() (n int) {
	for _, x := range r.kernels {
		n += min(x.spilled, 1)
	}
	return n
}

func writeApple(path string, list []appleReport, driver string) error {
	var s strings.Builder
	fmt.Fprintf(&s, "%s", driver)
	return os.WriteFile(path, []byte(s.String()), 0o644)
}
