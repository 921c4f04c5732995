package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"

	"falconmamba/backend"
	"falconmamba/internal/words"
	"falconmamba/model"
)

// Options say how an engine runs. The zero value suits the device.
type Options struct {
	// Chunk is the most tokens that a pass reads at once; 0 takes what suits the
	// device. Memory does not depend on the length of a prompt, only on this.
	Chunk int

	// Ahead is how many steps are submitted ahead of the host; 0 takes what keeps
	// the device busy.
	Ahead int
}

// Validate refuses numbers that no pass takes.
func (o Options) Validate() error {
	if o.Chunk < 0 || o.Chunk > maxChunk {
		return fmt.Errorf("chunk of %d tokens: want 1 to %d", o.Chunk, maxChunk)
	}
	if o.Ahead < 0 {
		return fmt.Errorf("%d steps ahead of the host: want 1 or more", o.Ahead)
	}
	return nil
}

// An Engine runs one model on its device. It is safe for concurrent use; its
// runners and sequences are not.
type Engine struct {
	m     *model.Model
	b     backend.Backend
	chunk int // rows of a pass
	heads int // rows of logits of a pass
	ahead int // steps submitted ahead of the host

	use    sync.Mutex        // guards what follows, and is taken before mu
	idle   map[int][]*Runner // runners that no call uses, by their number of sequences
	closed bool

	// mu orders what runners submit: the upload of a pass's inputs and the run that
	// reads them, and it guards all below.
	mu        sync.Mutex
	pool      *slotPool
	runners   map[*Runner]bool
	block     *backend.Scratch // temporaries of a block, shared by all plans
	stream    *backend.Scratch // what lives through a pass, shared by all plans
	copySlot  backend.Plan
	copyIndex backend.Buffer // from, to: two words, each where a view may begin
}

// ErrClosed is what calls on a closed engine or sequence return.
var ErrClosed = errors.New("falconmamba: closed")

// maxChunk bounds the temporaries of a pass.
const maxChunk = 8192

// logitsBytes bounds the logits that a pass leaves for the host.
const logitsBytes = 128 << 20

// firstSlots is the size of a new state pool; it doubles as sequences come.
const firstSlots = 5

