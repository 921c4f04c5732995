// Package doctor says what a machine has for running models, whether it computes and how fast, and what could be done
// about what is not as it should be. It runs the embedded model, and needs no other.
package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"falconmamba"
	"falconmamba/backend"
	"falconmamba/bench"
	"falconmamba/checkpoint"
	"falconmamba/checkpoint/tiny"
	"falconmamba/engine"
	"falconmamba/model"
	"falconmamba/verify"
)

// A Report is what was found, with values of units that their names say.
type Report struct {
	Devices []Device
	Faults  []string // what kept drivers from listing their devices
	Advice  []string // what to do, the most useful first

	busy float64 // before it began, see load
}

// A Device is one that is there.
type Device struct {
	backend.Info
	Skipped string // why it was not checked; "" where it was
	Numbers []Numbers
	Speed   Speed
}

// Numbers are the results of the embedded model in one precision, as far from the reference's as they are and may be.
type Numbers struct {
	What       string
	Got, Limit float64 // the largest error of a logit, |e|/(1+|x|)
	Fault      string  // what is wrong beside that
}

// Wrong reports whether the device computes something else.
func (n Numbers) Wrong() bool { return n.Fault != "" || !(n.Got <= n.Limit) }

// Speed is how fast the device was, in the embedded model.
type Speed struct {
	Copies   float64 // bytes a second, read and written; 0: not known
	Expected float64 // of such a device, at least; 0: nothing is
	Why      string  // where the expectation comes from
	Read     bench.Rate
	Write    bench.Rate
	// Later is how fast the device copied after it had worked for a while, over Copies; 0: not known.
	Later float64
	Fault string // what ended the measurement
}

// The text that numbers are compared over.
const tokens, greedy = 24, 8

// formats are what numbers are checked in: each has kernels of its own.
var formats = []struct {
	what      string
	precision backend.Precision
	quant     backend.DType
}{
	{"float32", backend.Float, 0},
	{"16-bit activations", backend.Half, 0},
	{"q4_K", backend.Float, backend.Q4_K},
	{"q4_K, 8-bit activations", backend.Int8, backend.Q4_K},
}

// noTime is why something was not checked.
const noTime = "there was no time"

// An Opener opens the device of a name.
type Opener func(name string) (backend.Backend, error)

// Options say what is checked.
type Options struct {
	Open   Opener
	Only   []string      // names of devices to check, or of their drivers; nil for all
	Within time.Duration // about, each device for an equal part of it
	Doing  func(string)  // is told which device is next
}

// wants reports whether a device is to be checked.
func (o Options) wants(i backend.Info) bool {
	kind, _, _ := strings.Cut(i.Name, ":")
	return !i.Reference() && (o.Only == nil || slices.Contains(o.Only, i.Name) || slices.Contains(o.Only, kind))
}

// Check lists all devices, and looks at those that are wanted.
func Check(ctx context.Context, o Options) (*Report, error) {
	r := &Report{busy: load()}
	infos, err := backend.Devices()
	if err != nil {
		r.Faults = strings.Split(err.Error(), "\n")
	}
	if len(infos) == 0 {
		return r, errors.Join(errors.New("there is no device"), err)
	}
	end := time.Now().Add(o.Within)
	refs := references{}
	left := 0
	for _, i := range infos {
		if o.wants(i) {
			left++
		}
	}
	for _, i := range infos {
		d := Device{Info: i}
		switch {
		case i.Reference():
			d.Skipped = "it is what the others are compared with"
		case !o.wants(i):
			d.Skipped = "nobody asked for it"
		default:
			until := time.Now().Add(time.Until(end) / time.Duration(left))
			left--
			o.Doing(i.Name)
			err := d.check(ctx, o.Open, refs, until)
			switch {
			case ctx.Err() != nil:
				return r, ctx.Err()
			case errors.Is(err, context.DeadlineExceeded):
				d.Skipped = noTime
			case err != nil:
				d.Skipped = err.Error()
			}
		}
		r.Devices = append(r.Devices, d)
	}
	r.advise()
	return r, nil
}

// references are what the reference makes of the text, by the type of weights.
type references map[backend.DType]*verify.Trace

