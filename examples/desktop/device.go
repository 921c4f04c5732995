package main

import (
	"errors"
	"os"
	"path/filepath"

	vk "github.com/goki/vulkan"

	"falconmamba/backend"
	"falconmamba/examples/desktop/face"
)

// openDevice opens the window's device, by name or the best, and what draws with it.
func (a *app) openDevice(name string) (err error) {
	if a.gpu, err = openGPU(a.window, name); err != nil {
		return err
	}
	if a.device, err = a.gpu.attach(a.o.slice, a.o.spans); err != nil {
		return err
	}
	if a.renderer, err = newRenderer(a.gpu); err != nil {
		return err
	}
	return a.renderer.use(a.newFace())
}

// closeDevice closes what openDevice has opened. No model is on it any more.
func (a *app) closeDevice() (err error) {
	a.chain.close()
	a.chain = nil
	if a.renderer != nil {
		a.renderer.close()
		a.renderer = nil
	}
	if a.device != nil {
		err = a.device.Close()
		a.device = nil
	}
	if a.gpu != nil {
		a.gpu.close()
		a.gpu = nil
	}
	return err
}

// reopen closes the window's device, which may be lost, and opens another or the same one again. Where that fails there
// is none.
func (a *app) reopen(name string) error {
	if err := a.closeDevice(); err != nil && !errors.Is(err, backend.ErrDeviceLost) {
		a.talk.Fail(err)
	}
	err := a.openDevice(name)
	if err != nil {
		a.closeDevice()
	}
	return err
}

// lost reports whether an error of a frame says that the device is lost.
func lost(err error) bool {
	f := (*failure)(nil)
	return errors.As(err, &f) && f.result == vk.ErrorDeviceLost || errors.Is(err, backend.ErrDeviceLost)
}

// newFace returns the font in the size that the window's scale asks for.
func (a *app) newFace() *face.Face {
	a.scale = a.contentScale()
	return face.New(a.o.size*a.scale, a.fonts)
}

// findFonts looks for the system's fonts, which takes a while, and only once.
func (a *app) findFonts() {
	found := make(chan *face.Fonts, 1)
	a.finding = found
	go func() {
		cache, err := os.UserCacheDir()
		if err != nil {
			cache = os.TempDir()
		}
		cache = filepath.Join(cache, "falconmamba-desktop")
		os.MkdirAll(cache, 0o755) // without it the fonts are looked for each time
		fonts, err := face.SystemFonts(cache)
		if err != nil {
			fonts = nil // what Go Mono lacks stays a box
		}
		found <- fonts
	}()
}
