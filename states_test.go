package falconmamba

import (
	"context"
	"fmt"
	"testing"
	"unsafe"

	"falconmamba/backend"
	"falconmamba/backend/sampling"
	"falconmamba/engine"
)

// row reads s's state where States say that it is.
func row(t testing.TB, st *States, s *Session) *State {
	t.Helper()
	r, ok := st.Row(s)
	if !ok {
		t.Fatal("the session is not in this memory")
	}
	read := func(m []backend.Tensor) (out [][]float32) {
		for _, m := range m {
			m := m.RowRange(r, r+1)
			v := make([]float32, m.Cols)
			if err := m.Buf.Download(m.Off, unsafe.Slice((*byte)(unsafe.Pointer(&v[0])), m.Bytes())); err != nil {
				t.Fatal(err)
			}
			out = append(out, v)
		}
		return out
	}
	return &State{Conv: read(st.Conv), SSM: read(st.SSM)}
}

func nearState(t testing.TB, what string, got, want *State) {
	t.Helper()
	for i := range want.SSM {
		near(t, fmt.Sprintf("%s, ssm state %d", what, i), got.SSM[i], want.SSM[i])
		near(t, fmt.Sprintf("%s, conv state %d", what, i), got.Conv[i], want.Conv[i])
	}
}

// stateAfter reads ids, all of them, in a session of their own.
func stateAfter(t testing.TB, m *Model, ids []int32) *State {
	t.Helper()
	s := session(t, m)
	defer s.Close()
	// A question about every token begins with the first, whatever the cache knows.
	if _, err := s.Forward(context.Background(), ids, ForwardOptions{AllLogits: true}); err != nil {
		t.Fatal(err)
	}
	st, err := s.State(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// The memory of the states holds, at any moment, the state that Row promises,
// whatever is in flight.
func TestRowOfASession(t *testing.T) {
	for _, name := range devices {
		for _, ahead := range aheads() {
			t.Run(fmt.Sprintf("%s, %d ahead", name, ahead), func(t *testing.T) {
				m := open(t, Options{Backend: name, Engine: engine.Options{Chunk: 8, Ahead: ahead}})
				s, other := session(t, m), session(t, m)
				for _, room := range []*Session{session(t, m), session(t, m)} { // the memory has room for what follows
					room.Close()
				}
				st, err := m.States()
				if err != nil {
					t.Fatal(err)
				}
				defer st.Close()
				if r, ok := st.Row(s); r != 0 || !ok {
					t.Errorf("a new session is in row %d, %v", r, ok)
				}
				seen := func(n int) {
					t.Helper()
					nearState(t, fmt.Sprintf("after %d tokens", n), row(t, st, s), stateAfter(t, m, s.Tokens()[:n]))
				}
				o := GenerateOptions{MaxTokens: 5, Sampling: sampling.Params{Temperature: 0.8, Seed: 3}}
				for _, err := range s.Generate(context.Background(), "What light through yonder window", &o) {
					if err != nil {
						t.Fatal(err)
					}
					// What it holds depends on the steps that were submitted.
					if r, ok := st.Row(s); r == 0 && ok {
						t.Error("while it writes, the session is in the row of no token")
					}
				}
				seen(len(s.Tokens()) - 1)

				n, err := s.Snapshot(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				o.Stop = []string{"ing the long string that is never seen"}
				if err := other.AppendText("ROMEO:"); err != nil {
					t.Fatal(err)
				}
				collect(t, s, " breaks", o)
				seen(len(s.Tokens()) - 1)
				if err := s.Restore(t.Context(), n); err != nil {
					t.Fatal(err)
				}
				seen(len(n.Tokens()) - 1)
				f, err := s.Fork(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				defer f.Close()
				if _, ok := st.Row(f); ok {
					nearState(t, "a fork", row(t, st, f), row(t, st, s))
				}
			})
		}
	}
}

// Memory that sessions have outgrown stays as it was until it is closed.
func TestStatesMove(t *testing.T) {
	m := open(t, Options{Backend: devices[0]})
	s := session(t, m)
	collect(t, s, "ROMEO:", GenerateOptions{MaxTokens: 4})
	old, err := m.States()
	if err != nil {
		t.Fatal(err)
	}
	before, live := row(t, old, s), m.Backend().Stats().Live
	var forks []*Session
	for range 100 {
		if _, ok := old.Row(s); !ok {
			break
		}
		f, err := s.Fork(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		forks = append(forks, f)
	}
	if _, ok := old.Row(s); ok {
		t.Fatal("100 forks fit into the memory")
	}
	last := forks[len(forks)-1]
	if _, ok := old.Row(last); ok {
		t.Error("the fork that did not fit has a row")
	}
	st, err := m.States()
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	nearState(t, "moved", row(t, st, s), before)
	nearState(t, "forked", row(t, st, last), before)

	for i, m := range old.SSM { // a buffer that was closed would refuse
		v := make([]byte, 4)
		if err := m.Buf.Download(0, v); err != nil {
			t.Errorf("layer %d: %v", i, err)
		}
	}
	grown := m.Backend().Stats().Live
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	if now := m.Backend().Stats().Live; now >= grown || live <= 0 {
		t.Errorf("%d bytes live before the old memory was closed, %d after", grown, now)
	}
	other := open(t, Options{Backend: devices[0]})
	if _, ok := st.Row(session(t, other)); ok {
		t.Error("a session of another model has a row")
	}
}

func TestStatesOfAClosedModel(t *testing.T) {
	m := open(t, Options{Backend: devices[0]})
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := m.States(); err != ErrClosed {
		t.Errorf("%v, want %v", err, ErrClosed)
	}
}
