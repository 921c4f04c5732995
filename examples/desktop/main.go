// Desktop is a window in which a model writes: it shows how a program embeds
// FalconMamba on the Vulkan device that it draws with. See README.md.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/go-gl/glfw/v3.3/glfw"
	vk "github.com/goki/vulkan"

	"falconmamba"
	"falconmamba/backend"
	_ "falconmamba/backend/all"
	"falconmamba/examples/desktop/edit"
	"falconmamba/examples/desktop/face"
	"falconmamba/examples/desktop/screen"
	"falconmamba/examples/desktop/shelf"
	"falconmamba/examples/desktop/talk"
)

func init() { runtime.LockOSThread() } // windows belong to the main thread

func main() {
	var o options
	flag.StringVar(&o.model, "m", "", "`MODEL`, as for fmgen (default: a small one, embedded)")
	flag.Var(&o.folders, "models", "`FOLDER` of models to choose from, beside the hub's cache; several")
	flag.StringVar(&o.device, "device", "", "`DEVICE` of the model, as for fmgen (default: the window's own)")
	flag.IntVar(&o.limit, "n", 0, "write at most `N` tokens a turn (default: what the checkpoint says, else 256)")
	flag.Float64Var(&o.temperature, "temp", -1, "temperature `T`; 0 is greedy (default: what the checkpoint says)")
	flag.Uint64Var(&o.seed, "seed", uint64(time.Now().UnixNano()), "`SEED` of the first turn's draws")
	flag.Int64Var(&o.keep, "keep", 1000, "keep states to go back to in `MB` of memory; others are read again")
	flag.BoolVar(&o.light, "light", false, "dark on light; Ctrl+D changes that")
	flag.Float64Var(&o.size, "font", 15, "`SIZE` of the font, times the display's scale in pixels")
	flag.BoolVar(&o.spans, "spans", false, "put barriers as synchronization validation wants them")
	flag.DurationVar(&o.slice, "slice", 100*time.Millisecond, "the longest `TIME` that a frame may wait for the model")
	flag.StringVar(&o.script, "script", "", "`FILE` with what to type and do, see script.go")
	flag.IntVar(&o.width, "width", 1280, "of the window, times the display's scale in pixels")
	flag.IntVar(&o.height, "height", 800, "of the window, likewise")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "desktop:", err)
		os.Exit(1)
	}
}

type options struct {
	model, script, device string
	folders               folders
	limit                 int
	temperature           float64
	seed                  uint64
	keep                  int64
	light                 bool
	size                  float64
	slice                 time.Duration
	spans                 bool
	width, height         int
}

type folders []string

func (f *folders) String() string     { return strings.Join(*f, " ") }
func (f *folders) Set(s string) error { *f = append(*f, s); return nil }

// An app is the program while its window is open.
type app struct {
	o      options
	window *glfw.Window
	talk   *talk.Talk
	view   talk.View
	script *script

	// What draws, nil while a lost device is not back.
	gpu      *gpu
	device   backend.Backend
	infos    []backend.Info // of all devices, the window's among them
	renderer *renderer
	chain    *swapchain // nil while there is none that suits the window
	scale    float64    // that the font is drawn for
	fonts    *face.Fonts
	finding  chan *face.Fonts // nil once they are found
	losses   int              // of the device, without a frame of a model between
	losing   bool             // it is lost, and the job ends before anything else
	broken   error            // ends the program

	// What is open.
	model  *falconmamba.Model
	chosen choice
	job    *job // what takes long, or nil

	// What the user does.
	screen *screen.Screen
	prompt edit.Field
	picker *shelf.Picker // nil while it is closed
	dark   bool
	drag   string // what the mouse selects in: text, prompt or nothing

	between, idle, busy, waits times // of frames: the last two while the model works
}

// run opens all there is, layer by layer, and closes it in the other order.
func run(o options) (err error) {
	a := &app{o: o, dark: !o.light, screen: screen.New(1, 1), talk: talk.New(o.keep * 1e6)}
	if o.size < 4 || o.size > 200 {
		return fmt.Errorf("-font %v: want a size from 4 to 200", o.size)
	}
	if a.script, err = readScript(o.script); err != nil {
		return err
	}
	// Before the window's device: this makes an instance of its own, and the Vulkan binding's functions, which
	// are the process's, are those of the last instance.
	if a.infos, err = backend.Devices(); err != nil {
		a.talk.Fail(err) // of some devices
	}
	if a.window, err = openWindow("FalconMamba", o.width, o.height); err != nil {
		return fmt.Errorf("no window: %w", err)
	}
	defer glfw.Terminate()
	defer func() { err = errors.Join(err, a.closeDevice()) }()
	if err = a.openDevice(""); err != nil {
		return err
	}
	name := a.gpu.name
	defer func() { err = errors.Join(err, a.detach()()) }()
	defer a.abandon()
	a.findFonts()
	a.listen()
	a.chosen = choice{shelf.Model{Name: o.model, Label: filepath.Base(o.model)}, shelf.Device{Label: name}}
	if o.model == "" {
		a.chosen.model = shelf.Embedded
	}
	if o.device != "" {
		a.chosen.device = shelf.Device{Name: o.device, Window: -1, Label: o.device}
	}
	a.load()
	defer func() { a.report(name) }()
	return a.loop()
}

