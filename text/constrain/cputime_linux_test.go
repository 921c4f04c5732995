package constrain

import (
	"time"

	"golang.org/x/sys/unix"
)

// threadTime is the processor's time of this thread, which other programs do not change.
func threadTime() time.Duration {
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t) != nil {
		return 0
	}
	return time.Duration(t.Nano())
}
