// Package clock measures what takes less than a millisecond. The clock of package time, which Windows moves on every
// half millisecond to every 16, finds that it took nothing.
package clock

import "time"

// A Time is a moment, since one that is the same for the whole process.
type Time time.Duration

// Since returns what has gone by since t.
func Since(t Time) time.Duration { return time.Duration(Now() - t) }
