package falconmamba

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"falconmamba/backend"
	"falconmamba/checkpoint/tiny"
	"falconmamba/engine"
	"falconmamba/model"
)

// A reader says how much a model has read since it was asked last.
type reader struct {
	m    *Model
	read uint64
}

func (r *reader) since() int {
	before := r.read
	r.read = r.m.Stats().Read
	return int(r.read - before)
}

func encoded(t testing.TB, m *Model, text string) []int32 {
	t.Helper()
	ids, err := m.Encode(text)
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// Conversations that begin alike, another answer to the same message, and an edited message read what is
// new, and the texts are those of a model that keeps nothing.
func TestChatReadsOnce(t *testing.T) {
	const slack = 256 // the spacing
	system := strings.Repeat("Speak like the players of old, in few words. ", 30)
	m := open(t, Options{})
	plain := open(t, Options{Engine: engine.Options{Cache: engine.CacheOptions{Off: true}}})
	pair := func() (with, without *Chat) {
		o := ChatOptions{Template: parse(t, playTemplate), System: system}
		for _, x := range []struct {
			m *Model
			c **Chat
		}{{m, &with}, {plain, &without}} {
			c, err := x.m.NewChat(o)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { c.Close() })
			*x.c = c
		}
		return with, without
	}
	r := &reader{m: m}
	same := func(what string, with, without *Chat, text string, most int) {
		t.Helper()
		r.since()
		got, want := say(t, with, text), say(t, without, text)
		if got != want {
			t.Errorf("%s: %q, without a cache %q", what, got, want)
		}
		if n := r.since(); n > most {
			t.Errorf("%s: %d tokens were read, want at most %d", what, n, most)
		}
	}
	head := len(encoded(t, m, system))
	if head < 2*slack {
		t.Fatalf("a system's message of %d tokens", head)
	}
	for i := range 4 {
		most := 40
		switch i {
		case 0:
			most = head + 80
		case 1:
			most += slack
		}
		with, without := pair()
		same(fmt.Sprint("user ", i), with, without, fmt.Sprintf("User %d is here. Who else?", i), most)
	}
	with, without := pair()
	lines := []string{"Who is there?", "Nay, answer me.", "Long live the king!", "He.", "You come.", "'Tis now.", "Relief."}
	for i, l := range lines {
		most := 60
		if i == 0 { // it parts from the others' a little earlier than they do from each other
			most += slack
		}
		same(l, with, without, l, most)
	}
	again := func(what, text string, most int) {
		t.Helper()
		for _, c := range []*Chat{with, without} {
			if ok, err := c.Undo(); !ok || err != nil {
				t.Fatal(ok, err)
			}
		}
		same(what, with, without, text, most)
	}
	again("another answer", lines[len(lines)-1], 60)
	again("an edited message", "Something else, then.", 60)
	for range len(lines) - 1 { // to the second message
		for _, c := range []*Chat{with, without} {
			if ok, err := c.Undo(); !ok || err != nil {
				t.Fatal(ok, err)
			}
		}
	}
	same("after all but one were undone", with, without, "Stand and unfold yourself.", 60)
	if n := with.Session().Reused(); n < head {
		t.Errorf("%d tokens were reused, want %d at least", n, head)
	}
}

// A session says what it did not read of what was appended last.
func TestReused(t *testing.T) {
	m := open(t, Options{})
	ids := encoded(t, m, strings.Repeat("Who is there? ", 20))
	ask := func(s *Session, more ...int32) {
		t.Helper()
		if err := s.Append(more...); err != nil {
			t.Fatal(err)
		}
		for _, err := range s.Generate(context.Background(), "", &GenerateOptions{MaxTokens: 3, EOS: []int32{}}) {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	first, second := session(t, m), session(t, m)
	ask(first, ids...)
	if n := first.Reused(); n != 0 {
		t.Errorf("the first has reused %d tokens", n)
	}
	ask(second, append(ids, 5, 6, 7)...)
	if n := second.Reused(); n != len(ids) {
		t.Errorf("the second has reused %d tokens, want %d", n, len(ids))
	}
	ask(second, 8, 9)
	if n := second.Reused(); n != 0 {
		t.Errorf("a session that goes on has reused %d tokens", n)
	}
	if s := m.Stats().Cache; s.Hits != 1 || s.Reused != uint64(len(ids)) || s.States == 0 || s.Host == 0 {
		t.Errorf("stats: %+v", s)
	}
}

// What was kept is gone with the device; texts are read again, and are the same.
func TestCacheAfterALoss(t *testing.T) {
	l := &loser{}
	l.passes.Store(1 << 40)
	backend.Register("losing-cache", l)
	state := open(t, Options{}).Config().StateBytes()
	m := open(t, Options{Backend: "losing-cache",
		Engine: engine.Options{Chunk: 64, Cache: engine.CacheOptions{Device: 2 * state, Dir: t.TempDir()}}})
	want := text(t, session(t, m), longPrompt, 12)
	before := m.Stats().Cache
	if got := text(t, session(t, m), longPrompt, 12); got != want || m.Stats().Cache.Hits != before.Hits+1 {
		t.Errorf("warm %q, want %q; %+v", got, want, m.Stats().Cache)
	}
	l.passes.Store(3)
	for i := range 3 {
		if got := text(t, session(t, m), longPrompt, 12); got != want {
			t.Errorf("%d after a loss: %q, want %q", i, got, want)
		}
	}
	if s := m.Stats(); s.Lost != 1 || s.Cache.States == 0 {
		t.Errorf("%d losses, %+v", s.Lost, s.Cache)
	}
}

// A state that was computed otherwise, and loaded, does not get into the cache, and nor does what follows it: whoever
// has the same text has what he would have without.
func TestLoadedStatesAreNotKept(t *testing.T) {
	exact, half := backend.Float, backend.Half
	load := func(p *backend.Precision, typ backend.DType, off bool) *Model {
		m, err := OpenFS(t.Context(), tiny.FS(), &Options{Load: model.LoadOptions{Precision: p},
			Engine: engine.Options{StateType: typ, Cache: engine.CacheOptions{Off: off}}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { m.Close() })
		return m
	}
	ids := encoded(t, open(t, Options{}), longPrompt)
	plain := session(t, load(&exact, 0, true))
	want, err := plain.Step(t.Context(), ids...)
	if err != nil {
		t.Fatal(err)
	}
	for what, x := range map[string]struct {
		from  *Model
		known bool
	}{
		"the same":          {load(&exact, 0, false), true},
		"another type":      {load(&exact, backend.BF16, false), false},
		"another precision": {load(&half, 0, false), false},
	} {
		path := filepath.Join(t.TempDir(), "state")
		from := session(t, x.from)
		if err := errors.Join(from.Append(ids[:200]...), from.Prefill(t.Context(), nil), from.Save(t.Context(), path)); err != nil {
			t.Fatal(err)
		}
		m := load(&exact, 0, false)
		s := session(t, m)
		if err := errors.Join(s.Load(t.Context(), path), s.Append(ids[200:]...), s.Prefill(t.Context(), nil)); err != nil {
			t.Fatal(err)
		}
		f, err := s.Fork(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		text(t, f, " And", 4)
		f.Close()
		other := session(t, m)
		got, err := other.Step(t.Context(), ids...)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) || (other.Reused() > 0) != x.known {
			t.Errorf("a state of %s: %d tokens are reused, the logits are the same: %v", what, other.Reused(),
				slices.Equal(got, want))
		}
	}
}
