package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-gl/glfw/v3.3/glfw"

	"falconmamba/examples/desktop/edit"
	"falconmamba/examples/desktop/face"
	"falconmamba/examples/desktop/grid"
	"falconmamba/examples/desktop/screen"
	"falconmamba/examples/desktop/talk"
	"falconmamba/examples/desktop/tree"
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

// built is the program, in a folder that TestMain removes.
var built = sync.OnceValues(func() (string, error) {
	program := filepath.Join(folder, "desktop")
	out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, out)
	}
	return program, err
})

var folder string

func TestMain(m *testing.M) {
	var err error
	if folder, err = os.MkdirTemp("", "desktop"); err != nil {
		panic(err)
	}
	status := m.Run()
	os.RemoveAll(folder)
	os.Exit(status)
}

func build(t *testing.T) string {
	t.Helper()
	program, err := built()
	if err != nil {
		t.Fatal(err)
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
	first, branch := read("first"), read("branch")
	if !strings.HasPrefix(branch, first+"\n\nJULIET:\n") || len(branch) < len(first)+40 { // what the script waits for
		t.Errorf("the second turn is %q, after %q", branch, first)
	}
	for name, want := range map[string]string{
		"back": first, "branch again": branch, "copied": "JULIET", "edited": "漢字 e\u0301 x",
		"twice": "漢字 e\u0301 x漢字 e\u0301 x", "undone": "漢字 e\u0301 x", "typed after the loss": "kept", "after the loss": first,
	} {
		if got := read(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if got := read("on the new device"); !strings.HasPrefix(got, first+"\n\nJULIET:\n") ||
		len(got) < len(first)+len("\n\nJULIET:\n")+20 {
		t.Errorf("after the loss it goes on as %q", got)
	}

	if got := read("status after the loss"); !strings.Contains(got, "was lost and is open again") {
		t.Errorf("after the loss the window says %q", got)
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

	shot := readPNG(t, filepath.Join(dir, "done.png"))
	if want := image.Pt(1280, 800); shot.Bounds().Size() != want {
		t.Fatalf("the screenshot is %v, want %v", shot.Bounds().Size(), want)
	}
	isR(t, shot, 15)
	f := face.New(15, nil)
	s := screen.New(1280/f.Width, 800/f.Height)
	s.Lay(screen.View{Model: "x", Prompt: &edit.Field{}, Layers: 1})
	// The picture of the states: warm and cold, and not as before.
	at := s.Pixels(f.Width, f.Height)
	warm, cold, changed := 0, 0, 0
	before := readPNG(t, filepath.Join(dir, "writing.png"))
	for y := at.Min.Y; y < at.Max.Y; y++ {
		for x := at.Min.X; x < at.Max.X; x++ {
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
	all := at.Dx() * at.Dy()
	if warm < all/10 || cold < all/10 || changed < all/10 {
		t.Errorf("of the %d pixels of the states %d are warm, %d cold, %d not as before", all, warm, cold, changed)
	}
	light := readPNG(t, filepath.Join(dir, "light.png"))
	if c := color.NRGBAModel.Convert(light.At(1, 799)); c != (color.NRGBA{0xfb, 0xfa, 0xf7, 255}) {
		t.Errorf("the light theme's paper is %v", c)
	}

	switch pixel := <-onScreen; {
	case os.Getenv("FM_DESKTOP_FBDIR") == "":
		t.Log("$FM_DESKTOP_FBDIR, where Xvfb keeps its screen, is not set: the screen is not compared")
	case pixel == nil:
		t.Error("the screen could not be read")
	default:
		for y := range 800 {
			for x := range 1280 {
				r, g, b, _ := shot.At(x, y).RGBA()
				if got, want := pixel(x, y), [3]byte{byte(r >> 8), byte(g >> 8), byte(b >> 8)}; got != want {
					t.Fatalf("the screen has %v at %d, %d, the screenshot %v", got, x, y, want)
				}
			}
		}
	}
	if dir := os.Getenv("FM_DESKTOP_SHOTS"); dir != "" {
		for _, name := range []string{"writing.png", "done.png", "light.png", "picker.png"} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(read(name)), 0o644); err != nil {
				t.Error(err)
			}
		}
	}
}

func readPNG(t *testing.T, path string) image.Image {
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
		out <- dump(filepath.Join(os.Getenv("FM_DESKTOP_FBDIR"), "Xvfb_screen0"))
	}()
	return out
}

// dump reads a screen of 32 bits a pixel in X's window dump format, as Xvfb
// keeps it: words of the header are big endian.
func dump(path string) func(x, y int) [3]byte {
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
		"read": "wait\ntype " + prompt + "\nenter\nwait\ntext all\nclose\n",
		"shut": "wait\ntype " + prompt + "\nenter\npause 0.5\nclose\n",
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
		{"a font", "-font 1", nil, []string{"-font", "1"}},
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

// What goes wrong with a model is said in the window, which stays open; another model can be opened, on another device,
// and opening be given up.
func TestSwitch(t *testing.T) {
	display(t)
	program, dir := build(t), t.TempDir()
	script := filepath.Join(dir, "script")
	lines := []string{
		"wait", "status missing", "type hello", "enter", "wait", "status without", "typed typed", "all", "cut",
		"open", "wait", "click pick model 0", "click pick device 1", "shot picker.png", "pick", "wait", "status opened",
		"type ROMEO:", "enter", "wait", "text cpu", "shot cpu.png",
		"open", "wait", "click pick device 0", "enter", "wait", "type \\n\\nJULIET:", "enter", "wait", "text gpu",
		"open", "wait", "enter", "close", // in the middle of opening
	}
	if err := os.WriteFile(script, []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	args := append(command(program), "-script", script, "-seed", "7", "-n", "20", "-m", "/nonexistent")
	run := exec.Command(args[0], args[1:]...)
	run.Dir = dir
	out, err := run.CombinedOutput()
	t.Logf("%s", out)
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
	for name, want := range map[string]string{"missing": "no model at /nonexistent", "without": "no model is open",
		"typed": "hello", "opened": "Shakespeare on cpu"} {
		if got := read(name); !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	cpu, gpu := read("cpu"), read("gpu")
	if len(cpu) < 20 || !strings.HasPrefix(gpu, cpu+"\n\nJULIET:") || len(gpu) < len(cpu)+20 {
		t.Errorf("on the processor %q, then on the window's device %q", cpu, gpu)
	}
	// The states of a model elsewhere are drawn too.
	shot, colours := readPNG(t, filepath.Join(dir, "cpu.png")), map[color.Color]bool{}
	for y := 100; y < 600; y += 7 {
		for x := 900; x < 1200; x += 7 {
			colours[shot.At(x, y)] = true
		}
	}
	if len(colours) < 100 {
		t.Errorf("the picture of states of the processor has %d colours", len(colours))
	}
	if dir := os.Getenv("FM_DESKTOP_SHOTS"); dir != "" {
		os.WriteFile(filepath.Join(dir, "cpu.png"), []byte(read("cpu.png")), 0o644)
	}
}

// Every action that keys and areas name is there.
func TestKeys(t *testing.T) {
	for _, names := range []map[glfw.Key]string{keys, withControl} {
		for k, name := range names {
			if actions[name] == nil {
				t.Errorf("key %v does %q, which is no action", k, name)
			}
		}
	}
	for letter, name := range lettersWithControl {
		if actions[name] == nil {
			t.Errorf("Ctrl+%s does %q, which is no action", letter, name)
		}
	}
	for _, c := range []struct {
		k      glfw.Key
		letter string
		mods   glfw.ModifierKey
		want   string
	}{
		{glfw.KeyEnter, "", glfw.ModShift, "newline"}, {glfw.KeyLeft, "", glfw.ModShift | glfw.ModControl, "selectwordleft"},
		{glfw.KeyHome, "", glfw.ModShift, "selecthome"}, {glfw.KeyZ, "z", glfw.ModControl | glfw.ModShift, "redo"},
		{glfw.KeyQ, "a", glfw.ModControl, "all"}, {glfw.KeyA, "a", 0, ""}, {glfw.KeyBackspace, "", glfw.ModShift, "erase"},
	} {
		if got := actionOf(c.k, c.letter, c.mods); got != c.want {
			t.Errorf("key %v with %v does %q, want %q", c.k, c.mods, got, c.want)
		}
	}
}

func TestScripts(t *testing.T) {
	if s, err := readScript("testdata/tour.script"); err != nil || len(s.lines) < 20 {
		t.Errorf("%v, %v", s, err)
	}
	for _, bad := range []string{"type", "typo", "wait x", "wait -1", "size 3", "size 0 5", "pause", "close now",
		"shot", "minimise 3", "enter x", "click", "lose it"} {
		path := filepath.Join(t.TempDir(), "script")
		os.WriteFile(path, []byte("# a comment\n\n"+bad+"\n"), 0o644)
		if _, err := readScript(path); err == nil || !strings.Contains(err.Error(), ":3: ") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// On a display of twice as many pixels the window and its characters are twice as large.
func TestScale(t *testing.T) {
	display(t)
	two := os.Getenv("FM_DESKTOP_HIDPI")
	if two == "" {
		t.Skip("$FM_DESKTOP_HIDPI names no display with a scale of 2")
	}
	program, dir := build(t), t.TempDir()
	script := filepath.Join(dir, "script")
	const lines = "wait\ntype ROMEO:\nenter\nwait\ntype 漢字かな 한국어 ελληνικά русский e\u0301 ❤ 👩\u200d💻 \ue000\n" +
		"shot dark.png\ntheme\nshot light.png\nclose\n"
	if err := os.WriteFile(script, []byte(lines), 0o644); err != nil {
		t.Fatal(err)
	}
	args := append(command(program), "-script", script, "-seed", "7", "-n", "30", "-width", "1100", "-height", "700")
	run := exec.Command(args[0], args[1:]...)
	run.Dir, run.Env = dir, append(os.Environ(), "DISPLAY="+two)
	out, err := run.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatal(err)
	}
	shot := readPNG(t, filepath.Join(dir, "dark.png"))
	if want := image.Pt(2200, 1400); shot.Bounds().Size() != want {
		t.Fatalf("the screenshot is %v, want %v", shot.Bounds().Size(), want)
	}
	isR(t, shot, 30)
	if dir := os.Getenv("FM_DESKTOP_SHOTS"); dir != "" {
		for _, name := range []string{"dark.png", "light.png"} {
			data, err := os.ReadFile(filepath.Join(run.Dir, name))
			if err == nil {
				err = os.WriteFile(filepath.Join(dir, "scale2-"+name), data, 0o644)
			}
			if err != nil {
				t.Error(err)
			}
		}
	}
}

// isR tests that the text begins with the R of ROMEO, in the colour of what is typed and a font of size pixels.
func isR(t *testing.T, shot image.Image, size float64) {
	t.Helper()
	f := face.New(size, nil)
	s := screen.New(shot.Bounds().Dx()/f.Width, shot.Bounds().Dy()/f.Height)
	s.Lay(screen.View{View: talk.View{Turns: []tree.Turn{{Typed: "ROMEO:"}}}, Model: "x", Prompt: &edit.Field{}, Layers: 1})
	col, row := 0, 0
	for y := range s.Page.Rows {
		if at := strings.Index(s.Page.Line(y), "ROMEO:"); at >= 0 {
			col, row = grid.Cells(s.Page.Line(y)[:at]), y
		}
	}
	g, _ := f.Draw("R", 1)
	for y := range f.Height {
		for x := range f.Width {
			full, c := g[y*f.Width+x] == 255, color.NRGBAModel.Convert(shot.At(col*f.Width+x, row*f.Height+y))
			if full != (c == color.NRGBA{0xff, 0xb4, 0x54, 255}) {
				t.Fatalf("the R of ROMEO has %v at %d, %d", c, x, y)
			}
		}
	}
}
