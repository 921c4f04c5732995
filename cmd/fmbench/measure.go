package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"falconmamba"
	"falconmamba/backend"
	"falconmamba/bench"
	"falconmamba/cmd/internal/cli"
	"falconmamba/cmd/internal/results"
	"falconmamba/model"
	"falconmamba/verify"
)

// reportGreedy is how many greedy tokens a report compares.
const reportGreedy = 16

// A measuring is a report that is being measured. What fails or has no time is skipped, with the reason.
type measuring struct {
	c              *call
	run            *results.Run
	end            time.Time // of the budget
	failed, setups int

	done, steps atomic.Int64 // backends times models
	doing       atomic.Value // a string
}

// Why things are skipped that nothing is wrong with.
var (
	errBudget      = errors.New("the budget was used up")
	errInterrupted = errors.New("the run was interrupted")
)

// A weighed is a model in one type of weights.
type weighed struct {
	source
	about     modelInfo
	reference string
	small     bool          // for a GPU driver that runs on the processor
	want      *verify.Trace // nil: not known
}

// all measures every backend. Its error is that of an interrupt, or of what is wrong with the model or the flags.
func (m *measuring) all(ctx context.Context) error {
	timed, cancel := context.WithDeadline(ctx, m.end)
	defer cancel()
	bar := cli.NewProgress(m.c.stderr, "measuring")
	m.doing.Store("")
	stop := bar.Watch(func() (int64, int64, string) {
		left := max(0, time.Until(m.end)).Round(time.Second)
		return m.done.Load(), m.steps.Load(), fmt.Sprintf("%v at most left: %s", left, m.doing.Load())
	})
	defer bar.Done()
	defer stop()
	models, err := m.models(timed)
	if err != nil {
		return err
	}
	names, err := m.backends(models[0].small)
	if err != nil {
		return err
	}
	m.steps.Store(int64(len(models) * (len(names) + 1)))
	m.references(timed, models)
	if err := ctx.Err(); err != nil {
		return err
	}
	for i, name := range names {
		end := m.share(len(names) - i)
		err := m.backend(timed, name, models, end)
		if ctx.Err() != nil {
			for _, name := range names[i:] {
				m.skip(results.Skipped{Backend: name, What: "all that is not here", Why: cli.Line(errInterrupted)})
			}
			return ctx.Err()
		}
		if err != nil {
			m.failed++
			m.skip(results.Skipped{Backend: name, What: "the backend", Why: m.why(err)})
		}
	}
	return nil
}

// share is the end of the next of n equal parts of the time that is left.
func (m *measuring) share(n int) time.Time {
	return time.Now().Add(time.Until(m.end) / time.Duration(n))
}

func (m *measuring) skip(s results.Skipped) { m.run.Skipped = append(m.run.Skipped, s) }

// why says why something failed.
func (m *measuring) why(err error) string {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		err = errBudget
	case errors.Is(err, context.Canceled):
		err = errInterrupted
	}
	return cli.Line(err)
}

// models looks at the files of the model in each type of weights.
func (m *measuring) models(ctx context.Context) (all []weighed, err error) {
	for _, src := range m.c.sources() {
		ck, err := m.c.checkpoint(ctx, src)
		if err != nil {
			return nil, err
		}
		config := ck.Config()
		w := weighed{source: src, about: m.c.modelOf(src.model, ck.Tensors(), config.Parameters()),
			reference: verify.Reference(config, m.c.o.compare+reportGreedy), small: verify.SmallFor(config,
				verifyTokens)}
		if len(all) == 0 {
			m.c.warn(ck.Warnings()...)
		}
		m.run.Models = append(m.run.Models, results.Model{Model: w.about.name, Type: w.about.typ,
			Size:   int64(w.about.size),
			Params: int64(w.about.params), Layers: config.NumHiddenLayers, Hidden: config.HiddenSize,
			Vocab: config.VocabSize})
		if err := ck.Close(); err != nil {
			return nil, err
		}
		all = append(all, w)
	}
	return all, nil
}

// backends lists the devices, and returns the names of those to measure.
func (m *measuring) backends(small bool) (names []string, err error) {
	infos, err := backend.Devices()
	if err != nil {
		if len(infos) == 0 {
			return nil, err
		}
		m.skip(results.Skipped{What: "devices of a driver", Why: cli.Line(err)})
	}
	for _, i := range infos {
		m.run.Devices = append(m.run.Devices, deviceOf(i))
		switch {
		case len(m.c.o.backends) > 0:
		case i.Reference():
			m.skip(results.Skipped{Backend: i.Name, What: "speed",
				Why: "it computes in float64, for others to be compared with; --backend ref measures it"})
		case i.Class == backend.Software && !small:
			m.skip(results.Skipped{Backend: i.Name, What: "the backend", Why: "it is a GPU's driver that runs on the " +
				"processor, and the model is not small; --backend " + i.Name + " measures it"})
		default:
			names = append(names, i.Name)
		}
	}
	if names = append(names, m.c.o.backends...); len(names) == 0 {
		return nil, errors.New("no backend is present but the reference: --backend ref measures it")
	}
	return names, nil
}

