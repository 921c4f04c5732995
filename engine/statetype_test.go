package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"falconmamba/backend"
	"falconmamba/backend/null"
	"falconmamba/backend/sampling"
	"falconmamba/checkpoint"
	"falconmamba/model"
)

// 16-bit states take half the memory, and are copied, moved to the host and brought back,
// forked and restored without a change.
func TestStatesOf16Bits(t *testing.T) {
	ctx := context.Background()
	for _, typ := range []backend.DType{backend.F16, backend.BF16} {
		t.Run(typ.String(), func(t *testing.T) {
			e := tiny(t, Options{StateType: typ, States: minStates})
			wide := tiny(t, Options{States: minStates})
			if got, want := 2*e.pool.slotBytes(), wide.pool.slotBytes(); got != want {
				t.Errorf("twice a state is %d bytes, want %d", got, want)
			}
			r := Request{Prompt: prompt(e, 3, 1), MaxTokens: 20, EOS: []int32{}, Sampling: sampling.Params{Temperature: 1}}
			if one, two := alone(t, e, r), alone(t, e, r); len(one) != 20 || !slices.Equal(one, two) {
				t.Errorf("one request wrote %v and then %v", one, two)
			}
			s := newSequence(t, e)
			s.Append(prompt(e, 20, 1)...)
			state := must(s.State(ctx))
			rounded := make([]float32, len(state))
			b := make([]byte, typ.Size()*len(state))
			backend.NarrowState(b, state, typ)
			if backend.WidenState(rounded, b, typ); !slices.Equal(rounded, state) {
				t.Error("a state holds numbers that are not of its type")
			}
			snap := must(s.Snapshot(t.Context()))
			fork := must(s.Fork(t.Context()))
			defer fork.Close()
			for i := range 2 * minStates {
				other := newSequence(t, e)
				other.Append(prompt(e, 3+i, i)...)
				must(other.State(ctx))
			}
			if e.Stats().MovedOut == 0 {
				t.Error("nothing moved to the host")
			}
			if got := must(s.Snapshot(t.Context())); !slices.Equal(got.State, snap.State) {
				t.Error("what moved to the host came back as another state")
			}
			// The cache keeps it as it is, on the host and back.
			twin, hits := newSequence(t, e), e.Stats().Cache.Hits
			twin.Append(append(slices.Clone(snap.Tokens), 1)...)
			if err := twin.Prefill(ctx, nil); err != nil {
				t.Fatal(err)
			}
			if got := must(twin.Snapshot(t.Context())); got.Fed == snap.Fed && !slices.Equal(got.State, snap.State) ||
				e.Stats().Cache.Hits == hits {
				t.Errorf("of the same text the cache gives another state, or none: %d hits", e.Stats().Cache.Hits-hits)
			}
			if got := must(fork.Snapshot(t.Context())); !slices.Equal(got.State, snap.State) {
				t.Error("the fork has another state")
			}
			back := newSequence(t, e)
			if err := back.Restore(t.Context(), snap); err != nil {
				t.Fatal(err)
			}
			if got := must(back.Snapshot(t.Context())); !slices.Equal(got.State, snap.State) {
				t.Error("what was restored has another state")
			}
		})
	}
}

// Rows of an odd width are padded, and the pool grows and shrinks with them.
func TestPoolOfOddRows(t *testing.T) {
	cfg := &checkpoint.Config{NumHiddenLayers: 3, IntermediateSize: 5, StateSize: 3, ConvKernel: 4}
	b := null.Open(null.Options{})
	p := must(newSlotPool(b, cfg, backend.F16, 4))
	if got := p.slotBytes(); got != 3*2*(16+16) || b.Stats().Live != 4*got {
		t.Errorf("a state takes %d bytes, and 4 take %d", got, b.Stats().Live)
	}
	for _, slots := range []int{9, 2} {
		g := must(p.resized(slots))
		if b.Stats().Live != int64(slots)*g.slotBytes() {
			t.Errorf("%d states of %d bytes take %d", slots, g.slotBytes(), b.Stats().Live)
		}
		p = g
	}
	if err := p.close(); err != nil || b.Stats().Live != 0 {
		t.Errorf("closed: %v, %d bytes live", err, b.Stats().Live)
	}
}

