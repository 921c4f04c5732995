//go:build cgo && !darwin

package vulkan

// A program that draws on the queue that a backend is attached to waits, with
// each frame, for what the backend submitted before it. Handles.Slice bounds
// that: plans are divided into pieces of a quarter of it, and a piece goes into the queue only when
// those before it have left room in half of it. The other half is for runs that take longer than the
// last. The wait is the host's, in Submit, which then returns with its last piece; the device goes from
// one piece to the next.

// A piece is one submission in the queue.
type piece struct {
	ticket  uint64
	seconds float64 // that it may take
}

// pace waits until the queue may take a piece that lasts seconds, which is
// submitted next, with the next ticket.
func (d *device) pace(seconds float64) error {
	if d.slice == 0 {
		return nil
	}
	if _, err := d.idle(); err != nil {
		return err
	}
	sum := seconds
	for _, p := range d.ahead {
		if p.ticket > d.reached {
			sum += p.seconds
		}
	}
	for len(d.ahead) > 0 && (d.ahead[0].ticket <= d.reached || sum > d.slice) {
		p := d.ahead[0]
		if p.ticket > d.reached {
			if err := d.await(p.ticket); err != nil {
				return err
			}
			sum -= p.seconds
		}
		d.ahead = d.ahead[1:]
	}
	d.ahead = append(d.ahead, piece{d.last + 1, seconds})
	return nil
}
