package statecache

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// plainFormat is a format for tests: a checksum, the number of tokens, the tokens and the state.
var plainFormat = Format[string]{
	Write: func(text []int32, state string) ([]byte, error) {
		b, _ := binary.Append(nil, binary.LittleEndian, int32(len(text)))
		b, _ = binary.Append(b, binary.LittleEndian, text)
		b = append(b, state...)
		return append(binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(b)), b...), nil
	},
	Read: func(data []byte) ([]int32, string, error) {
		if len(data) < 8 || binary.LittleEndian.Uint32(data) != crc32.ChecksumIEEE(data[4:]) {
			return nil, "", errors.New("damaged")
		}
		n := binary.LittleEndian.Uint32(data[4:])
		text := make([]int32, n)
		if err := binary.Read(bytes.NewReader(data[8:]), binary.LittleEndian, text); err != nil {
			return nil, "", err
		}
		return text, string(data[8+4*n:]), nil
	},
}

// A dir is a folder with states.
type dir struct {
	*States[string]
	folder *Folder
}

func openDir(t testing.TB, path, key string, budget int64) dir {
	t.Helper()
	f, err := OpenFolder(path, FolderOptions{Suffix: ".state", Budget: budget})
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewStates(f, key, plainFormat)
	if err != nil {
		t.Fatal(err)
	}
	return dir{s, f}
}

// file returns the path of the state after text.
func (d dir) file(text []int32) string { return d.folder.fileOf(d.name(text)) }

func (d dir) has(text []int32) bool {
	_, err := os.Lstat(d.file(text))
	return err == nil
}

func put(t testing.TB, d dir, text []int32, state string) {
	t.Helper()
	if err := d.Put(t.Context(), text, state); err != nil {
		t.Fatal(err)
	}
}

// What one process has written another finds, the longest beginning first, under the same key.
func TestDirIsShared(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "b")
	one, two, other := openDir(t, path, "1a", 1<<20), openDir(t, path, "1a", 1<<20), openDir(t, path, "1b", 1<<20)
	text := ids(100, 0)
	put(t, one, text[:20], "twenty")
	put(t, two, text[:60], "sixty")
	put(t, two, append(slices.Clone(text[:60]), 7), "another")
	put(t, one, text[:60], "once more")
	for _, x := range []struct {
		d           dir
		text        []int32
		least, most int
		want        int
		state       string
	}{
		{one, text, 1, 100, 60, "sixty"}, {one, text, 1, 59, 20, "twenty"}, {two, text[:60], 1, 60, 60, "sixty"},
		{two, text, 61, 100, 0, ""}, {two, text, 1, 19, 0, ""}, {two, text[1:], 1, 99, 0, ""}, {other, text, 1, 100, 0, ""},
		{one, text[:30], 1, 100, 20, "twenty"},
	} {
		if n, state, err := x.d.Find(t.Context(), x.text, x.least, x.most); n != x.want || state != x.state || err != nil {
			t.Errorf("%d to %d of %d tokens: %d, %q, %v; want %d, %q", x.least, x.most, len(x.text), n, state, err,
				x.want, x.state)
		}
	}
	st, err := os.Stat(path)
	if err != nil || runtime.GOOS != "windows" && st.Mode().Perm()&0o077 != 0 {
		t.Errorf("the folder is %v, %v: it holds texts", st.Mode(), err)
	}
	if _, err := NewStates(one.folder, "../x", plainFormat); err == nil {
		t.Error("a key that is a path is taken")
	}
}