// New returns an engine for m. Whoever made m closes it, after the engine.
func New(m *model.Model, o Options) (*Engine, error) {
	b := m.Backend()
	info := b.Info()
	if err := o.Validate(); err != nil {
		return nil, err
	}
	e := &Engine{m: m, b: b,
		chunk: cmp.Or(o.Chunk, max(info.ChunkRows, 1)), ahead: cmp.Or(o.Ahead, max(info.InFlight, 1)),
		idle: map[int][]*Runner{}, runners: map[*Runner]bool{},
		block: backend.NewScratch(b), stream: backend.NewScratch(b)}
	e.heads = int(min(int64(e.chunk), max(1, logitsBytes/(4*int64(m.Config().VocabSize)))))
	if err := e.open(); err != nil {
		if errors.Is(err, backend.ErrOutOfMemory) {
			err = fmt.Errorf("the weights leave no room for states: try --quant or a smaller model: %w", err)
		}
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

// open allocates what every sequence needs.
func (e *Engine) open() (err error) {
	if e.copyIndex, err = e.b.Alloc(512, backend.Device); err != nil {
		return err
	}
	return e.setPool(newSlotPool(e.b, e.m.Config(), firstSlots))
}

// Model returns the model that the engine runs.
func (e *Engine) Model() *model.Model { return e.m }

// Chunk returns how many tokens a pass reads at most.
func (e *Engine) Chunk() int { return e.chunk }

// HeadRows returns of how many tokens a pass gives logits at most.
func (e *Engine) HeadRows() int { return e.heads }

// usable is ErrClosed once the engine is closed.
func (e *Engine) usable() error {
	e.use.Lock()
	defer e.use.Unlock()
	if e.closed {
		return ErrClosed
	}
	return nil
}

// CheckIDs refuses tokens that the model does not have.
func (e *Engine) CheckIDs(ids []int32) error {
	for i, id := range ids {
		if id < 0 || int(id) >= e.m.Config().VocabSize {
			return fmt.Errorf("token %d is id %d: this model has ids 0 to %d", i, id, e.m.Config().VocabSize-1)
		}
	}
	return nil
}

// borrow returns a runner for passes of seqs sequences; giveBack returns it.
func (e *Engine) borrow(seqs int) (*Runner, error) {
	e.use.Lock()
	defer e.use.Unlock()
	if e.closed {
		return nil, ErrClosed
	}
	if free := e.idle[seqs]; len(free) > 0 {
		e.idle[seqs] = free[:len(free)-1]
		return free[len(free)-1], nil
	}
	return e.NewRunner(seqs, e.chunk, e.heads)
}

func (e *Engine) giveBack(r *Runner) {
	e.use.Lock()
	defer e.use.Unlock()
	e.idle[r.seqs] = append(e.idle[r.seqs], r)
}

// Wait returns when t is complete, or with ctx's error.
func (e *Engine) Wait(ctx context.Context, t backend.Ticket) error { return e.b.Wait(ctx, t) }

// await is Wait for results that the host reads: if ctx ends, what writes them is
// still let finish.
func (e *Engine) await(ctx context.Context, t backend.Ticket) error {
	if err := e.Wait(ctx, t); err != nil {
		return errors.Join(err, e.Wait(context.WithoutCancel(ctx), t))
	}
	return nil
}

// setPool makes p the pool, and compiles the copy between its slots. Plans that
// name the pool before it are closed: nothing runs, since p was filled by a plan
// that has been waited for.
func (e *Engine) setPool(p *slotPool, err error) error {
	if err != nil {
		return err
	}
	from := backend.Matrix(e.copyIndex, 0, backend.I32, 1, 1)
	to := backend.Matrix(e.copyIndex, 256, backend.I32, 1, 1)
	prog := backend.NewProgram("copy state", e.block)
	for _, l := range p.layers {
		if !l.Conv.IsZero() {
			prog.Do(backend.Gather{Dst: l.Conv, Src: l.Conv, From: from, To: to})
		}
		prog.Do(backend.Gather{Dst: l.SSM, Src: l.SSM, From: from, To: to})
	}
	plan, err := prog.Compile()
	if err != nil {
		return errors.Join(err, p.close())
	}
	if e.pool != nil {
		err = e.copySlot.Close()
		for r := range e.runners {
			err = errors.Join(err, r.closePlans())
		}
		e.pool.moved.Store(true)
		err = errors.Join(err, e.pool.release())
	}
	e.pool, e.copySlot = p, plan
	return err
}

// TakeSlots reserves n state slots in a row, of unspecified content; slot 0,
// the state before the first token, is everyone's to read.
func (e *Engine) TakeSlots(n int) (first int, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	first, ok := e.pool.take(n)
	for ; !ok; first, ok = e.pool.take(n) {
		grown, err := e.pool.grown(2*len(e.pool.used) + n)
		if err := e.setPool(grown, err); err != nil {
			return 0, err
		}
	}
	return first, nil
}

// FreeSlots gives slots back.
func (e *Engine) FreeSlots(first, n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.pool.free(first, n)
}

// copyState copies a state from slot to slot, after all earlier submissions.
func (e *Engine) copyState(to, from int) error {
	if to == from {
		return nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.copyIndex.Upload(0, words.Bytes([]int32{int32(from)})); err != nil {
		return err
	}
	if err := e.copyIndex.Upload(256, words.Bytes([]int32{int32(to)})); err != nil {
		return err
	}
	_, err := e.copySlot.Submit()
	return err
}

// readSlot copies a state to the host: per layer the conv state [D][K−1],
// oldest first, then the SSM state [D][N]. dst has checkpoint.Config.StateBytes/4
// elements.
func (e *Engine) readSlot(slot int, dst []float32) error {
	return e.eachTensor(slot, dst, func(t backend.Tensor, part []float32) error {
		return t.Buf.Download(t.Off, words.Bytes(part))
	})
}

// writeSlot sets a state, in the layout of readSlot.
func (e *Engine) writeSlot(slot int, src []float32) error {
	return e.eachTensor(slot, src, func(t backend.Tensor, part []float32) error {
		return t.Buf.Upload(t.Off, words.Bytes(part))
	})
}

func (e *Engine) eachTensor(slot int, all []float32, do func(backend.Tensor, []float32) error) error {
	if want := e.m.Config().StateBytes() / 4; int64(len(all)) != want {
		return fmt.Errorf("state of %d elements: this model's has %d", len(all), want)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.pool.slot(slot, func(t backend.Tensor) error {
		part := all[:t.Cols]
		all = all[t.Cols:]
		return do(t, part)
	})
}

// Close frees the engine; the model stays open. Sequences must not be in use;
// they are of no use afterwards.
func (e *Engine) Close() error {
	e.use.Lock()
	defer e.use.Unlock()
	if e.closed {
		return nil
	}
	e.closed = true
	e.mu.Lock()
	defer e.mu.Unlock()
	var errs []error
	for r := range e.runners {
		errs = append(errs, r.free())
	}
	if e.copySlot != nil {
		errs = append(errs, e.copySlot.Close())
	}
	errs = append(errs, e.block.Close(), e.stream.Close())
	if e.pool != nil {
		e.pool.moved.Store(true)
		errs = append(errs, e.pool.release())
	}
	if e.copyIndex != nil {
		errs = append(errs, e.copyIndex.Close())
	}
	e.pool, e.copySlot, e.copyIndex = nil, nil, nil
	return errors.Join(errs...)
}

// runOnce compiles and runs a program, and waits for it.
func runOnce(b backend.Backend, prog *backend.Program) error {
	plan, err := prog.Compile()
	if err != nil {
		return err
	}
	t, err := plan.Submit()
	if err == nil {
		err = b.Wait(context.Background(), t)
	}
	return errors.Join(err, plan.Close())
}
