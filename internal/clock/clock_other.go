//go:build !windows

package clock

import "time"

var first = time.Now()

// Now returns the moment.
func Now() Time { return Time(time.Since(first)) }
