package server

import (
	"sync"

	"falconmamba"
)

// counters count what the engine's own statistics do not have.
type counters struct {
	mu       sync.Mutex
	requests map[answered]uint64
	reasons  map[falconmamba.StopReason]uint64
}

// answered is what requests are counted by.
type answered struct {
	path   string
	status int
}

func newCounters() *counters {
	return &counters{requests: map[answered]uint64{}, reasons: map[falconmamba.StopReason]uint64{}}
}

// request counts a request.
func (c *counters) request(path string, status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests[answered{path, status}]++
}

// ended counts a text that came to its end.
func (c *counters) ended(why falconmamba.StopReason) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reasons[why]++
}
