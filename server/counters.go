package server

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"falconmamba"
	"falconmamba/engine"
)

// counters count what the engine's own statistics do not have.
type counters struct {
	unshared atomic.Uint64 // times that the store of responses failed

	mu       sync.Mutex
	requests map[answered]uint64
	reasons  map[string]uint64 // texts by finish_reason
	took     engine.Histogram  // seconds that requests took which wrote
}

// answered is what requests are counted by.
type answered struct {
	path   string
	status int
}

func newCounters() *counters {
	c := &counters{requests: map[answered]uint64{}, reasons: map[string]uint64{}}
	for b := 0.01; b < 1000; b *= 2 {
		c.took.Bounds = append(c.took.Bounds, b)
	}
	c.took.Counts = make([]uint64, len(c.took.Bounds)+1)
	return c
}

// request counts a request, and how long it took where it wrote.
func (c *counters) request(path string, status int, took time.Duration, wrote bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests[answered{path, status}]++
	if wrote {
		i, _ := slices.BinarySearch(c.took.Bounds, took.Seconds())
		c.took.Counts[i]++
		c.took.Sum += took.Seconds()
	}
}

// ended counts a text that came to its end.
func (c *counters) ended(why falconmamba.StopReason) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reasons[*reason(why)]++
}
