package gpu

// A ScratchPool is memory, of a driver's type M, for what operations keep between
// their dispatches. A queue runs one plan at a time, so all plans share the
// largest; a plan that was compiled before it grew keeps the one that it has. A
// Scratch goes with the last plan that uses it.
type ScratchPool[M any] struct {
	Alloc func(bytes int64) (M, error)
	Free  func(M) // the device has done with it

	largest *Scratch[M]
}

// A Scratch is the memory that some plans share.
type Scratch[M any] struct {
	Memory M
	size   int64
	plans  int
}

// Take returns a Scratch of that number of bytes or more for a plan, nil for none.
func (p *ScratchPool[M]) Take(bytes int64) (*Scratch[M], error) {
	if bytes == 0 {
		return nil, nil
	}
	if p.largest == nil || p.largest.size < bytes {
		m, err := p.Alloc(bytes)
		if err != nil {
			return nil, err
		}
		p.largest = &Scratch[M]{Memory: m, size: bytes}
	}
	p.largest.plans++
	return p.largest, nil
}

// Release takes back what Take gave a plan.
func (p *ScratchPool[M]) Release(s *Scratch[M]) {
	if s == nil {
		return
	}
	if s.plans--; s.plans > 0 {
		return
	}
	p.Free(s.Memory)
	if p.largest == s {
		p.largest = nil
	}
}
