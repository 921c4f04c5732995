package main

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The tests below run the program. They need a display (test-desktop.sh gives
// one), and are skipped without unless $FM_TEST_REQUIRE says display.
func display(t *testing.T) {
	t.Helper()
	if os.Getenv("DISPLAY") != "" {
		return
	}
	if strings.Contains(os.Getenv("FM_TEST_REQUIRE"), "display") {
		t.Fatal("no display")
	}
	t.Skip("no display: run make test-desktop")
}

func build(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "desktop")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return program
}

// command runs the program as $FM_DESKTOP_UNDER and $FM_DESKTOP_FLAGS say.
func command(program string) []string {
	under := append(strings.Fields(os.Getenv("FM_DESKTOP_UNDER")), program)
	return append(under, strings.Fields(os.Getenv("FM_DESKTOP_FLAGS"))...)
}

// The tour types, writes, forks, undoes and closes, and what it leaves is what the
// window showed, the states among it, and the text that fmgen writes.
func TestTour(t *testing.T) {
	display(t)
	program, dir := build(t), t.TempDir()
	script, err := filepath.Abs("testdata/tour.script")
	if err != nil {
		t.Fatal(err)
	}
	args := append(command(program), "-script", script, "-seed", "7", "-n", "60")
	run := exec.Command(args[0], args[1:]...)
	run.Dir = dir
	var said bytes.Buffer
	run.Stderr = &said
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	onScreen := watch(run, filepath.Join(dir, "done.png"))
	err = run.Wait()
	t.Logf("%s", &said)
	if err != nil {
		t.Fatal(err)
	}

	read := func(name string) string {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	first, forked := read("first"), read("forked")
	if !strings.HasPrefix(forked, first+"\n\nJULIET:\n") || len(forked) < len(first)+40 { // what the script waits for
		t.Errorf("the fork has %q, after %q", forked, first)
	}
	for _, name := range []string{"undone", "restarted"} {
		if got := read(name); got != first {
			t.Errorf("%s: %q, want %q", name, got, first)
		}
	}

	fmgen := exec.Command("go", "run", "./cmd/fmgen", "--backend", "vulkan", "-p", "ROMEO:", "--seed", "7", "-n", "60",
		"--echo")
	fmgen.Dir = "../.."
	out, err := fmgen.Output()
	if err != nil {
		t.Fatal(err)
	}
	if want := string(out); strings.TrimSuffix(want, "\n") != strings.TrimSuffix(first, "\n") {
		t.Errorf("the program wrote %q, fmgen %q", first, want)
	}

	shot := picture(t, filepath.Join(dir, "done.png"))
	if want := image.Pt(1200, 800); shot.Bounds().Size() != want {
		t.Fatalf("the screenshot is %v, want %v", shot.Bounds().Size(), want)
	}
	// The text's first letter, in the colour of what is typed.
	g := fontBytes()[glyphOf('R')*glyphWidth*glyphHeight:]
	for y := range glyphHeight {
		for x := range glyphWidth {
			full, c := g[y*glyphWidth+x] == 255, color.NRGBAModel.Convert(shot.At(glyphWidth+x, 2*glyphHeight+y))
			if full != (c == color.NRGBA{0xff, 0xb4, 0x54, 255}) {
				t.Fatalf("the R of ROMEO has %v at %d, %d", c, x, y)
			}
		}
	}
	// The picture of the states: warm and cold, and not as before.
	p := newPage(1200, 800, 1)
	p.lay(view{})
	warm, cold, changed := 0, 0, 0
	before := picture(t, filepath.Join(dir, "writing.png"))
	for y := p.picture.Min.Y; y < p.picture.Max.Y; y++ {
		for x := p.picture.Min.X; x < p.picture.Max.X; x++ {
			r, _, b, _ := shot.At(x, y).RGBA()
			switch {
			case r > b+0x2000:
				warm++
			case b > r+0x2000:
				cold++
			}
			if shot.At(x, y) != before.At(x, y) {
				changed++
			}
		}
	}
	all := p.picture.Dx() * p.picture.Dy()
	if warm < all/10 || cold < all/10 || changed < all/10 {
		t.Errorf("of the %d pixels of the states %d are warm, %d cold, %d not as before", all, warm, cold, changed)
	}

	switch screen := <-onScreen; {
	case os.Getenv("FM_DESKTOP_FBDIR") == "":
		t.Log("$FM_DESKTOP_FBDIR, where Xvfb keeps its screen, is not set: the screen is not compared")
	case screen == nil:
		t.Error("the screen could not be read")
	default:
		for y := range 800 {
			for x := range 1200 {
				r, g, b, _ := shot.At(x, y).RGBA()
				if got, want := screen(x, y), [3]byte{byte(r >> 8), byte(g >> 8), byte(b >> 8)}; got != want {
					t.Fatalf("the screen has %v at %d, %d, the screenshot %v", got, x, y, want)
				}
			}
		}
	}
	if dir := os.Getenv("FM_DESKTOP_SHOTS"); dir != "" {
		for _, name := range []string{"writing.png", "done.png"} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(read(name)), 0o644); err != nil {
				t.Error(err)
			}
		}
	}
}

