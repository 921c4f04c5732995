package gpu

import (
	"testing"

	"pgregory.net/rapid"

	"falconmamba/backend"
)

// looked is a buffer that is only looked at.
type looked struct{ n int64 }

func (b *looked) Size() int64                  { return b.n }
func (b *looked) Upload(int64, []byte) error   { return nil }
func (b *looked) Download(int64, []byte) error { return nil }
func (b *looked) Bytes() []byte                { return nil }
func (b *looked) Close() error                 { return nil }

const pitch, height = 6, 5 // elements of a row, rows of a buffer

type step struct{ reads, writes []backend.Tensor }

func tensor(t *rapid.T, bufs []*looked) backend.Tensor {
	m := backend.Matrix(rapid.SampledFrom(bufs).Draw(t, "buffer"), 0, backend.F32, height, pitch)
	r := rapid.IntRange(0, height-1).Draw(t, "row")
	c := rapid.IntRange(0, pitch-1).Draw(t, "column")
	return m.RowRange(r, rapid.IntRange(r, height).Draw(t, "rows")).Columns(c,
		rapid.IntRange(c+1, pitch).Draw(t, "columns"))
}

// elements lists the looked of a view.
func elements(ts []backend.Tensor) map[[2]any]bool {
	set := map[[2]any]bool{}
	for _, t := range ts {
		for r := range t.Rows {
			for c := range t.Cols {
				set[[2]any{t.Buf, t.Off/4 + int64(r*t.Stride+c)}] = true
			}
		}
	}
	return set
}

func common(a, b map[[2]any]bool) bool {
	for x := range a {
		if b[x] {
			return true
		}
	}
	return false
}

// The naive model compares every dispatch with all since the last barrier, word
// by word. The tracker must have every barrier that the model has, and, where
// views have one pitch, no other.
func TestTrackerAgainstWords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bufs := []*looked{{4 * pitch * height}, {4 * pitch * height}}
		var tracker HazardTracker
		var since []step
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			var s step
			for range rapid.IntRange(0, 2).Draw(t, "reads") {
				s.reads = append(s.reads, tensor(t, bufs))
			}
			for range rapid.IntRange(1, 2).Draw(t, "writes") {
				s.writes = append(s.writes, tensor(t, bufs))
			}
			want := false
			r, w := elements(s.reads), elements(s.writes)
			for _, e := range since {
				er, ew := elements(e.reads), elements(e.writes)
				want = want || common(r, ew) || common(w, ew) || common(w, er)
			}
			got := tracker.Next(s.reads, s.writes)
			if want && !got {
				t.Fatalf("no barrier before %+v after %+v", s, since)
			}
			if got && !want && exact(s, since) {
				t.Fatalf("a barrier before %+v after %+v", s, since)
			}
			if got {
				since = nil
			}
			since = append(since, s)
		}
	})
}

// exact reports whether no view is a single row, which Overlaps compares by
// the bytes it spans.
func exact(s step, since []step) bool {
	for _, e := range append([]step{s}, since...) {
		for _, t := range append(append([]backend.Tensor{}, e.reads...), e.writes...) {
			if t.Rows == 1 {
				return false
			}
		}
	}
	return true
}

func TestHalvesDoNotConflict(t *testing.T) {
	m := backend.Matrix(&looked{4 * 12}, 0, backend.F32, 3, 4)
	var tracker HazardTracker
	if tracker.Next(nil, []backend.Tensor{m.Columns(0, 2)}) || tracker.Next(nil, []backend.Tensor{m.Columns(2, 4)}) {
		t.Error("a barrier between the halves of a matrix")
	}
	if !tracker.Next([]backend.Tensor{m}, nil) {
		t.Error("no barrier before the whole is read")
	}
	if tracker.Next([]backend.Tensor{m}, nil) {
		t.Error("a barrier between two reads")
	}
}
