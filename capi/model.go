package main

// #include "cgo.h"
import "C"

import (
	"context"
	"slices"
	"strings"
	"unsafe"

	"falconmamba"
	"falconmamba/backend"
	"falconmamba/checkpoint"
	"falconmamba/checkpoint/tiny"
)

//export fm_model_open
func fm_model_open(name *C.fm_utf8, o *C.fm_const_open_options, out **C.fm_model, e *C.fm_error) C.fm_status {
	zero(out)
	return call(e, func() error {
		if out == nil {
			return invalid("model is NULL: want where to store it")
		}
		path, err := text("name", name)
		if err != nil {
			return err
		}
		given, done, err := options[C.fm_open_options]("fm_open_options", o)
		if err != nil {
			return err
		}
		defer done()
		opened, err := openOptions(given)
		if err != nil {
			return err
		}
		ctx, err := contextOf(given.cancel)
		if err != nil {
			return err
		}
		m, err := openTold(ctx, path, opened, given)
		if err != nil {
			return err
		}
		return store(unsafe.Pointer(out), kindModel, m)
	})
}

// openOptions puts a caller's options in the words of the package.
func openOptions(c *C.fm_open_options) (*falconmamba.Options, error) {
	const known = C.FM_OPEN_OFFLINE | C.FM_OPEN_NO_MMAP | C.FM_OPEN_BATCH_INVARIANT | C.FM_OPEN_TEXT
	switch {
	case c.flags&^known != 0:
		return nil, unsupportedError("fm_open_options.flags has bits that this version of the library does not know")
	case c.threads < 0, c.chunk < 0, c.running < 0:
		return nil, invalid("threads %d, chunk %d, running %d: want none below 0", c.threads, c.chunk, c.running)
	case c.mixer_eps < 0 || c.mixer_eps != c.mixer_eps || c.mixer_eps > 1:
		return nil, invalid("mixer_eps is %g: want a small positive number, such as 1e-6, or 0", c.mixer_eps)
	}
	var texts [5]string
	for i, field := range []struct {
		name string
		s    *C.char
	}{{"backend", c.backend}, {"precision", c.precision}, {"quant", c.quant}, {"state_type", c.state_type},
		{"cache", c.cache}} {
		var err error
		if texts[i], err = text(field.name, (*C.fm_utf8)(field.s)); err != nil {
			return nil, err
		}
	}
	o := &falconmamba.Options{Backend: texts[0], Text: c.flags&C.FM_OPEN_TEXT != 0}
	kind, _, _ := strings.Cut(texts[0], ":")
	if kind != "" && kind != "auto" && !slices.Contains(backend.Drivers(), kind) {
		return nil, noBackend(texts[0])
	}
	o.Driver = backend.Options{Threads: int(c.threads), BatchInvariant: c.flags&C.FM_OPEN_BATCH_INVARIANT != 0}
	o.Hub.Offline = c.flags&C.FM_OPEN_OFFLINE != 0
	o.Checkpoint = checkpoint.Options{NoMap: c.flags&C.FM_OPEN_NO_MMAP != 0, MixerRMSEps: float64(c.mixer_eps)}
	if err := addAdapters(o, c); err != nil {
		return nil, err
	}
	o.Engine.Chunk, o.Engine.Running = int(c.chunk), int(c.running)
	o.Engine.Cache.Dir = texts[4]
	if err := weightOptions(o, texts[1], texts[2], texts[3]); err != nil {
		return nil, err
	}
	return o, nil
}

// addAdapters adds the caller's LoRA adapters.
func addAdapters(o *falconmamba.Options, c *C.fm_open_options) error {
	names, err := array[*C.char]("adapters", c.adapters, c.adapter_count)
	if err != nil {
		return err
	}
	for _, s := range names {
		name, err := want("an adapter", (*C.fm_utf8)(s))
		if err != nil {
			return err
		}
		a, err := checkpoint.ParseAdapter(name)
		if err != nil {
			return invalid("adapter %v", err)
		}
		o.Checkpoint.Adapters = append(o.Checkpoint.Adapters, a)
	}
	return nil
}

// noBackend is the error of a backend that the library does not have.
func noBackend(name string) error {
	_, err := backend.Open(name, backend.Options{})
	return notFound{err}
}

// A notFound is an error of a name that nothing has.
type notFound struct{ error }

func (e notFound) Is(target error) bool { return target == errNoBackend }

