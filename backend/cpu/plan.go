package cpu

import (
	"context"
	"fmt"

	"falconmamba/backend"
	"falconmamba/internal/clock"
)

// A plan is a list of steps that run one after another: what the steps share
// needs no other order.
type plan struct {
	host   *host
	name   string
	ops    []backend.Op
	steps  []func() error // one per op
	uses   []opener       // buffers and weights, each once
	free   func()         // gives back what the driver took for the plan, or nil
	closed bool           // under the queue's lock

	task, allow func() error // run and open, made once: a method value allocates
}

// An opener is a buffer or a weight of this package.
type opener interface {
	open() error // under the queue's lock: nil, or ErrClosed
	owner() *host
}

func (b *buffer) owner() *host { return b.host }

// compile makes a plan of ops; step makes an operation's function, after its
// operands were found to be this host's.
func (h *host) compile(name string, ops []backend.Op, step func(backend.Op) (func() error, error)) (*plan, error) {
	if h.queue.isClosed() {
		return nil, h.fail("Compile "+name, backend.ErrClosed)
	}
	p := &plan{host: h, name: name, ops: append([]backend.Op(nil), ops...)}
	p.task, p.allow = p.run, p.open
	seen := map[opener]bool{}
	for i, op := range ops {
		run, err := h.compileOp(op, step, seen)
		if err != nil {
			return nil, h.fail("Compile "+name, fmt.Errorf("operation %d: %w", i, err))
		}
		p.steps = append(p.steps, run)
	}
	for use := range seen {
		p.uses = append(p.uses, use)
	}
	return p, nil
}

func (h *host) compileOp(op backend.Op, step func(backend.Op) (func() error, error),
	seen map[opener]bool) (func() error, error) {
	if op == nil {
		return nil, fmt.Errorf("is nil")
	}
	if err := op.Check(); err != nil {
		return nil, err
	}
	reads, writes, weights := op.Operands()
	for _, w := range writes {
		if b, ok := w.Buf.(*buffer); ok && b.imported {
			return nil, fmt.Errorf("%s: writes to an imported buffer", op.Kind())
		}
	}
	var operands []any
	for _, t := range append(reads, writes...) {
		operands = append(operands, t.Buf)
	}
	for _, w := range weights {
		operands = append(operands, w)
	}
	for _, o := range operands {
		use, ok := o.(opener)
		if !ok || use.owner() != h {
			return nil, fmt.Errorf("%s: an operand is another backend's", op.Kind())
		}
		h.queue.mu.Lock()
		err := use.open()
		h.queue.mu.Unlock()
		if err != nil {
			return nil, fmt.Errorf("%s: an operand: %w", op.Kind(), err)
		}
		seen[use] = true
	}
	return step(op)
}

// open is a queue's allow: it refuses a plan whose parts are gone.
func (p *plan) open() error {
	if p.closed {
		return backend.ErrClosed
	}
	for _, use := range p.uses {
		if err := use.open(); err != nil {
			return fmt.Errorf("an operand: %w", err)
		}
	}
	return nil
}

func (p *plan) Submit() (backend.Ticket, error) {
	t, err := p.host.queue.put(p.task, p.allow)
	if err != nil {
		return 0, p.host.fail("Submit "+p.name, err)
	}
	return t, nil
}

func (p *plan) run() error {
	for i, step := range p.steps {
		if err := step(); err != nil {
			return p.stepError(i, err)
		}
	}
	return nil
}

func (p *plan) stepError(i int, err error) error {
	return fmt.Errorf("plan %s: operation %d: %s: %w", p.name, i, p.ops[i].Kind(), err)
}

// Close waits for the plan's runs, where there is scratch to give back.
func (p *plan) Close() error {
	q := p.host.queue
	q.mu.Lock()
	again := p.closed
	p.closed = true
	q.mu.Unlock()
	if again || p.free == nil {
		return nil
	}
	q.drain()
	p.free()
	return nil
}

// Profile implements backend.Profiler.
func (h *host) Profile(ctx context.Context, of backend.Plan) ([]backend.OpTime, error) {
	p, ok := of.(*plan)
	if !ok || p.host != h {
		return nil, fmt.Errorf("%s: Profile: the plan is another backend's", h.name)
	}
	times := make([]backend.OpTime, len(p.ops))
	t, err := h.queue.put(func() error {
		for i, step := range p.steps {
			start := clock.Now()
			if err := step(); err != nil {
				return p.stepError(i, err)
			}
			times[i] = backend.OpTime{Op: p.ops[i], Kernels: []string{string(p.ops[i].Kind())},
				Seconds: clock.Since(start).Seconds()}
		}
		return nil
	}, p.open)
	if err == nil {
		err = h.queue.wait(ctx, t)
	}
	if err != nil {
		return nil, h.fail("Profile "+p.name, err)
	}
	return times, nil
}