// A file that is damaged, cut, empty or another's is found out when it is read, and removed; the
// next best serves.
func TestDamagedFiles(t *testing.T) {
	text := ids(50, 0)
	for what, damage := range map[string]func(path string, data []byte) error{
		"a bit": func(p string, b []byte) error { b[len(b)-2] ^= 4; return os.WriteFile(p, b, 0o600) },
		"cut":   func(p string, b []byte) error { return os.WriteFile(p, b[:len(b)-3], 0o600) },
		"empty": func(p string, b []byte) error { return os.WriteFile(p, nil, 0o600) },
		"another text": func(p string, _ []byte) error {
			b, _ := plainFormat.Write(ids(40, 5), "wrong")
			return os.WriteFile(p, b, 0o600)
		},
	} {
		d := openDir(t, t.TempDir(), "1a", 1<<20)
		put(t, d, text[:10], "ten")
		put(t, d, text[:40], "forty")
		path := d.file(text[:40])
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := damage(path, data); err != nil {
			t.Fatal(err)
		}
		n, state, err := d.Find(t.Context(), text, 1, 50)
		if n != 10 || state != "ten" || err == nil || !strings.Contains(err.Error(), "is removed") {
			t.Errorf("%s: %d, %q, %v", what, n, state, err)
		}
		if d.has(text[:40]) {
			t.Errorf("%s: the file is still there", what)
		}
		if n, _, err := d.Find(t.Context(), text, 1, 50); n != 10 || err != nil {
			t.Errorf("%s, once more: %d, %v", what, n, err)
		}
	}
}

// A file whose value has no checksum of its own has one behind it: nothing is read that was not put.
func TestFolderChecksum(t *testing.T) {
	ctx, path, name, value := t.Context(), t.TempDir(), strings.Repeat("a", 24), []byte("a value")
	f, err := OpenFolder(path, FolderOptions{Suffix: ".kept", Budget: 1 << 40, Sum: true})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(path, name+".kept")
	for what, damage := range map[string]func(b []byte) error{
		"nothing": func([]byte) error { return nil },
		"a bit":   func(b []byte) error { b[2] ^= 4; return os.WriteFile(file, b, 0o600) },
		"cut":     func(b []byte) error { return os.WriteFile(file, b[:3], 0o600) },
		"longer":  func(b []byte) error { return os.WriteFile(file, append(b, 'x'), 0o600) },
		"another's": func(b []byte) error {
			other := strings.Repeat("b", 24)
			return errors.Join(f.Put(ctx, other, value), os.Rename(filepath.Join(path, other+".kept"), file))
		},
		"huge": func([]byte) error { return os.Truncate(file, 100<<30) },
	} {
		if err := f.Put(ctx, name, value); err != nil {
			t.Fatal(err)
		}
		if got, err := f.Get(ctx, name); err != nil || !bytes.Equal(got, value) {
			t.Fatalf("%q, %v", got, err)
		}
		data, err := os.ReadFile(file)
		if err == nil {
			err = damage(data)
		}
		if err != nil {
			t.Fatal(err)
		}
		got, err := f.Get(ctx, name)
		if what == "nothing" {
			if err != nil || !bytes.Equal(got, value) {
				t.Errorf("%q, %v", got, err)
			}
			continue
		}
		if !errors.Is(err, ErrDamaged) || got != nil {
			t.Errorf("%s: %q, error %v, want %v", what, got, err, ErrDamaged)
		}
		if _, err := f.Get(ctx, name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: error %v, want it to be gone", what, err)
		}
	}
}

