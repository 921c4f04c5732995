package gpu

import "falconmamba/backend"

// A HazardTracker decides where a list of dispatches needs barriers: before a
// dispatch that reads what an earlier one wrote, or writes what an earlier one
// read or wrote, unless a barrier already stands between them. Ranges are the
// rectangles of backend.Tensor, so that the halves of one matrix do not conflict.
// Its zero value has seen no dispatch.
type HazardTracker struct {
	reads, writes []backend.Tensor // since the last barrier
}

// Next takes the operands of the next dispatch and reports whether a barrier
// must stand before it.
func (t *HazardTracker) Next(reads, writes []backend.Tensor) bool {
	barrier := t.meet(reads, t.writes) || t.meet(writes, t.writes) || t.meet(writes, t.reads)
	if barrier {
		t.Barrier()
	}
	t.reads = append(t.reads, reads...)
	t.writes = append(t.writes, writes...)
	return barrier
}

// Barrier tells the tracker that a barrier stands here.
func (t *HazardTracker) Barrier() { t.reads, t.writes = t.reads[:0], t.writes[:0] }

func (t *HazardTracker) meet(a, b []backend.Tensor) bool {
	for _, x := range a {
		for _, y := range b {
			if x.Overlaps(y) {
				return true
			}
		}
	}
	return false
}
