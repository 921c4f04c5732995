package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"time"

	"falconmamba/backend"
	"falconmamba/checkpoint"
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

	// Running is the most texts that are written at once, 0 for 64. Others wait for
	// their turn.
	Running int

	// Waiting is the most requests that wait for their turn, 0 for 1024; below 0 none
	// waits. Beyond it a request is refused at once with ErrQueueFull.
	Waiting int

	// Pace is the longest that a text waits between two of its tokens because prompts
	// are read beside it, 0 for 100 ms. How many tokens of prompts a pass reads follows
	// from it and from what passes took; at least minPrompt are read.
	Pace time.Duration

	// States is how many states the device has room for, from the beginning on; 0 begins
	// with few and takes more as they are needed, as far as they fit. A
	// text that is written takes two; fewer run at once where there is no room for more.
	// States that nothing reads move to the host's memory when the device has no room,
	// the longest unused first, and come back when they are used.
	States int

	// StateType is what states are stored as on the device: backend.F32, which 0 stands
	// for, or F16 or BF16, which take half the memory, on the host too where states move there.
	// Arithmetic is float32 whatever it is, and so is what State, Snapshot and files have: states
	// are widened when they are read, and rounded to nearest, within the range of the type,
	// when they are written.
	// docs/quantization.md says what that costs: F16 next to nothing, BF16 more the longer
	// a text is.
	StateType backend.DType

	// Speculate says whether texts that can be guessed are written several tokens at a time: those that
	// quote, copy or repeat. Drafts is how many tokens are guessed at most, 0 for 7 and at most 31.
	Speculate Speculation
	Drafts    int

	// DraftStates is how many states all texts that are guessed take together beside their own, at most and
	// where nobody else needs the memory; 0 for as many as take 1 GiB, and those of one text. Such a text takes
	// Drafts + 2, and a wrong guess costs its row alone. With what is left it takes one, and what was right before a
	// wrong guess is read again in the next pass; with states of 16 bits, which would be rounded elsewhere, only
	// where Speculate is SpeculateAlways.
	DraftStates int

	// Draft, if not nil, is a model of the same tokenizer on the same device that guesses how texts go
	// on, where that is faster than to write them without and than what they tell themselves. It is an error
	// where Speculate lets no text be guessed. It takes Drafts + 1 of its own states for each text that
	// it guesses for, at most 64 at a time: of States, up to a quarter are memory of these; without, it
	// has what the model's states leave.
	Draft *model.Model

	// Cache says what is kept of texts, so that what is known of one is not read again.
	Cache CacheOptions

	// Logger is told what goes on, nil for nobody: failures as errors, requests that fail or
	// are refused as warnings, the pool's size as information, the end of each request for
	// debugging. It is called by the loop that everybody waits for, and must not call
	// the engine.
	Logger *slog.Logger
}

// Validate refuses numbers that no pass takes.
func (o Options) Validate() error {
	if o.Chunk < 0 || o.Chunk > maxChunk {
		return fmt.Errorf("chunk of %d tokens: want 1 to %d", o.Chunk, maxChunk)
	}
	if o.Ahead < 0 {
		return fmt.Errorf("%d steps ahead of the host: want 1 or more", o.Ahead)
	}
	if o.Ahead > maxAhead {
		return fmt.Errorf("%d steps ahead of the host: want at most %d", o.Ahead, maxAhead)
	}
	if o.Running < 0 || o.Running > maxRunning {
		return fmt.Errorf("%d running texts: want 1 to %d", o.Running, maxRunning)
	}
	if o.Pace < 0 {
		return fmt.Errorf("a pace of %v: want 0 (the default) or more", o.Pace)
	}
	if o.States != 0 && o.States < minStates {
		return fmt.Errorf("room for %d states: want at least %d, or 0 for what fits", o.States, minStates)
	}
	if o.StateType != 0 && !backend.IsStateType(o.StateType) {
		return fmt.Errorf("states of type %v: want f32, f16 or bf16", o.StateType)
	}
	if o.Speculate > SpeculateNever {
		return fmt.Errorf("speculation %d: want SpeculateExact, SpeculateAlways or SpeculateNever", o.Speculate)
	}
	if o.Drafts < 0 || o.Drafts > maxDrafts {
		return fmt.Errorf("%d drafts: want 1 to %d, or 0 for %d", o.Drafts, maxDrafts, defaultDrafts)
	}
	if o.DraftStates < 0 {
		return fmt.Errorf("%d states behind guesses: want 1 or more, or 0 for as many as take 1 GiB", o.DraftStates)
	}
	return o.Cache.validate()
}

