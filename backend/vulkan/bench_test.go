//go:build cgo && !darwin

package vulkan

import (
	"cmp"
	"context"
	"encoding/binary"
	"flag"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"falconmamba/backend"
	"falconmamba/backend/gpu"
	"falconmamba/backend/quant"
)

// Decoding at the 7B's widths, in bf16 or what -weights names, on the first
// device. Each benchmark measures for itself, so one iteration is enough:
//
//	go test ./backend/vulkan -run '^$' -bench Decode -benchtime 1x
//	go test ./backend/vulkan -run '^$' -bench Shapes -benchtime 1x
//	go test ./backend/vulkan -run '^$' -bench DecodeRows -benchtime 1x -weights q4_K
//
// Plans hold enough operations, on distinct weights beyond any cache, for
// submission to cost nothing; times are those between operations that depend on
// each other, barriers included. A device that is the processor gets widths
// that only try the benchmark itself.

var benchmarkType = flag.String("weights", "bf16", "the type of the weights that benchmarks decode with")

type benchmark struct {
	d   *device
	w   widths
	typ backend.DType
	ids int // vocabulary

	sample, warm float64 // seconds that a sample takes, and those before the first
}

func newBenchmark(b *testing.B) *benchmark {
	b.Helper()
	open, err := driver{}.Open(0, backend.Options{})
	if err != nil {
		b.Skipf("no Vulkan device: %v", err)
	}
	typ, err := backend.ParseDType(*benchmarkType)
	if err != nil {
		b.Fatal(err)
	}
	m := &benchmark{d: open.(*device), w: widths{4096, 8192, 16, 256, 4}, typ: typ, ids: 65024,
		sample: 0.02, warm: 0.15} // a device that idled takes a while to speed up
	b.Cleanup(func() {
		if err := m.d.Close(); err != nil {
			b.Error(err)
		}
	})
	if m.d.info.Class == backend.Software {
		m.w, m.ids = widths{256, 512, 16, 256, 4}, 1000
	}
	return m
}

// randomBF16 is the weights' bytes: numbers of both signs from 2^-9 to 2^-6.
var randomBF16 = sync.OnceValue(func() []byte {
	pool := make([]byte, 2*65024*4096)
	for i, seed := 0, uint64(1); i < len(pool); i += 8 {
		seed ^= seed << 13
		seed ^= seed >> 7
		seed ^= seed << 17
		binary.LittleEndian.PutUint64(pool[i:], seed&0x817f817f817f817f|0x3b003b003b003b00)
	}
	return pool
})

