package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	_ "falconmamba/backend/cpu" // a device

	"github.com/spf13/pflag"

	"falconmamba/backend"
)

func TestStatus(t *testing.T) {
	for _, c := range []struct {
		err    error
		status int
		want   string
	}{
		{nil, 0, ""},
		{pflag.ErrHelp, 0, ""},
		{ErrSilent, 1, ""},
		{errors.Join(errors.New("first"), errors.New("second")), 1, "prog: first; second\n"},
		{Usagef("bad %s", "flag"), 2, "prog: bad flag (prog --help lists the flags)\n"},
		{fmt.Errorf("loading: %w", context.Canceled), 130, "prog: interrupted\n"},
	} {
		var stderr bytes.Buffer
		if got := Status("prog", "prog", &stderr, c.err); got != c.status || stderr.String() != c.want {
			t.Errorf("Status(%v) = %d and %q, want %d and %q", c.err, got, &stderr, c.status, c.want)
		}
	}
}

// What comes from files and servers does nothing to a terminal, and does not fill it.
func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"a\tb\nc é 世": "a\tb\nc é 世", "\x1b[2J\a\b\r\x7f": "\ufffd[2J\ufffd\ufffd\ufffd\ufffd", "\u009b2J": "\ufffd2J",
		"a\u202eb\u2066": "a\ufffdb\ufffd", "\xff\x9b2J": "\ufffd2J", "\u2028": "\ufffd",
		"a\u200fb\u200d": "a\u200fb\u200d", // marks that right-to-left texts and emoji are written with
	} {
		if got := Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
	var stderr bytes.Buffer
	Status("prog", "prog", &stderr, fmt.Errorf("tensor \x1b]0;x\a%s", strings.Repeat("x", 1<<20)))
	Warnings("prog", &stderr, "a\nb\x1b[2J")
	if got := stderr.String(); strings.Contains(got, "\x1b") || len(got) > 1100 || strings.Count(got, "\n") != 2 ||
		!strings.Contains(got, "xxx…\n") || !strings.Contains(got, "warning: a; b\ufffd[2J\n") {
		t.Errorf("%.1200q", got)
	}
}

func TestSpellOut(t *testing.T) {
	fs := NewFlags("prog")
	fs.StringP("prompt", "p", "", "")
	fs.BoolP("quiet", "q", false, "")
	fs.Int("chunk", 0, "")
	fs.IntP("n-predict", "n", 0, "")
	for in, want := range map[string]string{
		"-ub 7":                  "--chunk 7",
		"-ub=7 -p x":             "--chunk=7 -p x",
		"-p -ub -ub 7":           "-p -ub --chunk 7",
		"-qp -ub -ub 7":          "-qp -ub --chunk 7",
		"-q -ub 7":               "-q --chunk 7",
		"--prompt -ub -q":        "--prompt -ub -q",
		"--prompt=a -ub 7":       "--prompt=a --chunk 7",
		"-pa -ub 7":              "-pa --chunk 7",
		"-- -ub 7":               "-- -ub 7",
		"-chunk 7 -quiet":        "--chunk 7 --quiet",
		"-max-tokens=-1":         "--max-tokens=-1",
		"-prompt -chunk -q":      "--prompt -chunk -q",
		"-pchunk -n5":            "-pchunk -n5",
		"--max-tokens -ub -ub 7": "--max-tokens -ub --chunk 7",
		"-x -ub":                 "-x --chunk",
		"-p":                     "-p",
		"":                       "",
	} {
		if got := spellOut(fs, strings.Fields(in)); !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("spellOut(%s) = %q, want %s", in, got, want)
		}
	}
}

