package bench

import (
	"context"
	"errors"
	"slices"
	"time"

	"falconmamba"
	"falconmamba/backend"
	"falconmamba/backend/backendtest"
)

// An OpProfile sums up the operations of one kind in a pass.
type OpProfile struct {
	Kind    backend.Kind
	Count   int
	Kernels []string // of one operation
	Seconds float64  // of all
	Bytes   int64    // that all must move at least
	Flops   int64    // that all ask for
}

// Profile times the operations of a pass over batch sequences of rows tokens
// and sums them up by kind, in the order in which they first come. Of several
// runs it takes the one whose total is the median.
func Profile(ctx context.Context, m *falconmamba.Model, rows, batch, runs int) ([]OpProfile, error) {
	var all [][]OpProfile
	for range runs {
		times, err := m.Profile(ctx, rows, batch)
		if err != nil {
			return nil, err
		}
		all = append(all, byKind(times))
	}
	slices.SortFunc(all, func(a, b []OpProfile) int {
		if Total(a) < Total(b) {
			return -1
		}
		return 1
	})
	return all[len(all)/2], nil
}

// Total returns the seconds of all operations.
func Total(ops []OpProfile) (s float64) {
	for _, o := range ops {
		s += o.Seconds
	}
	return s
}

func byKind(times []backend.OpTime) (ops []OpProfile) {
	for _, t := range times {
		i := slices.IndexFunc(ops, func(o OpProfile) bool { return o.Kind == t.Op.Kind() })
		if i < 0 {
			i = len(ops)
			ops = append(ops, OpProfile{Kind: t.Op.Kind(), Kernels: t.Kernels})
		}
		bytes, flops := backendtest.Cost(t.Op)
		o := &ops[i]
		o.Count, o.Seconds, o.Bytes, o.Flops = o.Count+1, o.Seconds+t.Seconds, o.Bytes+bytes, o.Flops+flops
	}
	return ops
}

// CopyRate measures the bytes per second that a device reads and writes when it
// copies, in a plan of large copies: what the rates of other operations are
// compared with.
func CopyRate(ctx context.Context, b backend.Backend) (rate float64, err error) {
	profiler, ok := b.(backend.Profiler)
	if !ok {
		return 0, backend.ErrUnsupported
	}
	const cols = 4096
	info := b.Info()
	size := int64(256 << 20) // beyond the caches
	if info.Class <= backend.Software {
		size = 64 << 20
	}
	rows := int(min(size, info.MaxBuffer) / (4 * cols))
	var bufs []backend.Buffer
	defer func() {
		for _, buf := range bufs {
			err = errors.Join(err, buf.Close())
		}
	}()
	var t [2]backend.Tensor
	for i := range t {
		buf, err := b.Alloc(4*cols*int64(rows), backend.Device)
		if err != nil {
			return 0, err
		}
		bufs = append(bufs, buf)
		t[i] = backend.Matrix(buf, 0, backend.F32, rows, cols)
	}
	var ops []backend.Op
	for i := range 4 {
		ops = append(ops, backend.Copy{Dst: t[(i+1)%2], Src: t[i%2]})
	}
	plan, err := b.Compile("copy rate", ops)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, plan.Close()) }()
	// An idle GPU takes a while to reach its clock, and a system to give memory that was never touched.
	const enough, runs = 500 * time.Millisecond, 3
	var best float64
	for start, n := time.Now(), 0; n < runs || time.Since(start) < enough; n++ {
		times, err := profiler.Profile(ctx, plan)
		if err != nil {
			return 0, err
		}
		var seconds float64
		for _, o := range times {
			seconds += o.Seconds
		}
		if seconds <= 0 {
			return 0, errors.New("the device's clock stands still: copies take no time")
		}
		best = max(best, float64(int64(len(ops))*2*t[0].Bytes())/seconds)
	}
	return best, nil
}