// An Engine runs one model on its device. It is safe for concurrent use. A
// sequence belongs to one goroutine at a time, but may be closed from any.
type Engine struct {
	cfg   *checkpoint.Config
	chunk int           // rows of a pass
	heads int           // rows of logits of a pass
	ahead int           // steps submitted ahead of the host
	most  int           // texts that run at once
	queue int           // requests that wait
	pace  time.Duration // between the tokens of a text beside prompts
	room  int           // states that the device holds; 0 for what fits
	typ   backend.DType // of states on the device
	keeps CacheOptions
	log   *slog.Logger

	ended chan struct{} // closed when the loop has returned

	// mu orders what is submitted: the upload of a pass's inputs and the run that
	// reads them. It guards all below, and where sequences have their states.
	mu        sync.Mutex
	m         *model.Model
	b         backend.Backend
	reopen    func() (m, draft *model.Model, err error) // after the device is lost; nil for never
	lost      bool                                      // the device is: the loop is to open it anew
	losses    int                                       // since a pass has come to its end
	fallen    error                                     // why the device could not be opened anew
	closed    bool
	closing   bool // what runs may end, nothing begins
	pool      *slotPool
	goesOn    map[*Sequence]bool // whose states the scores that are being submitted go on from
	tight     bool               // the pool could not grow the last time
	calm      *time.Timer        // for settlePool; nil where the pool is as small as it gets
	sequences map[*Sequence]bool // open ones
	runners   map[*Runner]bool
	block     *backend.Scratch // temporaries of a block, shared by all plans
	stream    *backend.Scratch // what lives through a pass, shared by all plans
	copySlot  backend.Plan     // made when first wanted
	copyIndex backend.Buffer   // from, to: two words, each where a view may begin
	away      hostRows         // of states that left the device
	reading   int              // calls that wait for the device without mu, or read what it wrote
	forks     forks
	sound     backend.Ticket // up to it all has come to its end without a fault
	cache     *cache         // nil for none
	far       far            // where states of the cache go last
	draft     *draftModel    // nil for none
	schedule
}

// ErrClosed is what calls on a closed engine or sequence return, and what ends the
// loops of those that are running.
var ErrClosed = backend.ErrClosed

// over is why a closed engine is.
func (e *Engine) over() error { return cmp.Or(e.fallen, ErrClosed) }

// ErrBusy is what calls return that would change a text while it is written, or while a
// question about it is answered.
var ErrBusy = errors.New("the text is being written or read: leave the loop, or wait for the answer, first")

// maxChunk bounds the temporaries of a pass.
const maxChunk = 8192

// maxRunning bounds the tables of the sampler.
const maxRunning = 1024

// maxAhead keeps the tokens of steps in flight in the table that the host reads.
const maxAhead = OutTokens / 2

// logitsBytes bounds the logits that a pass leaves for the host.
const logitsBytes = 128 << 20