func deviceOf(i backend.Info) results.Device {
	return results.Device{Backend: i.Name, Device: i.Device, Driver: i.Driver, Class: i.Class.String(),
		Threads: i.Threads,
		Memory:  i.MemoryTotal, Free: i.MemoryFree, Chunk: i.ChunkRows, Features: strings.Join(i.Features, " "),
		Warning: i.Warning}
}

// references reads the text on the reference with each type of weights, and says what packing changes.
func (m *measuring) references(ctx context.Context, models []weighed) {
	if m.c.o.compare == 0 {
		m.skip(results.Skipped{What: "numerics", Why: "--compare 0"})
		m.done.Add(int64(len(models)))
		return
	}
	// Numbers that nobody compares are worth less than figures of speed.
	ctx, cancel := context.WithDeadline(ctx, m.share(3))
	defer cancel()
	exact := backend.Float
	for i := range models {
		w := &models[i]
		m.doing.Store(w.reference + ", " + w.about.typ)
		mod, err := m.c.open(ctx, w.source, nil,
			falconmamba.Options{Backend: w.reference, Load: model.LoadOptions{Precision: &exact}})
		if err == nil {
			w.want, err = m.trace(ctx, mod)
			setup := m.c.setupOf(w.about, mod)
			setup.Precision = exact.String()
			err = errors.Join(err, mod.Close())
			if first := models[0]; i > 0 && err == nil && first.want != nil {
				m.compare(setup, w.want, first.want, "the weights in "+first.about.typ, "")
			}
		}
		if err != nil {
			w.want = nil
			m.skip(results.Skipped{Backend: w.reference, Model: w.about.name, Type: w.about.typ,
				What: "the reference of the numerics", Why: m.why(err)})
		}
		m.done.Add(1)
	}
}

func (m *measuring) trace(ctx context.Context, mod *falconmamba.Model) (*verify.Trace, error) {
	ids := bench.RandomIDs(mod, m.c.o.compare, m.c.o.seed)
	return verify.NewTrace(ctx, mod, ids, reportGreedy, true)
}

// compare adds how far a trace is from another.
func (m *measuring) compare(setup results.Setup, got, want *verify.Trace, against, device string) {
	n, err := verify.CompareTraces(got, want)
	layers, err2 := verify.CompareLayers(got, want)
	if err := cmp.Or(err, err2); err != nil {
		m.skip(results.Skipped{Backend: setup.Backend, Model: setup.Model, Type: setup.Type, What: "numerics",
			Why: cli.Line(err)})
		return
	}
	row := numericsOf(setup, against, n)
	row.Device = device
	m.run.Numerics = append(m.run.Numerics, row)
	for i, e := range layers {
		m.run.Layers = append(m.run.Layers, results.Layer{Setup: setup, Against: against, Layer: i,
			RMS: results.Number(e)})
	}
}

// backend measures one device until end: the model as it is for half of the time at least, then the packed ones. Each
// has the device opened anew, so that memory is its own.
func (m *measuring) backend(ctx context.Context, name string, models []weighed, end time.Time) error {
	rate, err := m.copyRate(ctx, name)
	if err != nil {
		return err
	}
	took, numbered := map[bench.Test]time.Duration{}, time.Duration(0)
	for i := range models {
		w := &models[i]
		m.setups++
		left := time.Until(end)
		if parts := len(models) - i; i == 0 && parts > 1 {
			left = left * 6 / 10
		} else {
			left /= time.Duration(parts)
		}
		if err := m.model(ctx, name, w, &onDevice{rate: rate, took: took, numbered: &numbered, whole: i == 0,
			end: time.Now().Add(left)}); err != nil {
			m.skip(results.Skipped{Backend: name, Model: w.about.name, Type: w.about.typ, What: "the model",
				Why: m.why(err)})
			if ctx.Err() == nil && !errors.Is(err, context.DeadlineExceeded) {
				m.failed++
			}
		}
		m.done.Add(1)
	}
	return nil
}

// model measures a model on a device.
func (m *measuring) model(ctx context.Context, name string, w *weighed, o *onDevice) error {
	ctx, cancel := context.WithDeadline(ctx, o.end)
	defer cancel()
	if err := ctx.Err(); err != nil {
		return err
	}
	b, err := cli.OpenDevice(name, m.c.o.threads[0], m.c.o.invariant)
	if err != nil {
		return err
	}
	o.measuring, o.b, o.w = m, b, w
	return errors.Join(o.measure(ctx), b.Close())
}

// copyRate is the bandwidth of the device, or 0 where it does not tell. Its error is that of a device which cannot be
// opened.
func (m *measuring) copyRate(ctx context.Context, name string) (rate float64, err error) {
	m.doing.Store(name + ": copies")
	b, err := cli.OpenDevice(name, m.c.o.threads[0], m.c.o.invariant)
	if err != nil {
		return 0, err
	}
	rate, why := bench.CopyRate(ctx, b)
	if why != nil {
		m.skip(results.Skipped{Backend: name, What: "the bandwidth of copies", Why: m.why(why)})
	}
	return rate, b.Close()
}
