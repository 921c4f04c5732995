//go:build cgo && !darwin

package vulkan

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"falconmamba/backend"
)

// Decoding at the 7B's widths, in bf16, on the first device. Each benchmark
// measures for itself, so one iteration is enough:
//
//	go test ./backend/vulkan -run '^$' -bench Decode -benchtime 1x
//
// Plans hold so many operations, on distinct weights beyond any cache, that
// submission costs nothing; times are those between operations that depend on
// each other, barriers included. A device that is the processor gets widths
// that only try the benchmark itself.

type benchmark struct {
	d    *device
	w    widths
	ids  int // vocabulary
	pool []byte
}

func newBenchmark(b *testing.B) *benchmark {
	b.Helper()
	open, err := driver{}.Open(0, backend.Options{})
	if err != nil {
		b.Skipf("no Vulkan device: %v", err)
	}
	m := &benchmark{d: open.(*device), w: widths{4096, 8192, 16, 256, 4}, ids: 65024}
	b.Cleanup(func() {
		if err := m.d.Close(); err != nil {
			b.Error(err)
		}
	})
	if m.d.info.Class == backend.Software {
		m.w, m.ids = widths{256, 512, 16, 16, 4}, 1000
	}
	m.pool = make([]byte, 2*max(m.ids*m.w.hidden, 2*m.w.channels*m.w.hidden))
	// Numbers of both signs from 2^-9 to 2^-6.
	for i, seed := 0, uint64(1); i < len(m.pool); i += 8 {
		seed ^= seed << 13
		seed ^= seed >> 7
		seed ^= seed << 17
		for j := range 4 {
			h := uint16(seed>>(16*j))&0x817f | 0x3b00
			m.pool[i+2*j], m.pool[i+2*j+1] = byte(h), byte(h>>8)
		}
	}
	return m
}

func (m *benchmark) weight(b *testing.B, outs, cols int) backend.Weight {
	w, err := m.d.NewWeight(backend.WeightDesc{Name: "w", Type: backend.BF16, Rows: outs, Cols: cols}, m.pool[:2*outs*cols])
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { w.Close() })
	return w
}

