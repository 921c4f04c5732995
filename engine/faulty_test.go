package engine

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"

	"falconmamba/backend"
)

// errFault is what calls of a faulty device return that it was told to fail.
var errFault = errors.New("a fault")

// A faulty is a device that tells of calls, and can be made to fail one of them.
type faulty struct {
	backend.Backend
	mu      sync.Mutex
	calls   int                                // that may fail
	failAt  int                                // the call that fails, counted from 1; 0: none
	failed  string                             // what that was
	lose    bool                               // from that call on all fail, since the device is lost
	before  func(call string, at *faultBuffer) // called before each, where not nil
	buffers int                                // that are open
	live    int                                // bytes of these on the device
	room    int                                // for such bytes; 0: any
	plans   int                                // that are open
	submits int                                // plans that were submitted
	skips   int                                // the submission that is never run, which Wait says; 0: none
	nothing backend.Plan                       // that is run in its place
	skipped backend.Ticket                     // of it, until Wait has said so
}

// call counts a call, and returns an error where it is its turn.
func (f *faulty) call(name string, at *faultBuffer) error {
	if f.before != nil {
		f.before(name, at)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	if f.lose && f.failAt > 0 && f.calls >= f.failAt {
		return fmt.Errorf("%s: %w", name, backend.ErrDeviceLost)
	}
	if f.calls != f.failAt {
		return nil
	}
	f.failed = name
	if name == "Alloc" {
		return fmt.Errorf("%s, %w: %w", name, errFault, backend.ErrOutOfMemory)
	}
	return fmt.Errorf("%s: %w", name, errFault)
}

func (f *faulty) count(n *int, by int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	*n += by
}

type faultBuffer struct {
	backend.Buffer
	f      *faulty
	size   int // that counts as live
	closed sync.Once
}

func (f *faulty) Alloc(size int64, use backend.Usage) (backend.Buffer, error) {
	if err := f.call("Alloc", nil); err != nil {
		return nil, err
	}
	x := &faultBuffer{f: f}
	if use == backend.Device {
		x.size = int(size)
	}
	f.mu.Lock()
	full := f.room > 0 && f.live+x.size > f.room
	f.mu.Unlock()
	if full {
		return nil, fmt.Errorf("Alloc of %d bytes: %w", size, backend.ErrOutOfMemory)
	}
	b, err := f.Backend.Alloc(size, use)
	if err != nil {
		return nil, err
	}
	f.count(&f.buffers, 1)
	f.count(&f.live, x.size)
	x.Buffer = b
	return x, nil
}

func (f *faulty) NewWeight(desc backend.WeightDesc, src []byte) (backend.Weight, error) {
	if err := f.call("NewWeight", nil); err != nil {
		return nil, err
	}
	return f.Backend.NewWeight(desc, src)
}

func (b *faultBuffer) Upload(off int64, src []byte) error {
	if err := b.f.call("Upload", b); err != nil {
		return err
	}
	return b.Buffer.Upload(off, src)
}

func (b *faultBuffer) Download(off int64, dst []byte) error {
	if err := b.f.call("Download", b); err != nil {
		return err
	}
	return b.Buffer.Download(off, dst)
}

func (b *faultBuffer) Close() error {
	b.closed.Do(func() {
		b.f.count(&b.f.buffers, -1)
		b.f.count(&b.f.live, -b.size)
	})
	return b.Buffer.Close()
}

type faultPlan struct {
	backend.Plan
	f      *faulty
	closed sync.Once
}

// Compile gives the operations of the device's own buffers to it.
func (f *faulty) Compile(name string, ops []backend.Op) (backend.Plan, error) {
	if err := f.call("Compile", nil); err != nil {
		return nil, err
	}
	var own []backend.Op
	for _, op := range ops {
		v := reflect.New(reflect.TypeOf(op)).Elem()
		v.Set(reflect.ValueOf(op))
		for i := range v.NumField() {
			if t, ok := v.Field(i).Interface().(backend.Tensor); ok && !t.IsZero() {
				if b, ok := t.Buf.(*faultBuffer); ok {
					t.Buf = b.Buffer
				}
				v.Field(i).Set(reflect.ValueOf(t))
			}
		}
		own = append(own, v.Interface().(backend.Op))
	}
	p, err := f.Backend.Compile(name, own)
	if err != nil {
		return nil, err
	}
	f.count(&f.plans, 1)
	return &faultPlan{Plan: p, f: f}, nil
}

func (p *faultPlan) Submit() (backend.Ticket, error) {
	f := p.f
	if err := f.call("Submit", nil); err != nil {
		return 0, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.submits++
	if f.submits != f.skips {
		return p.Plan.Submit()
	}
	var err error
	f.skipped, err = f.nothing.Submit()
	return f.skipped, err
}

func (p *faultPlan) Close() error {
	p.closed.Do(func() { p.f.count(&p.f.plans, -1) })
	return p.Plan.Close()
}

// Wait fails for what is complete.
func (f *faulty) Wait(ctx context.Context, t backend.Ticket) error {
	if err := f.Backend.Wait(ctx, t); err != nil {
		return err
	}
	f.mu.Lock()
	skipped := f.skipped != 0 && t >= f.skipped
	if skipped {
		f.skipped = 0 // one is told
	}
	f.mu.Unlock()
	if skipped {
		return fmt.Errorf("Wait: %w", errFault)
	}
	return f.call("Wait", nil)
}
