package falconmamba

import (
	"context"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"falconmamba/backend"
	"falconmamba/checkpoint"
	"falconmamba/checkpoint/safetensors"
	"falconmamba/engine"
)

func TestFingerprint(t *testing.T) {
	print := func(o Options) string {
		m, err := Open(context.Background(), "random:checkpoint/testdata/tiny/config.json", &o)
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		p, err := m.Fingerprint()
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	one := print(Options{Backend: "cpu", Checkpoint: checkpoint.Options{Seed: 1}})
	if again := print(Options{Backend: "ref", Checkpoint: checkpoint.Options{Seed: 1}}); again != one {
		t.Errorf("one model has fingerprints %s and %s", one, again)
	}
	for name, o := range map[string]checkpoint.Options{"seed": {Seed: 2}, "type": {Seed: 1, Type: backend.F16}} {
		if print(Options{Backend: "cpu", Checkpoint: o}) == one {
			t.Errorf("a model of another %s has the same fingerprint", name)
		}
	}
}

func TestSnapshotForkAndFile(t *testing.T) {
	path := t.TempDir() + "/state"
	from := open(t, Options{Backend: "ref"})
	s := session(t, from)
	collect(t, s, romeo, GenerateOptions{MaxTokens: 20, Sampling: drawing, EOS: []int32{}})
	snap, err := s.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Save(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	fork, err := s.Fork(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer fork.Close()
	want, _ := collect(t, s, "", GenerateOptions{MaxTokens: 20})
	if got, _ := collect(t, fork, "", GenerateOptions{MaxTokens: 20}); !slices.Equal(got, want) {
		t.Errorf("the fork wrote %v, want %v", got, want)
	}
	for range 2 {
		if err := s.Restore(t.Context(), snap); err != nil {
			t.Fatal(err)
		}
		if got, _ := collect(t, s, "", GenerateOptions{MaxTokens: 20}); !slices.Equal(got, want) {
			t.Errorf("the snapshot went on with %v, want %v", got, want)
		}
	}
	for _, dev := range devices {
		s := session(t, open(t, Options{Backend: dev}))
		if err := s.Load(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		if got, _ := collect(t, s, "", GenerateOptions{MaxTokens: 20}); !slices.Equal(got, want) {
			t.Errorf("the file went on with %v on %s, want %v", got, dev, want)
		}
	}
}

func TestStateFilesThatAreRefused(t *testing.T) {
	m := open(t, Options{Backend: "cpu"})
	s := session(t, m)
	collect(t, s, "ROMEO:", GenerateOptions{MaxTokens: 3})
	dir := t.TempDir()
	path := dir + "/state"
	if err := s.Save(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	other, err := Open(context.Background(), "checkpoint/testdata/tiny", &Options{Backend: "cpu"})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.LoadSnapshot(path); err == nil || !strings.Contains(err.Error(), "another model") {
		t.Errorf("a state of another model: got error %v", err)
	}
	for name, bad := range map[string][]byte{
		"empty":           nil,
		"truncated":       data[:len(data)-1],
		"no tokens":       []byte(strings.Replace(string(data), `"tokens"`, `"tokenz"`, 1)),
		"fed too large":   []byte(strings.Replace(string(data), `"fed":"`, `"fed":"9`, 1)),
		"other format":    []byte(strings.Replace(string(data), stateFormat, "falconmamba-state-0", 1)),
		"not safetensors": []byte("hello, world, this is no state at all"),
	} {
		if err := os.WriteFile(path, bad, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := m.LoadSnapshot(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: got error %v, want one that names the file", name, err)
		}
		if _, err := m.ReadSnapshot(bad); err == nil {
			t.Errorf("%s: read without an error", name)
		}
	}
	model := dir + "/model.gguf"
	for name, text := range map[string]string{model: "GGUF", dir + "/short": "x"} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := s.Save(t.Context(), name); err == nil || !strings.Contains(err.Error(), "no saved state") {
			t.Errorf("saved over %s: %v", name, err)
		}
		if left, err := os.ReadFile(name); err != nil || string(left) != text {
			t.Errorf("%s is %q now (%v)", name, left, err)
		}
	}
	fresh := dir + "/fresh"
	for range 2 {
		if err := s.Save(t.Context(), fresh); err != nil {
			t.Fatal(err)
		}
	}
	if st, err := os.Stat(fresh); err != nil || runtime.GOOS != "windows" && st.Mode() != 0o600 {
		t.Errorf("a state has the mode %v (%v)", st.Mode(), err)
	}
	if err := s.Save(t.Context(), dir+"/absent/state"); err == nil {
		t.Error("saved into a folder that is not there")
	}
	none := dir + "/none.state"
	if err := s.Load(t.Context(), none); !errors.Is(err, fs.ErrNotExist) || err.Error() != "no file at "+none+": want a saved state" {
		t.Errorf("a state that is not there: %v", err)
	}
}

// A state with a NaN is refused by the name of its tensor, in a file that is whole.
func TestStateWithNaN(t *testing.T) {
	m := open(t, Options{Backend: "cpu"})
	s := session(t, m)
	collect(t, s, "ROMEO:", GenerateOptions{MaxTokens: 3})
	n, err := s.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	n.at.State = slices.Clone(n.at.State)
	n.at.State[len(n.at.State)-1] = float32(math.NaN())
	path := t.TempDir() + "/state"
	if err := n.Save(path); err != nil {
		t.Fatal(err)
	}
	want := ssmName(m.Config().NumHiddenLayers-1) + " holds a NaN"
	if _, err := m.LoadSnapshot(path); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %q", err, want)
	}
}

func FuzzReadSnapshot(f *testing.F) {
	m := open(f, Options{Backend: "cpu"})
	s := session(f, m)
	collect(f, s, "A", GenerateOptions{MaxTokens: 2})
	path := f.TempDir() + "/state"
	if err := s.Save(f.Context(), path); err != nil {
		f.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add(data[:2000])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		if n, err := m.ReadSnapshot(data); err == nil {
			if err := s.Restore(t.Context(), n); err != nil {
				t.Error(err)
			}
		}
	})
}

// A snapshot that is not there is an error.
func TestRestoreNothing(t *testing.T) {
	if err := session(t, open(t, Options{Backend: "cpu"})).Restore(t.Context(), nil); err == nil {
		t.Error("Restore(nil): no error")
	}
}

// A saved state goes on with the seed's draws as the session itself does.
func TestDrawsGoOnBehindAFile(t *testing.T) {
	m := open(t, Options{Backend: "cpu"})
	o := GenerateOptions{MaxTokens: 20, EOS: []int32{}, Sampling: drawing}
	want, _ := collect(t, session(t, m), "ROMEO:", o)
	s, path := session(t, m), filepath.Join(t.TempDir(), "s.state")
	o.MaxTokens = 8
	first, _ := collect(t, s, "ROMEO:", o)
	if err := s.Save(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	loaded := session(t, m)
	if err := loaded.Load(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	o.MaxTokens = 12
	for name, s := range map[string]*Session{"the session": s, "the file": loaded} {
		if rest, _ := collect(t, s, "", o); !slices.Equal(slices.Concat(first, rest), want) {
			t.Errorf("%s goes on with %v, want %v", name, rest, want[8:])
		}
	}
}

// A state file says what the device stored the state as, and is float32 all the same: it
// goes on where states are of that type, bit for bit, and where they are of another.
func TestStateTypes(t *testing.T) {
	of := func(typ backend.DType) Options {
		return Options{Backend: "cpu", Engine: engine.Options{StateType: typ}}
	}
	for _, typ := range []backend.DType{backend.F32, backend.F16, backend.BF16} {
		path := t.TempDir() + "/state"
		s := session(t, open(t, of(typ)))
		collect(t, s, romeo, GenerateOptions{MaxTokens: 20, EOS: []int32{}})
		snap, err := s.Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := snap.Save(path); err != nil {
			t.Fatal(err)
		}
		f, err := safetensors.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		print, _ := s.m.Fingerprint()
		want := map[backend.DType]string{backend.F32: print, backend.F16: print + "-f16", backend.BF16: print + "-bf16"}
		if got := f.Metadata["fingerprint"]; got != want[typ] {
			t.Errorf("states of %v have the fingerprint %q, want %q", typ, got, want[typ])
		}
		if v, _, err := f.Floats(ssmName(0)); err != nil || !slices.Equal(v, split(s.m.Config(), snap.at.State).SSM[0]) {
			t.Errorf("states of %v are saved as others: %v", typ, err)
		}
		f.Close()
		for _, other := range []backend.DType{backend.F32, backend.F16, backend.BF16} {
			to := session(t, open(t, of(other)))
			if err := to.Load(t.Context(), path); err != nil {
				t.Fatalf("a state of %v where they are %v: %v", typ, other, err)
			}
			got, err := to.Snapshot(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			exact := other == typ || other == backend.F32
			if slices.Equal(got.at.State, snap.at.State) != exact {
				t.Errorf("a state of %v where they are %v is the same: want %v", typ, other, exact)
			}
			if n, err := to.m.LoadSnapshot(path); err != nil || n.StateType() != typ || got.StateType() != other {
				t.Errorf("the file is of %v, the session of %v: want %v and %v (%v)", n.StateType(), got.StateType(),
					typ, other, err)
			}
		}
	}
}
