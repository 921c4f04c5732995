package main

import (
	"sync"
	"unsafe"

	vk "github.com/goki/vulkan"

	"falconmamba"
	"falconmamba/backend/vulkan"
	"falconmamba/checkpoint"
)

// A picture shows the states of a model: a band for each layer. Where the model runs on the window's device, a shader
// reads the states where they lie. Where it runs on another, a copy is drawn that the host has uploaded.
type picture struct {
	r       *renderer
	m       *falconmamba.Model
	c       *checkpoint.Config
	columns int     // of a band
	drawn   *buffer // all bands, as the page's shader reads them
	sets    sets    // one of each layer

	states  *falconmamba.States // the memory that is bound, or nil
	moved   chan moved          // where it has gone, while that is being asked
	leaving sync.WaitGroup      // memory that was states before

	copied *buffer            // the copy, where the model runs elsewhere
	shown  *falconmamba.State // what is in it
}

type moved struct {
	states *falconmamba.States
	err    error
}

// newPicture makes the picture of m's states. here says that m runs on the window's device.
func (r *renderer) newPicture(m *falconmamba.Model, here bool) (*picture, error) {
	p := &picture{r: r, m: m, c: m.Config(), columns: min((m.Config().IntermediateSize+63)&^63, 1024)}
	if err := settingUp(func() error { return p.open(here) }); err != nil {
		p.close()()
		return nil, err
	}
	return p, nil
}

func (p *picture) open(here bool) (err error) {
	layers := p.c.NumHiddenLayers
	if p.drawn, err = p.r.g.newBuffer(layers*p.bandBytes(), false); err != nil {
		return err
	}
	if p.sets, err = p.r.newSets(layers); err != nil {
		return err
	}
	for i, set := range p.sets.list {
		p.r.bind(set, 1, p.drawn.buf, int64(i*p.bandBytes()), int64(p.bandBytes()))
	}
	if here {
		return nil // follow binds the rest
	}
	if p.copied, err = p.r.g.newBuffer(layers*p.layerBytes(), true); err != nil {
		return err
	}
	clear(p.copied.words())
	for i, set := range p.sets.list {
		p.r.bind(set, 0, p.copied.buf, int64(i*p.layerBytes()), int64(p.layerBytes()))
	}
	return nil
}

func (p *picture) bandBytes() int { return 4 * p.columns * p.c.StateSize }

// layerBytes is what a layer takes of the copy: as bindings may begin anywhere that 256 divides.
func (p *picture) layerBytes() int { return (4*p.c.IntermediateSize*p.c.StateSize + 255) &^ 255 }

// follow binds the memory that the states are in, or uploads what is to be shown. It waits for nothing: where states
// have moved it asks for the new memory, which the model may take a while to tell, and the last picture stays.
func (p *picture) follow(x frame) error {
	if p.copied != nil {
		if x.state == nil || x.state == p.shown {
			return nil
		}
		p.shown = x.state
		for i, layer := range x.state.SSM {
			copy(unsafe.Slice((*float32)(unsafe.Pointer(&p.copied.words()[i*p.layerBytes()/4])), len(layer)), layer)
		}
		return nil
	}
	if p.moved != nil {
		select {
		case to := <-p.moved:
			p.moved = nil
			if to.err != nil {
				return to.err
			}
			return p.bind(to.states)
		default:
			return nil
		}
	}
	if p.states != nil && x.session != nil {
		if _, ok := p.states.Row(x.session); ok {
			return nil
		}
	}
	if x.session != nil {
		p.moved = make(chan moved, 1)
		go func(out chan moved) {
			s, err := p.m.States()
			out <- moved{s, err}
		}(p.moved)
	}
	return nil
}

func (p *picture) bind(states *falconmamba.States) error {
	if old := p.states; old != nil {
		p.leaving.Go(func() { old.Close() }) // it may wait for the device, which no frame is to
	}
	p.states = states
	return settingUp(func() error {
		for i, t := range states.SSM {
			at, err := vulkan.Locate(t)
			if err != nil {
				return err
			}
			p.r.bind(p.sets.list[i], 0, *(*vk.Buffer)(unsafe.Pointer(&at.Buffer)), at.Offset, at.Size)
		}
		return nil
	})
}

// row returns the row of what is bound that is to be drawn.
func (p *picture) row(s *falconmamba.Session) (row int, ok bool) {
	switch {
	case p.copied != nil:
		return 0, true
	case p.states == nil || s == nil:
		return 0, false
	}
	return p.states.Row(s)
}

// close frees what the window's device has of it. The memory of the model goes by what is returned, which may wait.
func (p *picture) close() (wait func()) {
	if p == nil {
		return func() {}
	}
	vk.DestroyDescriptorPool(p.r.g.device, p.sets.pool, nil)
	p.drawn.close()
	p.copied.close()
	return func() {
		if p.moved != nil {
			if to := <-p.moved; to.err == nil {
				to.states.Close()
			}
		}
		p.leaving.Wait()
		if p.states != nil {
			p.states.Close()
		}
	}
}
