package vulkan

import "sort"

// An arena hands out ranges of a block of device memory, first fit.
type arena struct {
	free []extent // by offset, never adjacent
	size int64
}

// An extent is a range of bytes.
type extent struct{ off, size int64 }

func newArena(size int64) *arena {
	return &arena{free: []extent{{0, size}}, size: size}
}

// take returns the offset of size free bytes, a multiple of align (a power of
// two), or false.
func (a *arena) take(size, align int64) (int64, bool) {
	for i, f := range a.free {
		off := (f.off + align - 1) &^ (align - 1)
		if off+size > f.off+f.size {
			continue
		}
		before := extent{f.off, off - f.off}
		after := extent{off + size, f.off + f.size - off - size}
		var rest []extent
		for _, e := range []extent{before, after} {
			if e.size > 0 {
				rest = append(rest, e)
			}
		}
		a.free = append(a.free[:i], append(rest, a.free[i+1:]...)...)
		return off, true
	}
	return 0, false
}

// give returns what take handed out.
func (a *arena) give(off, size int64) {
	i := sort.Search(len(a.free), func(i int) bool { return a.free[i].off > off })
	a.free = append(a.free, extent{})
	copy(a.free[i+1:], a.free[i:])
	a.free[i] = extent{off, size}
	if i+1 < len(a.free) && off+size == a.free[i+1].off {
		a.free[i].size += a.free[i+1].size
		a.free = append(a.free[:i+1], a.free[i+2:]...)
	}
	if i > 0 && a.free[i-1].off+a.free[i-1].size == off {
		a.free[i-1].size += a.free[i].size
		a.free = append(a.free[:i], a.free[i+1:]...)
	}
}

// empty reports whether everything is free.
func (a *arena) empty() bool { return len(a.free) == 1 && a.free[0].size == a.size }