// seconds returns the median time of a replay of p.
func (m *benchmark) seconds(b *testing.B, p *plan) float64 {
	b.Helper()
	submit := func(n int) float64 {
		start := time.Now()
		var t backend.Ticket
		var err error
		for range n {
			if t, err = p.Submit(); err != nil {
				b.Fatal(err)
			}
		}
		if err := m.d.Wait(context.Background(), t); err != nil {
			b.Fatal(err)
		}
		return time.Since(start).Seconds() / float64(n)
	}
	submit(1)
	sample, warm := 0.02, 0.15 // seconds; a device that idled takes a while to speed up
	once := submit(1)
	for start := time.Now(); time.Since(start).Seconds() < warm; {
		once = submit(max(1, int(math.Ceil(sample/once))))
	}
	var all []float64
	for range 9 {
		all = append(all, submit(max(1, int(math.Ceil(sample/once)))))
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// only compiles the dispatches of ops whose kernel's name begins with family.
func (m *benchmark) only(b *testing.B, family string, ops []backend.Op) *plan {
	b.Helper()
	m.d.mu.Lock()
	defer m.d.mu.Unlock()
	c, err := m.d.compile(ops)
	if err != nil {
		b.Fatal(err)
	}
	p := &plan{d: m.d, name: family, ops: ops}
	for _, x := range c.list {
		if strings.HasPrefix(x.pipeline.kernel.Name, family) {
			p.list = append(p.list, x)
		}
	}
	if err := p.build(c.scratch); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { p.Close() })
	return p
}

// A benchmarkOp is an operation on several weights.
type benchmarkOp struct {
	name   string
	copies int // of the weight, together more than caches hold
	make   func(b *testing.B, m *benchmark, t *testBlock) backend.Op
	parts  []string // its kernels, where they are measured one by one
}

var benchmarkOps = []benchmarkOp{
	{"in_proj_conv", 4, func(b *testing.B, m *benchmark, t *testBlock) backend.Op {
		return t.inProj(m.weight(b, 2*t.channels, t.hidden))
	}, nil},
	{"ssm", 48, func(b *testing.B, m *benchmark, t *testBlock) backend.Op {
		return t.scan(m.weight(b, t.rank+2*t.states, t.channels), m.weight(b, t.channels, t.rank))
	}, []string{"x_proj", "ssm"}},
	{"out_proj_add", 8, func(b *testing.B, m *benchmark, t *testBlock) backend.Op {
		return t.outProj(m.weight(b, t.hidden, t.channels))
	}, nil},
	{"head", 1, func(b *testing.B, m *benchmark, t *testBlock) backend.Op {
		return backend.Head{Logits: dense(b, m.d, backend.F32, t.rows, m.ids, make([]float32, t.rows*m.ids)), Src: t.x,
			Rows: t.which, Norm: t.norm, NormEps: 1e-5, Weight: m.weight(b, m.ids, t.hidden), Batch: t.batch}
	}, nil},
	{"head_argmax", 1, func(b *testing.B, m *benchmark, t *testBlock) backend.Op {
		return backend.HeadArgMax{Dst: t.tokens, Src: t.x, Rows: t.which, Norm: t.norm, NormEps: 1e-5,
			Weight: m.weight(b, m.ids, t.hidden), Batch: t.batch}
	}, nil},
}

// weightBytes is what the dispatches of p read of weights.
func (p *plan) weightBytes() (n int64) {
	for _, x := range p.list {
		for _, o := range x.operands {
			if o.tensor.IsZero() && o.buf != nil && o.buf != p.d.nothing {
				n += o.size
			}
		}
	}
	return n
}

// report adds a plan's figures, of times operations.
func (m *benchmark) report(b *testing.B, p *plan, times int) {
	s := m.seconds(b, p)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(s/float64(times)*1e6, "us/op")
	b.ReportMetric(float64(p.weightBytes())/s/1e9, "weight-GB/s")
}

// BenchmarkDecodeOps times each fused operation, and the two kernels of ssm.
func BenchmarkDecodeOps(b *testing.B) {
	for _, o := range benchmarkOps {
		b.Run(o.name, func(b *testing.B) {
			m := newBenchmark(b)
			for _, rows := range []int{1, 2, 4, 8} {
				b.Run(fmt.Sprintf("rows=%d", rows), func(b *testing.B) {
					t := newBlock(b, m.d, m.w, rows)
					var ops []backend.Op
					for range o.copies {
						ops = append(ops, o.make(b, m, t.layer(b, m.d)))
					}
					for len(ops) < 4 {
						ops = append(ops, ops...)
					}
					for _, family := range append([]string{""}, o.parts...) {
						name := family
						if name == "" {
							name = "all"
						}
						b.Run(name, func(b *testing.B) { m.report(b, m.only(b, family, ops), len(ops)) })
					}
				})
			}
		})
	}
}

// BenchmarkDecodeLayers times layers and the head, and says what a model of 64
// would reach.
func BenchmarkDecodeLayers(b *testing.B) {
	m := newBenchmark(b)
	for _, rows := range []int{1, 2, 4, 8} {
		b.Run(fmt.Sprintf("rows=%d", rows), func(b *testing.B) {
			const layers, full = 8, 64
			var ops []backend.Op
			t := newBlock(b, m.d, m.w, rows)
			for range layers {
				l := t.layer(b, m.d)
				for _, o := range benchmarkOps[:3] {
					ops = append(ops, o.make(b, m, l))
				}
			}
			p := m.only(b, "", ops)
			layer := m.seconds(b, p) / layers
			head := m.only(b, "", []backend.Op{benchmarkOps[4].make(b, m, t)})
			last := m.seconds(b, head)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(layer*1e6, "us/layer")
			b.ReportMetric(last*1e6, "us/head")
			b.ReportMetric(float64(p.weightBytes())/layers/layer/1e9, "weight-GB/s")
			b.ReportMetric(float64(p.barriers()+1)/layers, "barriers/layer")
			b.ReportMetric(float64(rows)/(full*layer+last), "tok/s-of-64-layers")
		})
	}
}

// BenchmarkShapes tries other shapes of the matvec kernels, for those who choose
// them.
func BenchmarkShapes(b *testing.B) {
	m := newBenchmark(b)
	cores := m.d.cores()
	for _, o := range []benchmarkOp{benchmarkOps[0], benchmarkOps[2], benchmarkOps[3]} {
		for _, rows := range []int{1, 8} {
			b.Run(fmt.Sprintf("%s/rows=%d", o.name, rows), func(b *testing.B) {
				t := newBlock(b, m.d, m.w, rows)
				var ops []backend.Op
				for range o.copies {
					ops = append(ops, o.make(b, m, t.layer(b, m.d)))
				}
				for _, s := range []shape{
					{},
					{size: 256, outs: 4, ahead: 2, groups: cores}, {size: 256, outs: 4, ahead: 2, groups: 2 * cores}, {size: 256, outs: 4, ahead: 2, groups: 4 * cores},
					{size: 256, outs: 4, ahead: 1, groups: 2 * cores}, {size: 256, outs: 4, ahead: 1, groups: 4 * cores},
					{size: 256, outs: 2, ahead: 4, groups: 2 * cores}, {size: 256, outs: 2, ahead: 2, groups: 2 * cores}, {size: 256, outs: 2, ahead: 2, groups: 4 * cores},
					{size: 256, outs: 1, ahead: 8, groups: 2 * cores}, {size: 256, outs: 1, ahead: 4, groups: 4 * cores},
					{size: 128, outs: 4, ahead: 2, groups: 4 * cores}, {size: 128, outs: 2, ahead: 4, groups: 4 * cores}, {size: 128, outs: 2, ahead: 2, groups: 8 * cores},
				} {
					m.d.tune = func(x *shape) {
						if s.size > 0 {
							x.size, x.outs, x.ahead, x.groups = min(s.size, x.size), s.outs, s.ahead, s.groups
						}
					}
					b.Run(fmt.Sprintf("size=%d/outs=%d/ahead=%d/groups=%d", s.size, s.outs, s.ahead, s.groups), func(b *testing.B) {
						m.report(b, m.only(b, "", ops), len(ops))
					})
				}
				m.d.tune = nil
			})
		}
	}
}