// New returns an engine for m. Whoever made m closes it, after the engine.
func New(m *model.Model, o Options) (*Engine, error) {
	b := m.Backend()
	info := b.Info()
	if err := o.Validate(); err != nil {
		return nil, err
	}
	e := &Engine{m: m, b: b, cfg: m.Config(),
		chunk: cmp.Or(o.Chunk, max(info.ChunkRows, 1)), ahead: cmp.Or(o.Ahead, max(info.InFlight, 1)),
		most: cmp.Or(o.Running, defaultRunning), queue: min(max(cmp.Or(o.Waiting, defaultWaiting), 0), math.MaxInt32),
		pace: cmp.Or(o.Pace, defaultPace), room: o.States, keeps: o.Cache, typ: cmp.Or(o.StateType, backend.F32),
		ended: make(chan struct{}), goesOn: map[*Sequence]bool{},
		sequences: map[*Sequence]bool{}, runners: map[*Runner]bool{},
		block: backend.NewScratch(b), stream: backend.NewScratch(b)}
	e.more.L, e.rested.L = &e.mu, &e.mu
	if o.Speculate == SpeculateAlways || o.Speculate == SpeculateExact && info.BatchInvariant && m.FewInFloat() {
		e.drafts, e.leastPass = cmp.Or(o.Drafts, defaultDrafts), leastPass
		e.replays = e.typ == backend.F32 || o.Speculate == SpeculateAlways
		state := emptyPool(b, e.cfg, e.typ, 1).slotBytes()
		e.draftStates = cmp.Or(o.DraftStates, max(e.drafts+2, int(draftBytes/state)))
	}
	e.keeps.Host = cmp.Or(e.keeps.Host, defaultCacheHost)
	e.keeps.Spacing = e.keeps.Apart()
	e.count = newCounters()
	if e.log = o.Logger; e.log == nil {
		e.log = slog.New(slog.DiscardHandler)
	}
	e.heads = int(min(int64(e.chunk), max(1, logitsBytes/(4*int64(m.Config().VocabSize)))))
	if o.Draft != nil {
		d, err := newDraftModel(e, o.Draft)
		if err != nil {
			return nil, err
		}
		e.draft = d
	}
	err := e.open(o.Draft)
	go e.serve()
	if err != nil {
		switch {
		case !errors.Is(err, backend.ErrOutOfMemory):
		case e.room > minStates:
			err = fmt.Errorf("no room for %d states: ask for fewer, or for what fits: %w", e.room, err)
		default:
			err = fmt.Errorf("the weights leave no room for states: try --quant or a smaller model: %w", err)
		}
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

// draftBytes is what the states behind guesses take, unless Options say otherwise.
const draftBytes = 1 << 30

// What Options take for 0.
const (
	defaultRunning = 64
	defaultWaiting = 1024
	defaultPace    = 100 * time.Millisecond
)

// open allocates what every sequence needs.
func (e *Engine) open(draft *model.Model) (err error) {
	if e.copyIndex, err = e.b.Alloc(512, backend.Device); err != nil {
		return err
	}
	lent, states := 0, 0
	if e.draft != nil {
		lent, states = e.draft.lend(e)
	}
	if e.pool, err = newSlotPool(e.b, e.cfg, e.typ, cmp.Or(e.room-lent, firstSlots)); err != nil {
		return err
	}
	if e.draft != nil {
		if err := e.draft.open(e, draft, states); err != nil {
			return err
		}
	}
	e.openCache()
	if e.typ == backend.F32 {
		return nil
	}
	if err := e.m.CheckStates(e.pool.layers[0], e.block, e.stream); err != nil {
		return fmt.Errorf("states as %v: %w: store them as f32", e.typ, err)
	}
	return nil
}

// Model returns the model that the engine runs.
func (e *Engine) Model() *model.Model {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.m
}

// Chunk returns how many tokens a pass reads at most.
func (e *Engine) Chunk() int { return e.chunk }

// StateType returns what the device stores states as.
func (e *Engine) StateType() backend.DType { return e.typ }

// HeadRows returns of how many tokens a pass gives logits at most.
func (e *Engine) HeadRows() int { return e.heads }

// CheckIDs refuses tokens that the model does not have.
func (e *Engine) CheckIDs(ids []int32) error {
	for i, id := range ids {
		if id < 0 || int(id) >= e.cfg.VocabSize {
			return fmt.Errorf("token %d is id %d: this model has ids 0 to %d", i, id, e.cfg.VocabSize-1)
		}
	}
	return nil
}

// Wait returns when t is complete, or with ctx's error.
func (e *Engine) Wait(ctx context.Context, t backend.Ticket) error {
	return e.Model().Backend().Wait(ctx, t)
}

// TakeSlots reserves n state slots in a row, of unspecified content; slot 0,
// the state before the first token, is everyone's to read.
func (e *Engine) TakeSlots(n int) (first int, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.takeSlots(n)
}

// FreeSlots gives slots back.
func (e *Engine) FreeSlots(first, n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.pool.free(first, n)
}

// freeSlot gives one slot back; slot 0 is nobody's. What is submitted later may use
// it, since what was submitted before comes first on the device.
func (e *Engine) freeSlot(slot int) {
	if slot != 0 && !e.closed {
		e.pool.free(slot, 1)
	}
}

// copyState copies a state from slot to slot, after all earlier submissions.
func (e *Engine) copyState(to, from int) (backend.Ticket, error) {
	return e.copyRow(&e.copySlot, e.pool, e.pool, to, from)
}

// copyTo is where the index of copyRow's destination begins, in bytes: every device lets a view
// begin there.
const copyTo = 256

// copyRow copies a state from a row of src to one of dst, after all earlier submissions. The
// plan that does it is made where there is none.
func (e *Engine) copyRow(plan *backend.Plan, dst, src *slotPool, to, from int) (t backend.Ticket, err error) {
	if *plan == nil {
		if *plan, err = e.compileCopy(dst, src); err != nil {
			return 0, err
		}
	}
	var index [copyTo/4 + 1]int32
	index[0], index[copyTo/4] = int32(from), int32(to)
	if err := e.copyIndex.Upload(0, words.Bytes(index[:])); err != nil {
		return 0, err
	}
	return (*plan).Submit()
}

// compileCopy makes a plan of copyRow.
func (e *Engine) compileCopy(dst, src *slotPool) (backend.Plan, error) {
	from := backend.Matrix(e.copyIndex, 0, backend.I32, 1, 1)
	to := backend.Matrix(e.copyIndex, copyTo, backend.I32, 1, 1)
	prog := backend.NewProgram("copy state", e.block)
	for i := range dst.layers {
		for k, t := range dst.tensors(i) {
			prog.Do(backend.Gather{Dst: backend.StateWords(t), Src: backend.StateWords(src.tensors(i)[k]),
				From: from, To: to})
		}
	}
	return prog.Compile()
}

// writeSlot sets a state, in the layout of readSlot, as the device stores it.
func (e *Engine) writeSlot(slot int, src []float32) error {
	return e.eachTensor(slot, src, func(t backend.Tensor, part []float32) error {
		if t.Type == backend.F32 {
			return t.Buf.Upload(t.Off, words.Bytes(part))
		}
		row := make([]byte, t.Stride*t.Type.Size())
		backend.NarrowState(row, part, t.Type)
		return t.Buf.Upload(t.Off, row)
	})
}

func (e *Engine) eachTensor(slot int, all []float32, do func(backend.Tensor, []float32) error) error {
	if want := e.cfg.StateBytes() / 4; int64(len(all)) != want {
		return fmt.Errorf("state of %d elements: this model's has %d", len(all), want)
	}
	return e.pool.slot(slot, func(t backend.Tensor) error {
		part := all[:t.Cols]
		all = all[t.Cols:]
		return do(t, part)
	})
}

// Shutdown lets what runs end and begins nothing, then closes the engine. If ctx
// ends first, what still runs ends with ErrClosed.
func (e *Engine) Shutdown(ctx context.Context) error {
	e.mu.Lock()
	e.closing = true
	e.mu.Unlock()
	stop := context.AfterFunc(ctx, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.close()
	})
	defer stop()
	e.mu.Lock()
	for !e.closed && len(e.tasks)+len(e.waiting)+len(e.scoring)+len(e.flights) > 0 {
		e.rested.Wait()
	}
	e.mu.Unlock()
	return e.Close()
}

// Close ends what runs with ErrClosed, waits for the device, and frees the engine;
// the model stays open. Sequences are of no use afterwards.
func (e *Engine) Close() error {
	e.mu.Lock()
	e.close()
	e.mu.Unlock()
	<-e.ended
	e.mu.Lock()
	for e.using+e.reading > 0 { // what they read is freed below
		e.rested.Wait()
	}
	e.mu.Unlock()
	e.flushStates()

	e.mu.Lock()
	defer e.mu.Unlock()
	if e.calm != nil {
		e.calm.Stop()
	}
	return e.free()
}

// free frees what the engine has on the device.
func (e *Engine) free() error {
	var errs []error
	for r := range e.runners {
		errs = append(errs, r.free())
	}
	errs = append(errs, e.closePlans(), e.closeCache(), e.away.close(), e.block.Close(), e.stream.Close())
	if e.draft != nil {
		errs = append(errs, e.draft.free())
	}
	if e.pool != nil {
		e.pool.moved.Store(true)
		errs = append(errs, e.pool.release())
	}
	if e.copyIndex != nil {
		errs = append(errs, e.copyIndex.Close())
	}
	e.pool, e.copyIndex = nil, nil
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
