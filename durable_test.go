package falconmamba

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"falconmamba/backend"
	"falconmamba/checkpoint/tiny"
	"falconmamba/engine"
	"falconmamba/engine/statecache/storetest"
	"falconmamba/model"
)

// durable opens a model whose states go to a store.
func durable(t *testing.T, s *storetest.Memory, d engine.Durability) *Model {
	t.Helper()
	exact := backend.Float
	o := Options{Load: model.LoadOptions{Precision: &exact},
		Engine: engine.Options{Cache: engine.CacheOptions{Store: s, Durable: d}}}
	m, err := OpenFS(t.Context(), tiny.FS(), &o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

// someEOS returns ids that an answer soon comes to.
func someEOS(t *testing.T, m *Model) []int32 { return encoded(t, m, "e") }

// turnOf has a session write a turn, and returns the whole text after it and how much of it was known.
func turnOf(t *testing.T, m *Model, text string, o GenerateOptions) (string, int) {
	t.Helper()
	s := session(t, m)
	if err := s.AppendText(text); err != nil {
		t.Fatal(err)
	}
	for x, err := range s.Generate(t.Context(), "", &o) {
		if err != nil {
			t.Fatal(err)
		}
		text += x.Text
	}
	return text, s.Reused()
}

// On whatever machine a conversation goes on, no more is read than is new.
func TestTurnsAreDurable(t *testing.T) {
	plain := open(t, Options{Load: inFolder("").Load})
	for what, o := range map[string]GenerateOptions{
		"as long as it may be": {MaxTokens: 20, EOS: []int32{}},
		"to a string":          {MaxTokens: 60, Stop: []string{"e"}, EOS: []int32{}},
		"to an eos":            {MaxTokens: 60, EOS: someEOS(t, plain)},
	} {
		store := storetest.NewMemory()
		text, want := "ROMEO:\nWhat light through yonder window breaks?\n", ""
		for turn := range 4 {
			text += "\nJULIET:\nO Romeo, Romeo, wherefore art thou?\n"
			want, _ = turnOf(t, plain, text, o)
			known := 0
			if turn > 0 {
				known = len(encoded(t, plain, text)) - len(encoded(t, plain, "\nJULIET:\nO Romeo, Romeo, wherefore art thou?\n")) - 1
			}
			store = store.Now()
			m := durable(t, store, engine.DurableTurn)
			got, reused := turnOf(t, m, text, o)
			if got != want || reused < known-4 { // tokens of the answer may join those behind it
				t.Errorf("%s, turn %d: %q, want %q; %d tokens were known, want %d", what, turn, got, want, reused, known)
			}
			text = got
		}
	}
}

// The end of a turn is told when its state is in the store, or the one before it.
func TestEndsWait(t *testing.T) {
	const first = "ROMEO:\nWhat light through yonder window breaks?\n"
	for _, d := range []engine.Durability{engine.DurableLater, engine.DurableAsync, engine.DurableTurn} {
		store := storetest.NewMemory()
		gate := make(chan struct{})
		store.Puts(func() error { <-gate; return nil })
		m := durable(t, store, d)
		var turns sync.WaitGroup
		told := func(text string) chan string {
			c := make(chan string, 1)
			turns.Go(func() {
				got, _ := turnOf(t, m, text, GenerateOptions{MaxTokens: 20, EOS: []int32{}})
				c <- got
			})
			return c
		}
		// A turn that waits is given a third of a second to end, one that does not as long as a busy machine takes.
		check := func(what string, c chan string, waits bool) {
			t.Helper()
			patience := time.Minute
			if waits {
				patience = 300 * time.Millisecond
			}
			select {
			case <-c:
				if waits {
					t.Errorf("durability %d: %s does not wait", d, what)
				}
			case <-time.After(patience):
				if !waits {
					t.Errorf("durability %d: %s waits", d, what)
				}
			}
		}
		check("the first turn", told(first), d == engine.DurableTurn)
		if d != engine.DurableTurn {
			text, _ := turnOf(t, open(t, Options{Load: inFolder("").Load}), first, GenerateOptions{MaxTokens: 20, EOS: []int32{}})
			check("the second turn", told(text+"\nJULIET:\nO Romeo, Romeo!\n"), d == engine.DurableAsync)
			check("another conversation", told("NURSE:\n"+first), false)
		}
		close(gate)
		turns.Wait()
	}
}

// A store that fails breaks no text, and what could not be written is written when it can be.
func TestStoreFails(t *testing.T) {
	store := storetest.NewMemory()
	broken := errors.New("no room is left")
	store.Puts(func() error { return broken })
	m := durable(t, store, engine.DurableTurn)
	o := GenerateOptions{MaxTokens: 20, EOS: []int32{}}
	want, _ := turnOf(t, open(t, Options{Load: inFolder("").Load}), longPrompt, o)
	if got, _ := turnOf(t, m, longPrompt, o); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if s := m.Stats().Cache; s.Failed == 0 || s.Written != 0 {
		t.Errorf("%+v", s)
	}
	if n := store.Len(); n != 0 {
		t.Fatalf("%d values", n)
	}
	store.Puts(nil)
	if err := m.Close(); err != nil {
		t.Error(err)
	}
	_, reused := turnOf(t, durable(t, store.Now(), engine.DurableTurn), want+strings.Repeat("x", 20), o)
	if all := len(encoded(t, m, want)); reused < all-4 {
		t.Errorf("%d of %d tokens are known after the store is well again", reused, all)
	}
}

// A place is wanted where states are to be durable, and one alone.
func TestDurableWantsAPlace(t *testing.T) {
	for _, c := range []engine.CacheOptions{{Durable: engine.DurableTurn}, {Durable: 9, Dir: "x"},
		{Durable: engine.DurableAsync, Dir: "x", Off: true}, {Store: storetest.NewMemory(), Dir: "x"}} {
		if err := (engine.Options{Cache: c}).Validate(); err == nil {
			t.Errorf("%+v is taken", c)
		}
	}
}