// The environment is looked at where no flag says otherwise.
func TestEnvironment(t *testing.T) {
	t.Setenv("FM_BACKEND", "vulkan:1")
	for _, c := range []struct{ backend, device, want string }{
		{"", "", "vulkan:1"}, {"auto", "", "vulkan:1"}, {"cpu", "", "cpu"}, {"", "cpu:2", "cpu:2"},
	} {
		if got, err := BackendName(c.backend, c.device); got != c.want || err != nil {
			t.Errorf("BackendName(%q, %q) = %q, %v, want %q", c.backend, c.device, got, err, c.want)
		}
	}
	t.Setenv("FM_BACKEND", "cpu")
	t.Setenv("FM_KERNELS", "go")
	t.Setenv("FM_FUSE", "0")
	b, err := OpenDevice("auto", 1, false)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if info := b.Info(); info.Name != "cpu" || !slices.Equal(info.Features, []string{"go"}) {
		t.Errorf("the device is %s with %v kernels", info.Name, info.Features)
	}
	if o, err := DriverOptions(3, true); err != nil || o.Threads != 3 || o.Kernels != "go" || !o.Unfused ||
		!o.BatchInvariant {
		t.Errorf("%+v, %v", o, err)
	}
	t.Setenv("FM_KERNELS", "nope") // of a device that has no names for its kernels, as those of a GPU
	if b, err := OpenDevice("ref", 1, false); err == nil || !strings.Contains(err.Error(), `no "nope" kernels: this`) {
		t.Errorf("FM_KERNELS=nope: %v, %v", b, err)
	}
	t.Setenv("FM_KERNELS", "go")
	if b, err := OpenDevice("ref", 1, false); err != nil {
		t.Errorf("FM_KERNELS=go: %v", err)
	} else {
		b.Close()
	}
	t.Setenv("FM_FUSE", "no")
	if _, err := OpenDevice("cpu", 1, false); err == nil || !strings.Contains(err.Error(), `FM_FUSE is "no"`) {
		t.Errorf("FM_FUSE=no: %v", err)
	}
}

func TestBackendName(t *testing.T) {
	t.Setenv("FM_BACKEND", "")
	for _, c := range []struct{ backend, device, want, err string }{
		{"auto", "", "auto", ""},
		{"vulkan", "1", "vulkan:1", ""},
		{"auto", "cpu:1", "cpu:1", ""},
		{"cpu", "cpu:1", "cpu:1", ""},
		{"cpu:1", "cpu:1", "cpu:1", ""},
		{"auto", "1", "", "of which backend"},
		{"vulkan:0", "1", "", "names a device already"},
		{"vulkan", "-1", "", "from 0 on"},
		{"cpu", "ref:1", "", "not a device of --backend cpu"},
		{"auto", "abacus", "", `no device is called "abacus": there are cpu (`},
	} {
		got, err := BackendName(c.backend, c.device)
		if got != c.want || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("BackendName(%q, %q) = %q, %v, want %q, %s", c.backend, c.device, got, err, c.want, c.err)
		}
	}
}

