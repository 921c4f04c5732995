package main

import (
	"bytes"
	"errors"
	"log"
	"math"
	"strings"

	"github.com/go-gl/glfw/v3.3/glfw"
)

// openWindow opens a window that Vulkan will draw to.
func openWindow(title string, width, height int) (*glfw.Window, error) {
	if err := logged(glfw.Init); err != nil {
		return nil, err
	}
	var w *glfw.Window
	err := logged(func() (err error) {
		glfw.WindowHint(glfw.ClientAPI, glfw.NoAPI)
		glfw.WindowHint(glfw.ScaleToMonitor, glfw.True)
		w, err = glfw.CreateWindow(width, height, title, nil, nil)
		return err
	})
	if err == nil && w == nil {
		err = errors.New("GLFW gave no reason")
	}
	if err != nil {
		glfw.Terminate()
		return nil, err
	}
	return w, nil
}

// logged calls f and returns as an error what GLFW's binding only logs: that
// there is no display, for one.
func logged(f func() error) error {
	var said bytes.Buffer
	out, flags := log.Writer(), log.Flags()
	defer func() { log.SetOutput(out); log.SetFlags(flags) }()
	log.SetOutput(&said)
	log.SetFlags(0)
	err := f()
	if text := strings.TrimSpace(said.String()); err == nil && text != "" {
		err = errors.New(text)
	}
	return err
}

// contentScale is how many pixels there are for one of a display of old: 2 on many new ones, and anything between.
func (a *app) contentScale() float64 {
	x, _ := a.window.GetContentScale()
	return math.Max(0.5, math.Min(float64(x), 8))
}

// rate is how many frames a second the display shows, as far as it tells.
func rate() int {
	if m := glfw.GetPrimaryMonitor(); m != nil {
		if v := m.GetVideoMode(); v != nil && v.RefreshRate > 0 {
			return v.RefreshRate
		}
	}
	return 60
}