func picture(t *testing.T, path string) image.Image {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// watch reads Xvfb's screen once the file is there, and the program, which then
// pauses, has drawn the same again.
func watch(run *exec.Cmd, file string) <-chan func(x, y int) [3]byte {
	out := make(chan func(x, y int) [3]byte, 1)
	go func() {
		for deadline := time.Now().Add(10 * time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
			if _, err := os.Stat(file); err == nil {
				time.Sleep(time.Second)
				break
			}
		}
		out <- screen(filepath.Join(os.Getenv("FM_DESKTOP_FBDIR"), "Xvfb_screen0"))
	}()
	return out
}

// screen reads a screen of 32 bits a pixel in X's window dump format, as Xvfb
// keeps it: words of the header are big endian.
func screen(path string) func(x, y int) [3]byte {
	d, err := os.ReadFile(path)
	if err != nil || len(d) < 100 {
		return nil
	}
	word := func(i int) int { return int(binary.BigEndian.Uint32(d[4*i:])) }
	const headerSize, bitsPerPixel, bytesPerLine, colours = 0, 11, 12, 19
	at := word(headerSize) + 12*word(colours)
	if word(bitsPerPixel) != 32 || len(d) < at+800*word(bytesPerLine) {
		return nil
	}
	return func(x, y int) [3]byte {
		p := d[at+y*word(bytesPerLine)+4*x:]
		return [3]byte{p[2], p[1], p[0]}
	}
}

// While a long prompt is read frames go on, how late is printed; and a window that
// is closed meanwhile closes.
func TestLongPrompt(t *testing.T) {
	display(t)
	program, dir := build(t), t.TempDir()
	prompt := strings.Repeat("Now is the winter of our discontent made glorious summer by this sun of York; ", 30)
	for name, script := range map[string]string{
		"read": "type " + prompt + "\nenter\nwait\ntext all\nclose\n",
		"shut": "type " + prompt + "\nenter\npause 0.5\nclose\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(script), 0o644); err != nil {
			t.Fatal(err)
		}
		args := append(command(program), "-script", path, "-n", "2")
		run := exec.Command(args[0], args[1:]...)
		run.Dir = dir
		out, err := run.CombinedOutput()
		t.Logf("%s: %s", name, out)
		if err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(filepath.Join(dir, "all")); err != nil || !strings.HasPrefix(string(got), prompt) ||
		len(got) == len(prompt) {
		t.Errorf("%v: %q", err, got)
	}
}

// Where something is missing, the program says so in one line.
func TestMissing(t *testing.T) {
	display(t)
	program := build(t)
	for _, c := range []struct {
		name, want string
		env        []string
		args       []string
	}{
		{"no display", "no window", []string{"DISPLAY="}, nil},
		{"no driver", "no Vulkan driver", []string{"VK_ICD_FILENAMES=/nonexistent", "VK_DRIVER_FILES=/nonexistent"},
			nil},
		{"no model", "no model at /nonexistent", nil, []string{"-m", "/nonexistent"}},
		{"no script", "/nonexistent", nil, []string{"-script", "/nonexistent"}},
	} {
		run := exec.Command(program, c.args...)
		run.Env = append(os.Environ(), c.env...)
		var said bytes.Buffer
		run.Stderr = &said
		run.Run()
		if s := said.String(); run.ProcessState.ExitCode() != 1 || strings.Count(s, "\n") != 1 ||
			!strings.Contains(s, c.want) {
			t.Errorf("%s: status %d, %q", c.name, run.ProcessState.ExitCode(), s)
		}
	}
}
