//go:build !linux

package constrain

import "time"

var start = time.Now()

// threadTime is the time by the clock, where nothing else is known.
func threadTime() time.Duration { return time.Since(start) }
