//go:build cgo && !darwin

package vulkan

// A scratch is memory for what operations keep between their dispatches. The
// queue runs one plan at a time, so all plans share the device's largest; a
// plan compiled before it grew keeps the one that it was recorded with. It goes
// with the last plan that uses it.
type scratch struct {
	buf   *buffer
	plans int // that are recorded with it
}

// useScratch returns a scratch of at least n bytes, nil for none.
func (d *device) useScratch(n int64) (*scratch, error) {
	if n == 0 {
		return nil, nil
	}
	if d.scratch == nil || d.scratch.buf.size < n {
		b, err := d.newBuffer(n, onDevice)
		if err != nil {
			return nil, err
		}
		b.count()
		d.scratch = &scratch{buf: b}
	}
	d.scratch.plans++
	return d.scratch, nil
}

// leaveScratch is called when a plan that was recorded with s is freed.
func (d *device) leaveScratch(s *scratch) {
	if s == nil {
		return
	}
	if s.plans--; s.plans > 0 {
		return
	}
	s.buf.free()
	if d.scratch == s {
		d.scratch = nil
	}
}
