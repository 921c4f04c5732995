// Desktop is a window in which a model writes: it shows how a program embeds
// FalconMamba on the Vulkan device that it draws with. See README.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/go-gl/glfw/v3.3/glfw"
	vk "github.com/goki/vulkan"

	"falconmamba"
	"falconmamba/backend"
	"falconmamba/checkpoint/tiny"
)

func init() { runtime.LockOSThread() } // windows belong to the main thread

func main() {
	var o options
	flag.StringVar(&o.model, "m", "", "`MODEL`, as for fmgen (default: a small one, embedded)")
	flag.IntVar(&o.limit, "n", 0, "write at most `N` tokens a turn (default: what the checkpoint says, else 256)")
	flag.Float64Var(&o.temperature, "temp", -1, "temperature `T`; 0 is greedy (default: what the checkpoint says)")
	flag.Uint64Var(&o.seed, "seed", uint64(time.Now().UnixNano()), "`SEED` of the first turn's draws")
	flag.BoolVar(&o.spans, "spans", false, "put barriers as synchronization validation wants them")
	flag.DurationVar(&o.slice, "slice", 100*time.Millisecond, "the longest `TIME` that a frame may wait for the model")
	flag.StringVar(&o.script, "script", "", "`FILE` with what to type and do, see script.go")
	flag.IntVar(&o.width, "width", 1200, "of the window")
	flag.IntVar(&o.height, "height", 800, "of the window")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "desktop:", err)
		os.Exit(1)
	}
}

type options struct {
	model, script string
	limit         int
	temperature   float64
	seed          uint64
	slice         time.Duration
	spans         bool
	width, height int
}

// An app is the program while its window is open.
type app struct {
	window   *glfw.Window
	gpu      *gpu
	model    *falconmamba.Model
	writer   *writer
	renderer *renderer
	chain    *swapchain // nil while there is none that suits the window
	page     *page
	script   *script

	prompt       string // typed and not sent
	scroll, most int    // lines from the end of the text

	between, idle, busy, waits times // of frames: the last while the model works
}

// run opens all there is, layer by layer, and closes it in the other order.
func run(o options) (err error) {
	a := &app{}
	if a.script, err = readScript(o.script); err != nil {
		return err
	}
	if a.window, err = openWindow("FalconMamba", o.width, o.height); err != nil {
		return fmt.Errorf("no window: %w", err)
	}
	defer glfw.Terminate()
	if a.gpu, err = openGPU(a.window); err != nil {
		return err
	}
	defer a.gpu.close()
	device, err := a.gpu.attach(o.slice, o.spans)
	if err != nil {
		return err
	}
	defer closed(device, &err)
	if a.model, err = a.load(o.model, device); err != nil || a.model == nil {
		return err
	}
	defer closed(a.model, &err)
	if a.renderer, err = newRenderer(a.gpu, a.model); err != nil {
		return err
	}
	defer a.renderer.close()
	if a.writer, err = newWriter(a.model, o.generation(a.model)); err != nil {
		return err
	}
	defer a.writer.end()
	defer func() { a.chain.close() }()
	a.listen()
	defer a.report(o.slice)
	return a.loop()
}

func closed(c interface{ Close() error }, err *error) { *err = errors.Join(*err, c.Close()) }

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

// load opens the model in a goroutine, while the window stays alive. It returns
// nil if the window was closed meanwhile.
func (a *app) load(name string, device backend.Backend) (*falconmamba.Model, error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var percent atomic.Int64
	o := &falconmamba.Options{Device: device}
	o.Load.Progress = func(done, total int64) { percent.Store(100 * done / max(total, 1)) }
	type result struct {
		m   *falconmamba.Model
		err error
	}
	done := make(chan result, 1)
	go func() {
		var r result
		if name == "" {
			r.m, r.err = falconmamba.OpenFS(ctx, tiny.FS(), o)
		} else {
			r.m, r.err = falconmamba.Open(ctx, name, o)
		}
		done <- r
		glfw.PostEmptyEvent()
	}()
	for {
		select {
		case r := <-done:
			a.window.SetTitle("FalconMamba")
			if a.window.ShouldClose() && errors.Is(r.err, context.Canceled) {
				r.err = nil
			}
			return r.m, r.err
		default:
			if a.window.ShouldClose() {
				cancel()
			}
			a.window.SetTitle(fmt.Sprintf("FalconMamba: loading, %d %%", percent.Load()))
			glfw.WaitEventsTimeout(0.05)
		}
	}
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
		begin := time.Now()
		shown, err := a.frame()
		switch {
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
	if width, height := a.window.GetFramebufferSize(); width == 0 || height == 0 {
		return false, nil
	} else if a.chain == nil || a.chain.width != width || a.chain.height != height || a.page.scale != a.scale() {
		if err := a.resize(width, height); err != nil {
			if errors.Is(err, errNoSize) {
				err = nil
			}
			return false, err
		}
	}
	v, session, busy := a.writer.look()
	c := a.model.Config()
	v.title, v.keys, v.prompt, v.scroll = "FalconMamba", keysHelp, a.prompt, a.scroll
	v.states = fmt.Sprintf("the state: %d channels × %d, in each of %d layers",
		c.IntermediateSize, c.StateSize, c.NumHiddenLayers)
	v.layers = c.NumHiddenLayers
	a.most = a.page.lay(v)
	took, err := a.renderer.draw(a.chain, a.page, session, a.script.shot != "")
	if took.all == 0 {
		return false, err
	}
	if busy {
		a.busy, a.waits = append(a.busy, took.all), append(a.waits, took.wait)
	} else {
		a.idle = append(a.idle, took.all)
	}
	if a.script.shot != "" {
		if err := a.script.took(a); err != nil {
			return true, err
		}
	}
	return true, err
}

// resize makes the swapchain anew, and what depends on its size.
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
	a.page = newPage(a.chain.width, a.chain.height, a.scale())
	return a.renderer.resize(a.chain.width, a.chain.height, len(a.page.cells))
}

// report says how the frames went.
func (a *app) report(slice time.Duration) {
	fmt.Fprintf(os.Stderr, `%s: %d frames, from one to the next %v
from wanting the queue to the end: %v; while the model works: %v
of that, waiting for the model: %v, where -slice allows %v
`, a.gpu.name, len(a.idle)+len(a.busy), a.between, a.idle, a.busy, a.waits, slice)
}