// weightOptions says what weights and states are stored as, and passes rounded to.
func weightOptions(o *falconmamba.Options, precision, quant, state string) error {
	if precision != "" {
		p, err := backend.ParsePrecision(precision)
		if err != nil {
			return invalid("precision: %v", err)
		}
		o.Load.Precision = &p
	}
	if quant != "" {
		t, err := checkpoint.ParseQuant(quant)
		o.Checkpoint.Quant = t
		if err != nil {
			mix, mixErr := checkpoint.ParseQuantMix(quant)
			if mixErr != nil || mix.Type.Block() == 1 {
				return invalid("quant: %v, or a mix such as q4_K_M", err)
			}
			o.Checkpoint.Quant, o.Checkpoint.QuantMore = mix.Type, mix.More
		}
	}
	if state != "" {
		t, err := backend.ParseStateType(state)
		if err != nil {
			return invalid("state_type: %v", err)
		}
		o.Engine.StateType = t
	}
	return nil
}

// open loads a model; no name is that of the embedded one.
func open(ctx context.Context, name string, o *falconmamba.Options) (*falconmamba.Model, error) {
	if name == "" {
		return falconmamba.OpenFS(ctx, tiny.FS(), o)
	}
	return falconmamba.Open(ctx, name, o)
}

// openTold is open that tells its caller how far it is. Downloads and loads tell on goroutines of their own, so the
// model is opened on another, and this one, which is the caller's thread, tells what is newest.
func openTold(ctx context.Context, name string, o *falconmamba.Options,
	given *C.fm_open_options) (m *falconmamba.Model, err error) {
	var watch C.fm_watch
	C.fm_watch_of(&watch, given)
	if watch.f == nil {
		return open(ctx, name, o)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	news := newest{ready: make(chan struct{}, 1)}
	o.Hub.Progress = news.teller("download")
	o.Load.Progress = news.teller("load")
	opened := make(chan struct{})
	go func() {
		defer close(opened)
		err = guarded(func() (err error) {
			m, err = open(ctx, name, o)
			return err
		})
	}()
	left := false
	tell := func() {
		if p, ok := news.take(); ok && !left && watchTold(&watch, p) {
			left = true
			cancel()
		}
	}
	for {
		select {
		case <-news.ready:
			tell()
			continue
		case <-opened:
		}
		break
	}
	tell()
	if left && err == nil { // it was told at the very end
		err = context.Canceled
		_ = m.Close()
	}
	return m, err
}

//export fm_model_free
func fm_model_free(h *C.fm_model) C.fm_status {
	return freed(remove(kindModel, uintptr(unsafe.Pointer(h)), (*falconmamba.Model).Close))
}

// modelOf returns what a handle stands for.
func modelOf(h *C.fm_model) (*falconmamba.Model, error) {
	return get[*falconmamba.Model](kindModel, uintptr(unsafe.Pointer(h)))
}

// useModel is the frame of functions on a model.
func useModel(h *C.fm_model, e *C.fm_error, f func(m *falconmamba.Model) error) C.fm_status {
	return call(e, func() error {
		m, err := modelOf(h)
		if err != nil {
			return err
		}
		return f(m)
	})
}

//export fm_model_describe
func fm_model_describe(h *C.fm_model, out **C.fm_model_info, e *C.fm_error) C.fm_status {
	zero(out)
	return useModel(h, e, func(m *falconmamba.Model) error {
		if out == nil {
			return invalid("info is NULL: want where to store it")
		}
		print, err := m.Fingerprint()
		if err != nil {
			return err
		}
		_, noTemplate := m.ChatTemplate()
		config, device := m.Config(), m.Backend().Info()
		var b block
		info := put(&b, []C.fm_model_info{{vocab_size: C.int32_t(config.VocabSize),
			hidden_size: C.int32_t(config.HiddenSize), layers: C.int32_t(config.NumHiddenLayers),
			chunk:         C.int32_t(m.Chunk()),
			has_tokenizer: flag(m.Tokenizer() != nil), has_chat_template: flag(noTemplate == nil)}})
		var texts [4]offset
		for i, s := range []string{config.ModelType, device.Name, device.Device, print} {
			texts[i] = b.text(oneLine(s))
		}
		warnings, notes := putLines(&b, m.Warnings()), putLines(&b, m.Notes())
		b.make()
		c := (*C.fm_model_info)(b.at(info))
		for i, field := range []**C.char{&c._type, &c.backend, &c.device, &c.fingerprint} {
			*field = b.str(texts[i])
		}
		c.warnings, c.notes = warnings.made(&b), notes.made(&b)
		*out = c
		return nil
	})
}

// lines are texts in a block, with an array of pointers to them.
type lines struct {
	index offset
	texts []offset
}

// putLines adds all, each as one line.
func putLines(b *block, all []string) lines {
	l := lines{index: put(b, make([]unsafe.Pointer, len(all)+1))}
	for _, s := range all {
		l.texts = append(l.texts, b.text(oneLine(s)))
	}
	return l
}

// made returns the array, in a block that was made.
func (l lines) made(b *block) **C.char {
	p := (**C.char)(b.at(l.index))
	for i, t := range l.texts {
		unsafe.Slice(p, len(l.texts))[i] = b.str(t)
	}
	return p
}