func TestListDevices(t *testing.T) {
	t.Setenv("FM_BACKEND", "")
	for env, want := range map[string]string{"": "cpu", "ref": "ref"} {
		t.Setenv("FM_BACKEND", env)
		var stdout bytes.Buffer
		if err := ListDevices("prog", &stdout, io.Discard); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(stdout.String()) {
			if name, _, _ := strings.Cut(line, " "); strings.Contains(line, ", the default") != (name == want) {
				t.Errorf("$FM_BACKEND %q: %q, want the default to be %s", env, line, want)
			}
		}
	}
	infos, err := backend.Devices()
	if err != nil {
		t.Fatal(err)
	}
	// ref and cpu are one processor.
	if _, err := BackendName("auto", strings.ToLower(infos[0].Device)); err == nil ||
		!strings.Contains(err.Error(), "several devices: give one of cpu, ref") {
		t.Errorf("error %v", err)
	}
	if got, err := BackendName("ref", infos[0].Device[:3]); got != "ref" || err != nil {
		t.Errorf("%q, %v, want ref", got, err)
	}
}

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0 cases", 1: "1 case", 999: "999 cases", 2599: "2,599 cases",
		1234567: "1,234,567 cases", 100000: "100,000 cases"} {
		if got := Count(n, "case"); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestIDs(t *testing.T) {
	if got, err := IDs("1, 2,3 4"); err != nil || !slices.Equal(got, []int32{1, 2, 3, 4}) {
		t.Errorf("IDs = %v, %v", got, err)
	}
	if got, err := IDs(" "); err != nil || len(got) > 0 {
		t.Errorf("IDs of nothing = %v, %v", got, err)
	}
	for _, bad := range []string{"x", "1,2.5", "2147483648", "0x10", "1,,2", "1,", ",", ", 1"} {
		if got, err := IDs(bad); err == nil {
			t.Errorf("IDs(%q) = %v, want an error", bad, got)
		}
	}
}

func TestModelName(t *testing.T) {
	for in, want := range map[string]string{
		"": Embedded, "a/b/": "b", `a\b`: "b", "random:x/config.json": "random:x/config.json", "./m/.": "m", "..": "..",
	} {
		if got := ModelName(in); got != want {
			t.Errorf("ModelName(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestReadAll(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	if got, err := ReadAll(ctx, strings.NewReader("abc"), 3); err != nil || string(got) != "abc" {
		t.Errorf("ReadAll = %q, %v", got, err)
	}
	if _, err := ReadAll(ctx, strings.NewReader("abcd"), 3); err == nil {
		t.Error("ReadAll of more than the limit gives no error")
	}
	blocked, w := io.Pipe()
	defer w.Close()
	cancel()
	if _, err := ReadAll(ctx, blocked, 3); !errors.Is(err, context.Canceled) {
		t.Errorf("ReadAll of a blocked reader = %v, want %v", err, context.Canceled)
	}
}

func TestProgressShowsNothingWhereNoOneWatches(t *testing.T) {
	var w bytes.Buffer
	p := NewProgress(&w, "loading")
	p.next = p.start
	p.Bytes(1, 2)
	p.Done()
	if w.Len() > 0 {
		t.Errorf("wrote %q to something that is no terminal", &w)
	}
	p.w = &w // as if it were one
	p.Bytes(1, 2)
	p.Bytes(2, 2) // within 100 ms of the one before
	p.Done()
	if got := w.String(); strings.Count(got, "loading") != 1 || !strings.Contains(got, "50 %") ||
		!strings.HasSuffix(got, "\x1b[K") {
		t.Errorf("wrote %q to a terminal", got)
	}
}

func TestProgressWatches(t *testing.T) {
	var w bytes.Buffer
	p := NewProgress(&w, "measuring")
	p.Watch(func() (int64, int64, string) { t.Error("looked, though no one watches"); return 0, 0, "" })()
	p.w, p.next = &w, p.start
	looked := make(chan struct{})
	var once sync.Once
	stop := p.Watch(func() (int64, int64, string) {
		once.Do(func() { close(looked) })
		return 3, 4, "of something"
	})
	<-looked
	stop()
	if got := w.String(); !strings.Contains(got, "75 % of something") {
		t.Errorf("wrote %q", got)
	}
}

func TestProgressTexts(t *testing.T) {
	for _, c := range []struct {
		done, total int64
		want        string
	}{
		{0, 10, "[                    ]"}, {5, 10, "[==========          ]"}, {10, 10, "[====================]"},
		{20, 10, "[====================]"}, {-1, 10, "[                    ]"},
	} {
		if got := bar(c.done, c.total); got != c.want {
			t.Errorf("%d of %d: %q, want %q", c.done, c.total, got, c.want)
		}
	}
	if got, want := amounts(200e6, 600e6, 1e9, 2*time.Second), "of 1.0 GB, 100.0 MB/s, 6s left"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := amounts(5, 5, 2e6, time.Millisecond); got != "of 2.0 MB" {
		t.Errorf("little: %q", got)
	}
	for _, c := range []struct{ came, left int64 }{{0, 10}, {10, -1}} {
		if got := amounts(c.came, c.left, 1e9, time.Minute); got != "of 1.0 GB" {
			t.Errorf("%+v: %q", c, got)
		}
	}
	if got := amounts(5, 5, 1e9, time.Millisecond); got != "of 1.0 GB" {
		t.Errorf("at once: %q", got)
	}
}

// A device's warning is one line, and comes once.
func TestWarn(t *testing.T) {
	var stderr bytes.Buffer
	for _, text := range []string{"", "slow", "", "slow", "slower"} {
		Warn("prog", &stderr, backend.Info{Warning: text})
	}
	if want := "prog: warning: slow\nprog: warning: slower\n"; stderr.String() != want {
		t.Errorf("%q, want %q", &stderr, want)
	}
}