func (m *benchmark) weight(b *testing.B, outs, cols int) backend.Weight {
	desc := backend.WeightDesc{Name: "w", Type: m.typ, Rows: outs, Cols: cols}
	data := randomBF16()
	if m.typ != backend.BF16 {
		// Any bits are blocks of some numbers; scales apart, and the codebook, are not.
		p := quant.New(m.typ, outs*cols)
		if err := p.Encode(make([]float32, m.typ.Block()), 0); err != nil {
			b.Fatal(err)
		}
		for i := range p.Aux[:min(len(p.Aux), 1)] {
			copy(p.Aux[i], encode(noise(len(p.Aux[i])/4, 7)))
		}
		desc.Aux = p.Aux
	}
	w, err := m.d.NewWeight(desc, data[:m.typ.RowBytes(outs*cols)])
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
	once := submit(1)
	for start := time.Now(); time.Since(start).Seconds() < m.warm; {
		once = submit(max(1, int(math.Ceil(m.sample/once))))
	}
	var all []float64
	for range 9 {
		all = append(all, submit(max(1, int(math.Ceil(m.sample/once)))))
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// only compiles the dispatches of ops whose kernel's name begins with family.
func only(b testing.TB, d *device, family string, ops []backend.Op) *plan {
	b.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.probe(); err != nil {
		b.Fatal(err)
	}
	list, scratch, err := gpu.Compile(&d.target, ops)
	if err != nil {
		b.Fatal(err)
	}
	list = slices.DeleteFunc(list, func(x gpu.Dispatch) bool { return !strings.HasPrefix(x.Kernel.Name, family) })
	whole, err := d.machine().Arrange(family, ops, list, scratch)
	if err != nil {
		b.Fatal(err)
	}
	p, err := d.record(whole)
	if err != nil {
		b.Fatal(err)
	}
	return p
}

// only is the function of that name, with a plan that the benchmark closes.
func (m *benchmark) only(b *testing.B, family string, ops []backend.Op) *plan {
	b.Helper()
	p := only(b, m.d, family, ops)
	b.Cleanup(func() { p.Close() })
	return p
}

// A benchmarkOp is an operation on several weights.
type benchmarkOp struct {
	name    string
	copies  int                       // of the weights, together more than caches hold
	weights func(m *benchmark) []size // of one copy
	op      func(m *benchmark, t *testBlock, w []backend.Weight) backend.Op
	parts   []string // its kernels, where they are measured one by one
}

type size struct{ outs, cols int }

var benchmarkOps = []benchmarkOp{
	{"in_proj_conv", 4,
		func(m *benchmark) []size { return []size{{2 * m.w.channels, m.w.hidden}} },
		func(m *benchmark, t *testBlock, w []backend.Weight) backend.Op { return t.inProj(w[0]) }, nil},
	{"ssm", 48,
		func(m *benchmark) []size {
			return []size{{m.w.rank + 2*m.w.states, m.w.channels}, {m.w.channels, m.w.rank}}
		},
		func(m *benchmark, t *testBlock, w []backend.Weight) backend.Op { return t.scan(w[0], w[1]) },
		[]string{"x_proj", "ssm"}},
	{"out_proj_add", 8,
		func(m *benchmark) []size { return []size{{m.w.hidden, m.w.channels}} },
		func(m *benchmark, t *testBlock, w []backend.Weight) backend.Op { return t.outProj(w[0]) }, nil},
	{"head", 1,
		func(m *benchmark) []size { return []size{{m.ids, m.w.hidden}} },
		func(m *benchmark, t *testBlock, w []backend.Weight) backend.Op {
			return backend.Head{Logits: t.logits, Src: t.x, Rows: t.which, Norm: t.norm, NormEps: 1e-5, Weight: w[0],
				Batch: t.batch, Precision: t.precision}
		}, nil},
	{"head_argmax", 1,
		func(m *benchmark) []size { return []size{{m.ids, m.w.hidden}} },
		func(m *benchmark, t *testBlock, w []backend.Weight) backend.Op {
			return backend.HeadArgMax{Dst: t.tokens, Src: t.x, Rows: t.which, Norm: t.norm, NormEps: 1e-5, Weight: w[0],
				Batch: t.batch, Precision: t.precision}
		}, nil},
}

// make returns n copies of o's weights.
func (o benchmarkOp) make(b *testing.B, m *benchmark, n int) [][]backend.Weight {
	all := make([][]backend.Weight, n)
	for i := range all {
		for _, s := range o.weights(m) {
			all[i] = append(all[i], m.weight(b, s.outs, s.cols))
		}
	}
	return all
}

// block returns the rows that operations run on.
func (m *benchmark) block(b *testing.B, rows int) *testBlock {
	t := newBlock(b, m.d, m.w, rows)
	if rows >= 4 || m.typ != backend.BF16 { // as model asks for
		t.precision = backend.Half
	}
	t.logits = dense(b, m.d, backend.F32, rows, m.ids, make([]float32, rows*m.ids))
	return t
}

// ops returns the operation on each of the weights, with states of its own, and
// at least four of them.
func (o benchmarkOp) ops(b *testing.B, m *benchmark, t *testBlock, weights [][]backend.Weight) []backend.Op {
	var ops []backend.Op
	for _, w := range weights {
		ops = append(ops, o.op(m, t.layer(b, m.d), w))
	}
	for len(ops) < 4 {
		ops = append(ops, ops...)
	}
	return ops
}

// weightBytes is what the dispatches of p read of weights.
func (p *plan) weightBytes() (n int64) {
	for _, x := range p.List {
		for _, o := range x.Operands {
			if o.Part != nil {
				n += o.Size
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
			weights := o.make(b, m, o.copies)
			for _, rows := range []int{1, 2, 4, 8} {
				b.Run(fmt.Sprintf("rows=%d", rows), func(b *testing.B) {
					ops := o.ops(b, m, m.block(b, rows), weights)
					if len(o.parts) == 0 {
						m.report(b, m.only(b, "", ops), len(ops))
						return
					}
					for _, family := range append([]string{""}, o.parts...) {
						b.Run(cmp.Or(family, "both"),
							func(b *testing.B) { m.report(b, m.only(b, family, ops), len(ops)) })
					}
				})
			}
		})
	}
}

// BenchmarkDecodeRows prints the curve of rows: what each fused operation costs
// with ever more texts, and each of its kernels by itself.
func BenchmarkDecodeRows(b *testing.B) {
	m := newBenchmark(b)
	for _, o := range benchmarkOps[:4] {
		weights := o.make(b, m, o.copies)
		for _, rows := range []int{1, 2, 3, 4, 8, 16, 17, 32, 64, 128} {
			b.Run(fmt.Sprintf("%s/rows=%d", o.name, rows), func(b *testing.B) {
				ops := o.ops(b, m, m.block(b, rows), weights)
				p := m.only(b, "", ops)
				m.report(b, p, len(ops))
				for _, family := range p.families() {
					b.ReportMetric(m.seconds(b, m.only(b, family, ops))/float64(len(ops))*1e6, "us/"+family)
				}
			})
		}
	}
}

// families returns what the names of the plan's kernels begin with, where it has several.
func (p *plan) families() (all []string) {
	for _, x := range p.List {
		if name, _, _ := strings.Cut(x.Kernel.Name, "_f"); !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	if len(all) == 1 {
		return nil
	}
	return all
}

// BenchmarkDecodeLayers times layers and the head, and says what a model of 64
// would reach.
func BenchmarkDecodeLayers(b *testing.B) {
	const layers, full = 8, 64
	m := newBenchmark(b)
	var weights [3][][]backend.Weight
	for i := range weights {
		weights[i] = benchmarkOps[i].make(b, m, layers)
	}
	lmHead := benchmarkOps[4].make(b, m, 1)
	for _, rows := range []int{1, 2, 4, 8, 16, 32, 64, 128} {
		b.Run(fmt.Sprintf("rows=%d", rows), func(b *testing.B) {
			t := m.block(b, rows)
			var ops []backend.Op
			for l := range layers {
				own := t.layer(b, m.d)
				for i := range weights {
					ops = append(ops, benchmarkOps[i].op(m, own, weights[i][l]))
				}
			}
			p := m.only(b, "", ops)
			layer := m.seconds(b, p) / layers
			last := benchmarkOps[4]
			if rows > 16 { // which its kernels leave to head and argmax
				last = benchmarkOps[3]
			}
			head := m.only(b, "", last.ops(b, m, t, lmHead))
			once := m.seconds(b, head) / float64(len(head.Ops))
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(layer*1e6, "us/layer")
			b.ReportMetric(once*1e6, "us/head")
			for _, family := range []string{"in_proj_conv", "x_proj", "ssm", "out_proj"} {
				b.ReportMetric(m.seconds(b, m.only(b, family, ops))/layers*1e6, "us/"+family)
			}
			b.ReportMetric(float64(p.weightBytes())/layers/layer/1e9, "weight-GB/s")
			b.ReportMetric(float64(p.Barriers()+1)/layers, "barriers/layer")
			b.ReportMetric(float64(rows)/(full*layer+once), "tok/s-of-64-layers")
		})
	}
}

// BenchmarkShapes tries other shapes of the matvec kernels, for those who choose
// them.
func BenchmarkShapes(b *testing.B) {
	m := newBenchmark(b)
	cores := m.d.target.Cores
	largest := min(16*m.d.target.SubgroupMin, m.d.target.Invocations) // 16 subgroups are what a kernel has room for
	for _, o := range []benchmarkOp{benchmarkOps[0], benchmarkOps[2], benchmarkOps[4]} {
		weights := o.make(b, m, o.copies)
		for _, rows := range []int{1, 8} {
			b.Run(fmt.Sprintf("%s/rows=%d", o.name, rows), func(b *testing.B) {
				ops := o.ops(b, m, m.block(b, rows), weights)
				for _, s := range []gpu.Shape{
					{}, // as chosen
					{Size: 256, Outs: 4, Ahead: 2, Groups: cores}, {Size: 256, Outs: 4, Ahead: 2, Groups: 2 * cores},
					{Size: 256, Outs: 4, Ahead: 2, Groups: 4 * cores},
					{Size: 256, Outs: 4, Ahead: 1, Groups: 2 * cores},
					{Size: 256, Outs: 4, Ahead: 1, Groups: 4 * cores},
					{Size: 256, Outs: 2, Ahead: 4, Groups: 2 * cores},
					{Size: 256, Outs: 2, Ahead: 4, Groups: 4 * cores},
					{Size: 256, Outs: 2, Ahead: 2, Groups: 2 * cores},
					{Size: 256, Outs: 2, Ahead: 2, Groups: 4 * cores},
					{Size: 256, Outs: 1, Ahead: 8, Groups: 2 * cores},
					{Size: 256, Outs: 1, Ahead: 4, Groups: 4 * cores},
					{Size: 128, Outs: 4, Ahead: 2, Groups: 4 * cores},
					{Size: 128, Outs: 2, Ahead: 4, Groups: 4 * cores},
					{Size: 128, Outs: 2, Ahead: 2, Groups: 8 * cores},
					{Size: 256, Outs: 4, Ahead: 4, Groups: 2 * cores},
					{Size: 256, Outs: 2, Ahead: 1, Groups: 2 * cores},
					{Size: 256, Outs: 2, Ahead: 1, Groups: 4 * cores},
					{Size: 512, Outs: 4, Ahead: 1, Groups: cores}, {Size: 512, Outs: 4, Ahead: 1, Groups: 2 * cores},
					{Size: 512, Outs: 4, Ahead: 2, Groups: cores}, {Size: 512, Outs: 4, Ahead: 2, Groups: 2 * cores},
					{Size: 512, Outs: 2, Ahead: 1, Groups: cores}, {Size: 512, Outs: 2, Ahead: 1, Groups: 2 * cores},
					{Size: 512, Outs: 2, Ahead: 2, Groups: cores}, {Size: 512, Outs: 2, Ahead: 2, Groups: 2 * cores},
					{Size: 512, Outs: 2, Ahead: 4, Groups: cores}, {Size: 512, Outs: 1, Ahead: 4, Groups: 2 * cores},
				} {
					m.d.target.Tuning.Shape = func(x *gpu.Shape) {
						if s.Size > 0 {
							x.Size, x.Outs, x.Ahead, x.Groups = min(s.Size, largest), s.Outs, s.Ahead, s.Groups
						}
					}
					b.Run(fmt.Sprintf("size=%d/outs=%d/ahead=%d/groups=%d", s.Size, s.Outs, s.Ahead, s.Groups),
						func(b *testing.B) {
							m.report(b, m.only(b, "", ops), len(ops))
						})
				}
				m.d.target.Tuning.Shape = nil
			})
		}
	}
}

var halfRows = flag.Int("half.rows", 8, "rows of BenchmarkHalf")

// BenchmarkHalf tries other shapes of the kernels for few rows on matrix units.
func BenchmarkHalf(b *testing.B) {
	m := newBenchmark(b)
	tuning := &m.d.target.Tuning
	for _, o := range []benchmarkOp{benchmarkOps[0], benchmarkOps[2], benchmarkOps[1], benchmarkOps[4]} {
		weights := o.make(b, m, o.copies)
		b.Run(o.name, func(b *testing.B) {
			ops := o.ops(b, m, m.block(b, *halfRows), weights)
			family := ""
			if len(o.parts) > 0 {
				family = o.parts[0]
			}
			for _, s := range []gpu.HalfShape{
				{}, // as chosen
				{Size: 256, Split: 1, Chunk: 64, Depth: 2, Chunks: 4},
				{Size: 256, Split: 1, Chunk: 64, Depth: 4, Chunks: 4},
				{Size: 256, Split: 1, Chunk: 64, Depth: 1, Chunks: 1},
				{Size: 256, Split: 1, Chunk: 64, Depth: 2, Chunks: 2},
				{Size: 256, Split: 1, Chunk: 64, Depth: 3, Chunks: 3},
				{Size: 256, Split: 1, Chunk: 64, Depth: 6, Chunks: 6},
				{Size: 256, Split: 1, Chunk: 64, Depth: 8, Chunks: 8},
				{Size: 256, Split: 1, Chunk: 128, Depth: 1, Chunks: 1},
				{Size: 256, Split: 1, Chunk: 128, Depth: 2, Chunks: 2},
				{Size: 128, Split: 1, Chunk: 64, Depth: 2, Chunks: 2},
				{Size: 128, Split: 1, Chunk: 64, Depth: 4, Chunks: 4},
				{Size: 128, Split: 1, Chunk: 128, Depth: 2, Chunks: 2},
				{Size: 128, Split: 2, Chunk: 64, Depth: 4, Chunks: 4},
				{Size: 256, Split: 2, Chunk: 64, Depth: 1, Chunks: 1},
				{Size: 256, Split: 2, Chunk: 64, Depth: 4, Chunks: 4},
				{Size: 256, Split: 2, Chunk: 64, Depth: 2, Chunks: 2},
				{Size: 256, Split: 2, Chunk: 64, Depth: 2, Chunks: 4},
				{Size: 256, Split: 2, Chunk: 64, Depth: 3, Chunks: 3},
				{Size: 256, Split: 1, Chunk: 32, Depth: 4, Chunks: 8},
				{Size: 256, Split: 2, Chunk: 32, Depth: 2, Chunks: 4},
				{Size: 256, Split: 2, Chunk: 32, Depth: 4, Chunks: 4},
				{Size: 256, Split: 2, Chunk: 32, Depth: 4, Chunks: 8},
				{Size: 256, Split: 4, Chunk: 32, Depth: 2, Chunks: 4},
				{Size: 256, Split: 4, Chunk: 32, Depth: 4, Chunks: 4},
				{Size: 256, Split: 4, Chunk: 64, Depth: 2, Chunks: 2},
				{Size: 256, Split: 8, Chunk: 64, Depth: 1, Chunks: 1},
				{Size: 256, Split: 8, Chunk: 32, Depth: 2, Chunks: 2},
				{Size: 256, Split: 8, Chunk: 32, Depth: 3, Chunks: 3},
				{Size: 256, Split: 4, Chunk: 64, Depth: 4, Chunks: 4},
				{Size: 256, Split: 8, Chunk: 64, Depth: 2, Chunks: 2},
				{Size: 128, Split: 4, Chunk: 64, Depth: 2, Chunks: 2},
				{Size: 128, Split: 4, Chunk: 64, Depth: 4, Chunks: 4},
				{Size: 128, Split: 2, Chunk: 64, Depth: 2, Chunks: 2},
				{Size: 128, Split: 2, Chunk: 128, Depth: 2, Chunks: 2},
				{Size: 64, Split: 1, Chunk: 64, Depth: 4, Chunks: 4},
				{Size: 64, Split: 2, Chunk: 64, Depth: 4, Chunks: 4},
				{Size: 128, Outs: 32, Split: 1, Chunk: 64, Depth: 2, Chunks: 2},
				{Size: 128, Outs: 32, Split: 2, Chunk: 64, Depth: 2, Chunks: 2},
				{Size: 128, Outs: 32, Split: 2, Chunk: 64, Depth: 4, Chunks: 4},
				{Size: 128, Outs: 32, Split: 4, Chunk: 64, Depth: 2, Chunks: 2},
				{Size: 128, Outs: 32, Split: 4, Chunk: 64, Depth: 4, Chunks: 4},
				{Size: 512, Split: 2, Chunk: 64, Depth: 2, Chunks: 2},
				{Size: 512, Split: 4, Chunk: 64, Depth: 2, Chunks: 2},
				{Size: 512, Split: 8, Chunk: 64, Depth: 1, Chunks: 1},
				{Size: 512, Split: 1, Chunk: 32, Depth: 4, Chunks: 8},
				{Size: 512, Split: 2, Chunk: 32, Depth: 4, Chunks: 4},
				{Size: 512, Split: 4, Chunk: 32, Depth: 2, Chunks: 2},
				{Size: 512, Split: 8, Chunk: 32, Depth: 2, Chunks: 2},
				{Size: 512, Split: 16, Chunk: 32, Depth: 1, Chunks: 1},
			} {
				tuning.Half = func(x *gpu.HalfShape) {
					if s.Size > 0 {
						x.Size, x.Split, x.Chunk, x.Depth, x.Chunks = s.Size, s.Split, s.Chunk, s.Depth, s.Chunks
						x.Outs = max(x.Outs, s.Outs)
					}
				}
				b.Run(fmt.Sprintf("size=%d/outs=%d/split=%d/chunk=%d/depth=%d/chunks=%d", s.Size, s.Outs, s.Split, s.Chunk,
					s.Depth, s.Chunks), func(b *testing.B) {
					m.report(b, m.only(b, family, ops), len(ops))
				})
			}
			tuning.Half = nil
		})
	}
}

var directOnly = flag.String("shapes", "", "numbers of the shapes that BenchmarkDirect tries, by commas; all without")

// BenchmarkDirect tries other shapes of the kernels whose weights go straight into
// matrices, and what is taken where these are not known.
func BenchmarkDirect(b *testing.B) {
	m := newBenchmark(b)
	m.sample, m.warm = 0.005, 0.02
	d := m.d
	d.Supports(backend.Add{}) // asks for the lanes
	known := d.target.Lanes
	for i, o := range []benchmarkOp{benchmarkOps[0], benchmarkOps[2], benchmarkOps[1], benchmarkOps[3]} {
		weights, shapes := o.make(b, m, o.copies), directShapes
		if i > 1 {
			shapes = shapes[:1]
		}
		for _, s := range strings.Split(*directRows, ",") {
			rows, err := strconv.Atoi(s)
			if err != nil {
				b.Fatal(err)
			}
			ops := o.ops(b, m, m.block(b, rows), weights)
			b.Run(fmt.Sprintf("%s/rows=%d/lanes unknown", o.name, rows), func(b *testing.B) {
				d.target.Lanes = nil
				defer func() { d.target.Lanes = known }()
				m.report(b, m.only(b, "", ops), len(ops))
			})
			had := map[string]bool{}
			for i, s := range shapes {
				if *directOnly != "" && !slices.Contains(strings.Split(*directOnly, ","), fmt.Sprint(i)) {
					continue
				}
				b.Run(fmt.Sprintf("%s/rows=%d/size=%d/outs=%d/split=%d/depth=%d/chunks=%d/ready=%t", o.name, rows, s.Size,
					s.Outs, s.Split, s.Depth, s.Chunks, s.Ready), func(b *testing.B) {
					d.target.Tuning.HalfLeast = 1
					d.target.Tuning.Half = func(x *gpu.HalfShape) {
						if s.Size > 0 {
							x.Size, x.Split, x.Outs, x.Depth, x.Chunks = s.Size, s.Split, max(s.Outs, x.M), s.Depth, s.Chunks
							x.Ready = s.Ready
						}
					}
					defer func() { d.target.Tuning.Half, d.target.Tuning.HalfLeast = nil, 0 }()
					p := m.only(b, "", ops)
					key := fmt.Sprint(p.List[len(p.List)-1].Constants)
					if had[key] {
						b.Skip("the same as another")
					}
					had[key] = true
					m.report(b, p, len(ops))
				})
			}
		}
	}
}

var directRows = flag.String("direct.rows", "8,16,32,64", "rows of BenchmarkDirect")

var directShapes = []gpu.HalfShape{
	{}, // as chosen
	{Size: 256, Outs: 16, Split: 2, Depth: 4, Chunks: 4, Ready: true},
	{Size: 256, Outs: 16, Split: 2, Depth: 2, Chunks: 2, Ready: true},
	{Size: 256, Outs: 16, Split: 2, Depth: 1, Chunks: 1, Ready: true},
	{Size: 256, Outs: 16, Split: 4, Depth: 4, Chunks: 4, Ready: true},
	{Size: 256, Outs: 16, Split: 4, Depth: 2, Chunks: 2, Ready: true},
	{Size: 256, Outs: 16, Split: 4, Depth: 1, Chunks: 1, Ready: true},
	{Size: 256, Outs: 16, Split: 8, Depth: 1, Chunks: 1, Ready: true},
	{Size: 256, Outs: 16, Split: 8, Depth: 2, Chunks: 2, Ready: true},
	{Size: 256, Outs: 32, Split: 1, Depth: 4, Chunks: 4, Ready: true},
	{Size: 256, Outs: 32, Split: 1, Depth: 2, Chunks: 2, Ready: true},
	{Size: 256, Outs: 32, Split: 2, Depth: 4, Chunks: 4, Ready: true},
	{Size: 256, Outs: 32, Split: 2, Depth: 2, Chunks: 2, Ready: true},
	{Size: 256, Outs: 32, Split: 2, Depth: 1, Chunks: 1, Ready: true},
	{Size: 256, Outs: 32, Split: 4, Depth: 2, Chunks: 2, Ready: true},
	{Size: 256, Outs: 32, Split: 4, Depth: 1, Chunks: 1, Ready: true},
	{Size: 256, Outs: 32, Split: 8, Depth: 1, Chunks: 1, Ready: true},
	{Size: 512, Outs: 32, Split: 4, Depth: 2, Chunks: 2, Ready: true},
	{Size: 512, Outs: 32, Split: 4, Depth: 1, Chunks: 1, Ready: true},
	{Size: 512, Outs: 32, Split: 2, Depth: 2, Chunks: 2, Ready: true},
	{Size: 512, Outs: 16, Split: 4, Depth: 2, Chunks: 2, Ready: true},
	{Size: 512, Outs: 16, Split: 8, Depth: 1, Chunks: 1, Ready: true},
	{Size: 128, Outs: 32, Split: 2, Depth: 4, Chunks: 4, Ready: true},
	{Size: 128, Outs: 32, Split: 2, Depth: 2, Chunks: 2, Ready: true},
	{Size: 128, Outs: 16, Split: 2, Depth: 2, Chunks: 2, Ready: true},
	{Size: 256, Outs: 64, Split: 2, Depth: 2, Chunks: 2, Ready: true},
	{Size: 256, Outs: 64, Split: 2, Depth: 1, Chunks: 1, Ready: true},
}

// BenchmarkBarrier times a dispatch of next to no work that depends on the one
// before.
func BenchmarkBarrier(b *testing.B) {
	m := newBenchmark(b)
	const count, most = 400, 264
	x := dense(b, m.d, backend.F32, most, 64, make([]float32, most*64))
	for _, groups := range []int{1, most / 2, most} {
		b.Run(fmt.Sprintf("groups=%d", groups), func(b *testing.B) {
			v := backend.Matrix(x.Buf, 0, backend.F32, groups, 64)
			ops := slices.Repeat([]backend.Op{backend.Add{Dst: v, A: v, B: v}}, count)
			s := m.seconds(b, m.only(b, "", ops))
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(s/count*1e6, "us/op")
		})
	}
}
