package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"falconmamba"
	"falconmamba/backend"
	"falconmamba/checkpoint/hub"
	"falconmamba/checkpoint/tiny"
	"falconmamba/examples/desktop/shelf"
)

// A choice is a model on a device.
type choice struct {
	model  shelf.Model
	device shelf.Device
}

// list finds out what there is to choose from, and opens the panel.
func (a *app) list() {
	var models []shelf.Model
	a.start("Looking for models …", func(ctx context.Context, _ *job) (err error) {
		models, err = shelf.Models(ctx, a.o.folders, hub.Options{})
		return err
	}, func(err error) {
		if err != nil {
			a.talk.Fail(err)
		}
		if named := a.chosen.model; named.Name != "" && !contains(models, named) {
			models = append(models, named)
		}
		a.picker = &shelf.Picker{Models: []shelf.Model{a.chosen.model}, Devices: []shelf.Device{a.chosen.device}}
		a.picker.Offer(models, shelf.Devices(a.gpu.names(), a.infos))
	})
}

func contains(models []shelf.Model, m shelf.Model) bool {
	for _, x := range models {
		if x.Name == m.Name {
			return true
		}
	}
	return false
}

// switchTo closes what is open, so that two models are never in memory, and opens c. The conversation stays.
func (a *app) switchTo(c choice) {
	a.chosen, a.picker = c, nil
	closing := a.detach()
	a.start("Closing …", func(context.Context, *job) error { return closing() }, func(err error) {
		if err != nil {
			a.talk.Fail(err)
		}
		if c.device.Window >= 0 && c.device.Label != a.gpu.name {
			if err := a.reopen(c.device.Label); err != nil {
				a.broken = err
				return
			}
			a.losing = false // whatever was lost
		}
		a.load()
	})
}

// load opens what is chosen.
func (a *app) load() {
	c := a.chosen
	var m *falconmamba.Model
	title := fmt.Sprintf("Opening %s on %s", c.model.Label, c.device.Label)
	a.start(title, func(ctx context.Context, j *job) (err error) {
		o := &falconmamba.Options{Backend: c.device.Name, Text: true}
		if c.device.Window >= 0 {
			o.Device = a.device
		}
		percent := func(done, total int64) { j.percent.Store(100 * done / max(total, 1)) }
		o.Load.Progress, o.Hub.Progress = percent, percent
		if c.model.Name == "" {
			m, err = falconmamba.OpenFS(ctx, tiny.FS(), o)
		} else {
			m, err = falconmamba.Open(ctx, c.model.Name, o)
		}
		return err
	}, func(err error) {
		switch {
		case errors.Is(err, context.Canceled):
			a.talk.Say("not opened: Ctrl+O chooses another model or device")
		case errors.Is(err, backend.ErrDeviceLost) && c.device.Window >= 0:
			a.talk.Fail(err)
			a.losing = true // poll goes on
		case err != nil:
			a.talk.Fail(err)
		default:
			if err := a.adopt(m); err != nil {
				a.talk.Fail(errors.Join(err, m.Close()))
			}
		}
	})
}

// adopt makes a model the one that writes.
func (a *app) adopt(m *falconmamba.Model) error {
	here := a.chosen.device.Window >= 0
	p, err := a.renderer.newPicture(m, here)
	if err != nil {
		return err
	}
	if err := a.talk.Begin(m, a.o.generation(m), !here); err != nil {
		p.close()()
		return err
	}
	a.model, a.renderer.picture = m, p
	a.talk.Say("%s on %s", a.chosen.model.Label, a.chosen.device.Label)
	if a.losses > 0 {
		a.talk.Say("%s was lost and is open again; the conversation is kept", a.chosen.device.Label)
	}
	return a.renderer.rebind()
}

// detach lets the model go at once. What is returned closes it, which waits for the device.
func (a *app) detach() (closing func() error) {
	picture := func() {}
	if a.renderer != nil && a.renderer.picture != nil {
		picture = a.renderer.picture.close()
		a.renderer.picture = nil
		a.renderer.rebind()
	}
	writing, m := a.talk.End(), a.model
	a.model = nil
	return func() error {
		writing()
		picture()
		if m == nil {
			return nil
		}
		return m.Close()
	}
}

// recover opens a device that was lost anew, and the model on it. The conversation stays: its states are the host's.
func (a *app) recover() {
	if a.losing = a.job != nil; a.losing { // poll comes back here
		a.job.cancel()
		return
	}
	device := a.chosen.device
	switch a.losses++; {
	case device.Window < 0 && a.losses <= lossesInARow:
		a.switchTo(a.chosen)
		return
	case a.losses > lossesInARow:
		err := fmt.Errorf("%s was lost %d times in a row: choose another device", device.Label, lossesInARow)
		if device.Window >= 0 {
			a.broken = err // there is nothing to draw with
			return
		}
		closing := a.detach()
		a.start("Closing …", func(context.Context, *job) error { return closing() },
			func(error) { a.talk.Fail(err) })
		return
	}
	closing, name := a.detach(), a.gpu.name
	a.start("The device was lost: it is opened anew", func(ctx context.Context, _ *job) error {
		closing() // of a device that is lost: what it says does not matter
		return nil
	}, func(error) { a.comeBack(name, 0) })
}

// A lost device may need some seconds until it can be opened again.
const (
	lossesInARow = 3
	tries        = 10
	between      = time.Second
)

func (a *app) comeBack(name string, tried int) {
	err := a.reopen(name)
	switch {
	case err == nil:
		a.load()
	case tried == tries:
		a.broken = fmt.Errorf("%s was lost, and cannot be opened again: %w", name, err)
	default:
		a.start("The device was lost, and is not back yet", func(ctx context.Context, _ *job) error {
			select {
			case <-ctx.Done():
			case <-time.After(between):
			}
			return ctx.Err()
		}, func(canceled error) {
			if canceled != nil {
				a.broken = fmt.Errorf("%s was lost: %w", name, err)
				return
			}
			a.comeBack(name, tried+1)
		})
	}
}
