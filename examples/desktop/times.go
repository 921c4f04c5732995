package main

import (
	"fmt"
	"slices"
	"time"
)

// Times are durations to sum up at the end.
type times []time.Duration

// String gives their median, 99th percentile and maximum.
func (t times) String() string {
	if len(t) == 0 {
		return "none"
	}
	s := slices.Sorted(slices.Values(t))
	at := func(q float64) string { return fmt.Sprintf("%.1f ms", 1e3*s[int(q*float64(len(s)-1))].Seconds()) }
	return fmt.Sprintf("median %s, p99 %s, max %s", at(0.5), at(0.99), at(1))
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// above counts those that are longer than d.
func (t times) above(d time.Duration) (n int) {
	for _, x := range t {
		if x > d {
			n++
		}
	}
	return n
}