func (r references) of(ctx context.Context, quant backend.DType) (*verify.Trace, error) {
	if t, ok := r[quant]; ok {
		return t, nil
	}
	t, err := trace(ctx, nil, "ref", backend.Float, quant)
	if err == nil {
		r[quant] = t
	}
	return t, err
}

// check opens a device, and compares and times it until then.
func (d *Device) check(ctx context.Context, open Opener, refs references, until time.Time) (err error) {
	b, err := open(d.Name)
	if err != nil {
		return fmt.Errorf("it cannot be opened: %w", err)
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	d.Info = b.Info()
	d.Speed.Expected, d.Speed.Why = expected(d.Info)
	ctx, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	for _, f := range formats {
		n := Numbers{What: f.what}
		want, err := refs.of(ctx, f.quant)
		if err != nil {
			return fmt.Errorf("the reference fails: %w", err)
		}
		got, err := trace(ctx, b, "", f.precision, f.quant)
		switch {
		case errors.Is(err, context.DeadlineExceeded):
			d.Speed.Fault = noTime
			return nil
		case err != nil:
			n.Fault = err.Error()
		default:
			d.compare(&n, got, want, f.precision, f.quant)
		}
		d.Numbers = append(d.Numbers, n)
	}
	if err := d.Speed.measure(ctx, b, until); err != nil {
		d.Speed.Fault = err.Error()
		if errors.Is(err, context.DeadlineExceeded) {
			d.Speed.Fault = noTime
		}
	}
	return nil
}

// compare sets how far the numbers are from the reference's, and how far they may be.
func (d *Device) compare(n *Numbers, got, want *verify.Trace, p backend.Precision, quant backend.DType) {
	found, err := verify.CompareTraces(got, want)
	if err != nil {
		n.Fault = err.Error()
		return
	}
	ck, err := checkpoint.OpenFS(tiny.FS(), checkpoint.Options{Quant: quant})
	if err != nil {
		n.Fault = err.Error()
		return
	}
	defer ck.Close()
	n.Got, n.Fault = found.Max, found.Fault
	n.Limit = verify.LimitsOf(d.Info, p, ck).Values
	if quant != 0 && p == backend.Float {
		n.Limit = verify.LimitsOf(d.Info, backend.Int8, ck).Values // packed weights meet integers of 15 bits
	}
}

func openTiny(ctx context.Context, b backend.Backend, name string, p *backend.Precision,
	quant backend.DType) (*falconmamba.Model, error) {
	return falconmamba.OpenFS(ctx, tiny.FS(), &falconmamba.Options{Device: b, Backend: name,
		Checkpoint: checkpoint.Options{Quant: quant}, Load: model.LoadOptions{Precision: p},
		Engine: engine.Options{Speculate: engine.SpeculateNever, Cache: engine.CacheOptions{Off: true}}})
}

func trace(ctx context.Context, b backend.Backend, name string, p backend.Precision,
	quant backend.DType) (*verify.Trace, error) {
	m, err := openTiny(ctx, b, name, &p, quant)
	if err != nil {
		return nil, err
	}
	t, err := verify.NewTrace(ctx, m, bench.RandomIDs(m, tokens, 1), greedy, false)
	return t, errors.Join(err, m.Close())
}

// measure times copies, the embedded model, and copies again.
func (s *Speed) measure(ctx context.Context, b backend.Backend, until time.Time) error {
	rate, err := bench.CopyRate(ctx, b)
	if err != nil && !errors.Is(err, backend.ErrUnsupported) {
		return err
	}
	s.Copies = rate
	m, err := openTiny(ctx, b, "", nil, 0)
	if err != nil {
		return err
	}
	defer m.Close()
	for _, t := range []struct {
		to   *bench.Rate
		test bench.Test
	}{{&s.Write, bench.Test{Generate: 16, Batch: 1}}, {&s.Read, bench.Test{Prompt: 64, Generate: 1, Batch: 1}}} {
		runs := bench.Runs{Reps: 5, Seed: 1, Within: min(2*time.Second, time.Until(until)/3)}
		if *t.to, err = bench.Speed(ctx, m, t.test, runs); err != nil {
			return err
		}
	}
	if s.Copies > 0 {
		if rate, err = bench.CopyRate(ctx, b); err != nil {
			return err
		}
		s.Later = rate / s.Copies
	}
	return nil
}