// generation is how text is generated: as fmgen does with the same flags.
func (o options) generation(m *falconmamba.Model) falconmamba.GenerateOptions {
	g := m.Defaults()
	if o.temperature >= 0 {
		g.Sampling.Temperature = float32(o.temperature)
	}
	if o.limit > 0 || g.MaxTokens == 0 {
		g.MaxTokens = 256
	}
	if o.limit > 0 {
		g.MaxTokens = o.limit
	}
	g.Sampling.Seed = o.seed
	return g
}

// loop draws frames until the window is closed.
func (a *app) loop() error {
	period := time.Second / time.Duration(rate())
	var last time.Time
	for !a.window.ShouldClose() {
		glfw.PollEvents()
		if err := a.script.step(a); err != nil {
			return err
		}
		a.poll()
		if a.broken != nil {
			return a.broken
		}
		begin := time.Now()
		shown, err := a.frame()
		switch {
		case a.script.losing() || lost(err):
			a.recover()
		case errors.Is(err, errStale):
			a.chain.close()
			a.chain = nil
		case err != nil:
			return err
		case !shown: // minimised or hidden: the model goes on
			glfw.WaitEventsTimeout(0.05)
			last = time.Time{}
			continue
		}
		if now := time.Now(); !last.IsZero() {
			a.between = append(a.between, now.Sub(last))
		}
		last = time.Now()
		time.Sleep(period - time.Since(begin)) // where presenting does not wait for the display
	}
	return nil
}

// frame draws one frame. It reports false where there is nothing to draw to.
func (a *app) frame() (shown bool, err error) {
	if a.renderer == nil || a.losing {
		return false, nil
	}
	if width, height := a.window.GetFramebufferSize(); width == 0 || height == 0 {
		return false, nil
	} else if a.chain == nil || a.chain.width != width || a.chain.height != height || a.scale != a.contentScale() ||
		a.foundFonts() {
		if err := a.resize(width, height); err != nil {
			if errors.Is(err, errNoSize) {
				err = nil
			}
			return false, err
		}
	}
	a.view = a.talk.Look(a.view)
	if a.prompt.Text() == "" {
		a.prompt.Insert(a.talk.Refused())
	}
	if a.view.Lost && a.job == nil {
		return true, backend.ErrDeviceLost
	}
	a.screen.Lay(a.shown())
	took, err := a.renderer.draw(a.chain, frame{Screen: a.screen, dark: a.dark, session: a.view.Session,
		state: a.view.State, shot: a.script.shot != ""})
	if took.all == 0 {
		return false, err
	}
	if a.view.Busy {
		a.busy, a.waits = append(a.busy, took.all), append(a.waits, took.wait)
	} else {
		a.idle = append(a.idle, took.all)
		if a.model != nil && a.job == nil {
			a.losses = 0
		}
	}
	if a.script.shot != "" {
		if err := a.script.took(a); err != nil {
			return true, err
		}
	}
	return true, err
}

// shown is what the window shows.
func (a *app) shown() screen.View {
	v := screen.View{View: a.view, Device: a.chosen.device.Label, Dark: a.dark, Prompt: &a.prompt, Picker: a.picker,
		Keys: keysHelp}
	if a.model != nil {
		c := a.model.Config()
		v.Model = a.chosen.model.Label
		v.States = fmt.Sprintf("the state: %d × %d in %d layers", c.IntermediateSize, c.StateSize, c.NumHiddenLayers)
		v.Layers = c.NumHiddenLayers
	}
	if a.job != nil {
		v.Opening, v.Percent = a.job.title, int(a.job.percent.Load())
	}
	return v
}

// text returns the text on show.
func (a *app) text() (s string) {
	a.view = a.talk.Look(a.view)
	for _, t := range a.view.Turns {
		s += t.Typed + t.Written
	}
	return s
}

// resize makes the swapchain anew, and what depends on its size and on the size of the font.
func (a *app) resize(width, height int) (err error) {
	a.chain.close()
	a.chain, err = a.gpu.newSwapchain(width, height)
	if f := (*failure)(nil); errors.As(err, &f) && f.result == vk.ErrorSurfaceLost {
		if err = settingUp(func() error { return a.gpu.makeSurface(a.window) }); err == nil {
			a.chain, err = a.gpu.newSwapchain(width, height)
		}
	}
	if err != nil {
		return err
	}
	if a.foundFonts() {
		a.fonts, a.finding = <-a.finding, nil
		if err := a.renderer.use(a.newFace()); err != nil {
			return err
		}
	} else if a.scale != a.contentScale() {
		if err := a.renderer.use(a.newFace()); err != nil {
			return err
		}
	}
	a.screen.Resize(a.chain.width/a.renderer.face.Width, a.chain.height/a.renderer.face.Height)
	return a.renderer.resize(a.chain.width, a.chain.height, len(a.screen.Page.Cells))
}

// foundFonts reports whether the system's fonts are there to be taken.
func (a *app) foundFonts() bool { return len(a.finding) > 0 }

// report says how the frames went.
func (a *app) report(name string) {
	fmt.Fprintf(os.Stderr, `%s: %d frames, from one to the next %v
from wanting the queue to the end: %v; while the model works: %v
of that, waiting for the model: %v, where -slice allows %v: %d of them were longer
`, name, len(a.idle)+len(a.busy), a.between, a.idle, a.busy, a.waits, a.o.slice, a.waits.above(a.o.slice))
}