// Beyond the budget the files go that were of no use for the longest, of whatever key; what is no
// state stays.
func TestDirBudget(t *testing.T) {
	path := t.TempDir()
	state := strings.Repeat("x", 1000)
	d, other := openDir(t, path, "1a", 5<<10), openDir(t, path, "1b", 5<<10)
	if err := os.WriteFile(filepath.Join(path, "notes.txt"), make([]byte, 10<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	begin := time.Now().Add(-time.Hour)
	put(t, other, ids(3, 50), state)
	for i := range 4 {
		put(t, d, ids(3, int32(i)), state)
	}
	files := []string{other.file(ids(3, 50)), d.file(ids(3, 0)), d.file(ids(3, 1)), d.file(ids(3, 2)), d.file(ids(3, 3))}
	for i, n := range files {
		at := begin.Add(time.Duration(i) * time.Minute)
		if err := os.Chtimes(n, at, at); err != nil {
			t.Fatal(err)
		}
	}
	if n, _, err := d.Find(t.Context(), ids(3, 0), 1, 3); n != 3 || err != nil { // it is of use
		t.Fatal(n, err)
	}
	put(t, d, ids(3, 60), state)
	put(t, d, ids(3, 61), state)
	var left []string
	for i, n := range files {
		if _, err := os.Stat(n); err == nil {
			left = append(left, []string{"other", "0", "1", "2", "3"}[i])
		}
	}
	if got := strings.Join(left, " "); got != "0 2 3" {
		t.Errorf("%s are left of the old ones, want 0 2 3", got)
	}
	if _, err := os.Stat(filepath.Join(path, "notes.txt")); err != nil {
		t.Error(err)
	}
	entries, _ := os.ReadDir(path)
	if len(entries) != 6 {
		t.Errorf("%d files, want 6", len(entries))
	}
}

// A state that is larger than the budget takes no other along.
func TestLargerThanTheBudget(t *testing.T) {
	d := openDir(t, t.TempDir(), "1a", 1<<10)
	put(t, d, ids(3, 0), "small")
	put(t, d, ids(3, 50), strings.Repeat("x", 2<<10))
	if n, _, err := d.Find(t.Context(), ids(3, 0), 1, 3); n != 3 || err != nil {
		t.Errorf("the small one: %d tokens, %v", n, err)
	}
	if d.has(ids(3, 50)) {
		t.Error("the large one is there")
	}
}

// Whoever is killed in the middle of a write leaves nothing that is taken for a state, and what
// it leaves is removed.
func TestKilledInTheMiddle(t *testing.T) {
	if path := os.Getenv("STATECACHE_WRITES_TO"); path != "" {
		d := openDir(t, path, "1a", 1<<40)
		for i := int32(0); ; i++ {
			put(t, d, ids(4, i), strings.Repeat("y", 4<<20))
		}
	}
	path := t.TempDir()
	for round := range 6 {
		c := exec.Command(os.Args[0], "-test.run=^TestKilledInTheMiddle$")
		c.Env = append(os.Environ(), "STATECACHE_WRITES_TO="+path)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		for first := time.Now(); time.Since(first) < 10*time.Second; time.Sleep(time.Millisecond) {
			if entries, _ := os.ReadDir(path); len(entries) > 2*round+1 {
				break
			}
		}
		_ = c.Process.Kill()
		_ = c.Wait()
	}
	d := openDir(t, path, "1a", 1<<40)
	entries, err := os.ReadDir(path)
	if err != nil || len(entries) == 0 {
		t.Fatal(len(entries), err)
	}
	for _, e := range entries {
		if _, ok := d.folder.nameOf(e.Name()); !ok {
			t.Errorf("%s is left", e.Name())
			continue
		}
		data, err := os.ReadFile(filepath.Join(path, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		text, state, err := plainFormat.Read(data)
		if err != nil || len(state) != 4<<20 {
			t.Errorf("%s: %d tokens, %d bytes, %v", e.Name(), len(text), len(state), err)
			continue
		}
		if got, _, err := d.Find(t.Context(), text, 1, 4); got != 4 || err != nil {
			t.Errorf("%s is not found: %v", e.Name(), err)
		}
	}
}

// What was of no use for too long is not there, and goes.
func TestFolderExpiry(t *testing.T) {
	ctx, path := t.Context(), t.TempDir()
	f, err := OpenFolder(path, FolderOptions{Suffix: ".kept", Budget: 1 << 20, Keep: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	old, young := strings.Repeat("a", 24), strings.Repeat("b", 24)
	for _, name := range []string{old, young} {
		if err := f.Put(ctx, name, []byte(name)); err != nil {
			t.Fatal(err)
		}
	}
	at := time.Now().Add(-2 * time.Hour)
	if err := os.Chtimes(f.fileOf(old), at, at); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Get(ctx, old); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what is over: %v", err)
	}
	if i, err := f.First(ctx, []string{old, young}); i != 1 || err != nil {
		t.Errorf("the first of them: %d, %v", i, err)
	}
	if err := f.Put(ctx, strings.Repeat("c", 24), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(f.fileOf(old)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what is over is there: %v", err)
	}
}
