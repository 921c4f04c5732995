//go:build metalfake

package misuse

import (
	"runtime"
	"strings"
	"testing"

	"falconmamba/backend/metal/internal/fakemetal"
)

// TestFaults wants every misuse noticed, and nothing where there is none, when
// work runs at once and when it runs as late as it can.
func TestFaults(t *testing.T) {
	runtime.LockOSThread() // of the autorelease pools
	defer runtime.UnlockOSThread()
	for _, lazy := range []bool{false, true} {
		s := fakemetal.Defaults()
		s.Lazy = lazy
		fakemetal.Set(s)
		had := fakemetal.LeftOver()
		for _, c := range Cases() {
			c.Run()
			faults := fakemetal.Faults()
			if left := fakemetal.LeftOver(); left != had {
				faults = append(faults, "left over: "+left)
				had = left
			}
			got := strings.Join(faults, "; ")
			switch {
			case c.Want == "" && got != "":
				t.Errorf("%s (lazy %t): %s, want no fault", c.Name, lazy, got)
			case !strings.Contains(got, c.Want) && !strings.HasPrefix(c.Want, "left over"):
				t.Errorf("%s (lazy %t): %q, want %q", c.Name, lazy, got, c.Want)
			case strings.HasPrefix(c.Want, "left over") && !strings.Contains(got, "MTLBuffer"):
				t.Errorf("%s (lazy %t): %q, want an MTLBuffer left over", c.Name, lazy, got)
			}
		}
	}
}
