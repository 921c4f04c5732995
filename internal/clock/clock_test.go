package clock

import "testing"

// The clock moves on often enough to measure what takes a tenth of a millisecond, and never back.
func TestSteps(t *testing.T) {
	const fine = 100_000 // nanoseconds
	least := Time(1 << 62)
	last := Now()
	for range 100 {
		now := Now()
		for ; now == last; now = Now() {
		}
		if now < last {
			t.Fatalf("from %d to %d", last, now)
		}
		least, last = min(least, now-last), now
	}
	if least > fine {
		t.Errorf("the smallest of 100 steps takes %d ns, want at most %d", least, fine)
	}
}
