// Package clock measures what takes a few milliseconds or less. The clock of package time, which Windows moves on every
// half millisecond to every 16, finds that it took nothing.
package clock

import "time"

// A Time is a moment, since one that is the same for the whole process.
type Time time.Duration

// Sub returns what went by from u to t.
func (t Time) Sub(u Time) time.Duration { return time.Duration(t - u) }

// Since returns what has gone by since t.
func Since(t Time) time.Duration { return Now().Sub(t) }