// A wideStates is a device that stores states as float32 alone.
type wideStates struct{ backend.Backend }

func (w wideStates) Supports(op backend.Op) bool {
	scan, ok := op.(backend.SelectiveScan)
	_, fused := op.(backend.Fused)
	return !fused && (!ok || scan.State.Type == backend.F32) && w.Backend.Supports(op)
}

func (w wideStates) Compile(name string, ops []backend.Op) (backend.Plan, error) {
	for _, op := range ops {
		if !w.Supports(op) {
			return nil, fmt.Errorf("wide: %s: %w", op.Kind(), backend.ErrUnsupported)
		}
	}
	return w.Backend.Compile(name, ops)
}

// A device that does not store states as asked says so when the model is opened.
func TestStatesThatAreRefused(t *testing.T) {
	b := wideStates{must(backend.Open("ref", backend.Options{}))}
	defer b.Close()
	ck := must(checkpoint.Open("random:../checkpoint/testdata/tiny/config.json", checkpoint.Options{}))
	defer ck.Close()
	m := must(model.Load(context.Background(), b, ck, model.LoadOptions{}))
	defer m.Close()
	_, err := New(m, Options{StateType: backend.BF16})
	if !errors.Is(err, backend.ErrUnsupported) || !strings.Contains(err.Error(), "states as bf16") {
		t.Errorf("states of bf16 there: %v", err)
	}
	e := must(New(m, Options{}))
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	if err := (Options{StateType: backend.Q8_0}).Validate(); err == nil {
		t.Error("states of q8_0 are no error")
	}
}

// A discreteDevice is one that the host waits for to read its memory.
type discreteDevice struct {
	backend.Backend
	waits *int
}

func (d discreteDevice) Info() backend.Info {
	i := d.Backend.Info()
	i.Class = backend.Discrete
	return i
}

func (d discreteDevice) Wait(ctx context.Context, t backend.Ticket) error {
	*d.waits++
	return d.Backend.Wait(ctx, t)
}

// A state comes from a GPU as it is, whatever it is stored as, and the device is waited for once.
func TestStatesComeAtOnce(t *testing.T) {
	ctx := context.Background()
	for _, typ := range []backend.DType{backend.F32, backend.F16, backend.BF16} {
		waits := 0
		b := discreteDevice{must(backend.Open("cpu", backend.Options{})), &waits}
		defer b.Close()
		ck := must(checkpoint.Open("random:../checkpoint/testdata/tiny/config.json", checkpoint.Options{}))
		defer ck.Close()
		m := must(model.Load(ctx, b, ck, model.LoadOptions{}))
		defer m.Close()
		e := must(New(m, Options{StateType: typ, States: minStates, Cache: CacheOptions{Off: true}}))
		var all []*Sequence
		var states [][]float32
		for i := range 2 * minStates {
			s := newSequence(t, e)
			s.Append(prompt(e, 5, i)...)
			all, states = append(all, s), append(states, must(s.State(ctx)))
		}
		for range 2 {
			for i, s := range all { // from the host, and again by way of the device
				if got := must(s.State(ctx)); !slices.Equal(got, states[i]) {
					t.Fatalf("%v: the state of text %d has changed", typ, i)
				}
				if err := errors.Join(s.Append(1), s.Prefill(ctx, nil)); err != nil {
					t.Fatal(err)
				}
				states[i] = must(s.State(ctx))
			}
		}
		if e.Stats().MovedOut == 0 || len(e.away.blocks) == 0 {
			t.Errorf("%v: %d states moved to the host", typ, e.Stats().MovedOut)
		}
		before := waits
		e.mu.Lock()
		err := e.readSlot(all[len(all)-1].slot, e.newState())
		e.mu.Unlock()
		if err != nil || waits != before+1 {
			t.Errorf("%v: %v, the device was waited for %d times", typ, err, waits-before)
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}
}
