//go:build cgo && !darwin

package vulkan

import (
	"context"
	"encoding/binary"
	"flag"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"falconmamba/backend"
	"falconmamba/backend/gpu"
	"falconmamba/backend/mamba"
	"falconmamba/backend/quant"
	"falconmamba/internal/half"
)

// The speed of the kernels for many rows at the 7B's widths, on a real device:
//
//	go test -c -o vulkan.test ./backend/vulkan
//	./vulkan.test -test.run '^TestPrefillSpeed$' -test.v -prefill
//
// Every tile of gemm_half.comp is compared with gemm.comp before it is timed.
var (
	prefillSpeed = flag.Bool("prefill", false, "measure the kernels for many rows")
	prefillParts = flag.String("prefill.parts", "gemm,sweep,block", "what -prefill measures")
	prefillRows  = flag.String("prefill.rows", "512,2048", "rows of a pass")
	prefillTiles = flag.String("prefill.tiles", "", "only these of the numbered tiles, as in 0,3")
	prefillOrder = flag.Bool("prefill.order", false, "have weights in the order of the lanes first, where rows are")
	prefillTime  = flag.Duration("prefill.time", 25*time.Millisecond, "time to spend on each figure")
)

// The 7B's widths.
const (
	wide7B   = 4096 // hidden
	inner7B  = 8192
	rank7B   = 256
	states7B = 16
	taps7B   = 4
)

// A bench holds what the measurements share.
type bench struct {
	*testing.T
	d *device
}

func TestPrefillSpeed(t *testing.T) {
	if !*prefillSpeed {
		t.Skip("runs with -prefill")
	}
	d := openTest(t)
	b := bench{t, d}
	t.Logf("%s, %s, %d cores, subgroups of %d, %d bytes of shared memory",
		d.info.Device, d.info.Driver, d.target.Cores, d.target.SubgroupSize, d.target.Shared)
	var rows []int
	for _, s := range strings.Split(*prefillRows, ",") {
		var n int
		if _, err := fmt.Sscan(s, &n); err != nil || n < gpu.PrefillRows {
			t.Fatalf("-prefill.rows %q: want numbers of at least %d", *prefillRows, gpu.PrefillRows)
		}
		rows = append(rows, n)
	}
	b.warm()
	for _, part := range strings.Split(*prefillParts, ",") {
		switch part {
		case "gemm":
			b.tiles(rows)
		case "sweep":
			b.sweeps(rows)
		case "block":
			b.block(rows)
		default:
			t.Fatalf("-prefill.parts %q: want gemm, sweep or block", part)
		}
	}
}

// decays makes A: below 0.
func (b bench) decays() backend.Tensor {
	v := noise(inner7B*states7B, 3)
	for i, x := range v {
		v[i] = -1 - x
	}
	t := b.random(backend.F32, inner7B, states7B)
	if err := t.Buf.Upload(0, encode(v)); err != nil {
		b.Fatal(err)
	}
	return t
}

// random fills a matrix with numbers near 1, bits that differ: power, and so
// the clock, depends on them.
func (b bench) random(typ backend.DType, rows, cols int) backend.Tensor {
	b.Helper()
	buf, err := b.d.Alloc(int64(rows)*typ.RowBytes(cols), backend.Device)
	buf = own(b.T, buf, err)
	block := noiseBytes(typ, min(buf.Size(), 1<<20))
	for at := int64(0); at < buf.Size(); at += int64(len(block)) {
		if err := buf.Upload(at, block[:min(int64(len(block)), buf.Size()-at)]); err != nil {
			b.Fatal(err)
		}
	}
	return backend.Matrix(buf, 0, typ, rows, cols)
}

func noiseBytes(typ backend.DType, size int64) []byte {
	v := noise(int(size)/typ.Size(), 11)
	switch typ {
	case backend.BF16:
		h := make([]uint16, len(v))
		for i, x := range v {
			h[i] = half.BF16Bits(x)
		}
		return encode(h)
	case backend.F16:
		h := make([]uint16, len(v))
		for i, x := range v {
			h[i] = half.F16Bits(x)
		}
		return encode(h)
	}
	return encode(v)
}

// weight makes a weight of the type that -weights names, whose products with numbers
// near 1 are near 1.
func (b bench) weight(rows, cols int) backend.Weight {
	b.Helper()
	typ, err := backend.ParseDType(*benchmarkType)
	if err != nil {
		b.Fatal(err)
	}
	some := min(rows, 128)
	v, p := noise(some*cols, 5), quant.New(typ, some*cols)
	for i, x := range v {
		v[i] = x * float32(math.Sqrt(9/float64(cols)))
	}
	if err := p.Encode(v, 0); err != nil {
		b.Fatal(err)
	}
	repeat := func(part []byte) []byte { return slices.Repeat(part, over(rows, some))[:len(part)/some*rows] }
	desc := backend.WeightDesc{Name: "w", Type: typ, Rows: rows, Cols: cols}
	if len(p.Aux) > 0 {
		desc.Aux = append([][]byte{repeat(p.Aux[0])}, p.Aux[1:]...)
	}
	w, err := b.d.NewWeight(desc, repeat(p.Data))
	return own(b.T, w, err)
}

// seconds is the time of one operation, or of its dispatches whose kernel's name
// begins with family: the median of runs of several, after one to warm up.
func (b bench) seconds(family string, op func(i int) backend.Op) float64 {
	b.Helper()
	times, took := 2, 0.0
	for {
		ops := make([]backend.Op, times)
		for i := range ops {
			ops[i] = op(i)
		}
		// What the dispatches read of the scratch is there once all have run.
		whole := only(b, b.d, "", ops)
		p := only(b, b.d, family, ops)
		b.run(whole)
		var runs []float64
		b.run(p)
		for start := time.Now(); len(runs) < 3 || time.Since(start) < *prefillTime && len(runs) < 9; {
			runs = append(runs, b.run(p))
		}
		whole.Close()
		if err := p.Close(); err != nil {
			b.Fatal(err)
		}
		slices.Sort(runs)
		took = runs[len(runs)/2] / float64(times)
		// A submission costs tens of microseconds: let it be a hundredth.
		if runs[len(runs)/2] > 3e-3 || times >= 512 {
			return took
		}
		times = min(512, int(4e-3/took)+2)
	}
}

func (b bench) run(p *plan) float64 {
	start := time.Now()
	ticket, err := p.Submit()
	if err == nil {
		err = b.d.Wait(context.Background(), ticket)
	}
	if err != nil {
		b.Fatal(err)
	}
	return time.Since(start).Seconds()
}

// warm keeps the device busy until its clocks are up.
func (b bench) warm() {
	x, y := b.random(backend.F32, 1024, 4096), b.random(backend.F32, 1024, 4096)
	op := backend.Add{Dst: x, A: x, B: y}
	p := only(b, b.d, "", slices.Repeat([]backend.Op{op}, 100))
	for start := time.Now(); time.Since(start) < 400*time.Millisecond; {
		b.run(p)
	}
	if err := p.Close(); err != nil {
		b.Fatal(err)
	}
}

// A gemmOf is one of a block's products.
type gemmOf struct {
	name         string
	outs, inputs int
	weights      []backend.Weight // together larger than the caches
}

func (b bench) products() []gemmOf {
	list := []gemmOf{
		{"in_proj", 2 * inner7B, wide7B, nil}, {"x_proj", rank7B + 2*states7B, inner7B, nil},
		{"dt_proj", inner7B, rank7B, nil}, {"out_proj", wide7B, inner7B, nil},
	}
	for i := range list {
		g := &list[i]
		for n := 0; n < 100<<20; n += g.outs * g.inputs {
			g.weights = append(g.weights, b.weight(g.outs, g.inputs))
		}
	}
	return list
}

// tiles measures every tile on every product, the inputs in one part, and where
// that leaves cores idle in more.
func (b bench) tiles(rows []int) {
	if len(b.d.target.Tiles()) == 0 {
		b.Logf("%s has no cooperative matrices of float16", b.d.info.Device)
		return
	}
	most := slices.Max(rows)
	products := b.products()
	src := b.random(backend.F32, most, inner7B)
	dst := b.random(backend.F32, most, 2*inner7B)
	b.warm() // it idled meanwhile
	b.d.target.Tuning.Order = *prefillOrder
	b.Log("GEMM, TFLOP/s (parts); each product then as it is taken, packing and sums included")
	head := fmt.Sprintf("%-52s %8s", "tile", "error")
	for _, g := range products {
		for _, n := range rows {
			head += fmt.Sprintf(" %16s", fmt.Sprintf("%s@%d", g.name, n))
		}
	}
	b.Log(head)
	for i, w := range tileCandidates {
		if *prefillTiles != "" && !slices.Contains(strings.Split(*prefillTiles, ","), fmt.Sprint(i)) {
			continue
		}
		t, fits := b.d.take(w, 0)
		if !fits {
			b.Logf("%2d: %+v does not fit", i, w)
			continue
		}
		name := fmt.Sprintf("%2d: %dx%d K%d, %dx%d of %dx%d, %d buffers",
			i, t.BM(), t.BN(), t.BK, t.Down, t.Across, t.Rows*t.M, t.Cols*t.N, t.Buffers)
		if t.Direct {
			name += ", direct"
		}
		if t.Deep > 1 {
			name += fmt.Sprintf(", %d deep", t.Deep)
		}
		line := fmt.Sprintf("%-52s %8.1e", name, b.tileError(t, src, products[0].weights[0]))
		for _, g := range products {
			order := 0.0
			if *prefillOrder {
				order = b.product("gemm_order", g, src, dst, rows[0])
				line += fmt.Sprintf(" [%.1f µs]", 1e6*order)
			}
			for _, n := range rows {
				best, bestParts := math.Inf(1), 0
				groups := over(n, t.BM()) * over(g.outs, t.BN())
				for parts := 1; parts <= 16 &&
					(parts == 1 || groups*parts <= 4*b.d.target.Cores && over(g.inputs, t.BK) >= 8*parts); parts *= 2 {
					b.d.take(w, parts)
					s := b.product("gemm_", g, src, dst, n)
					if *prefillOrder { // what order costs stands below
						s -= order
					}
					if s < best {
						best, bestParts = s, parts
					}
				}
				line += fmt.Sprintf(" %16s", fmt.Sprintf("%.0f (%d)", flops(g, n)/best, bestParts))
			}
		}
		b.Log(line)
	}
	b.d.target.Tuning = gpu.Tuning{}
	line := fmt.Sprintf("%-52s %8s", "as it is taken", "")
	for _, g := range products {
		for _, n := range rows {
			line += fmt.Sprintf(" %16s", fmt.Sprintf("%.0f", flops(g, n)/b.product("", g, src, dst, n)))
		}
	}
	b.Log(line)
}

// flops is in units of 10^12.
func flops(g gemmOf, rows int) float64 {
	return 2e-12 * float64(rows) * float64(g.outs) * float64(g.inputs)
}

// over returns how many groups of n cover count.
func over(count, n int) int { return (count + n - 1) / n }

// product measures a product, or those of its dispatches whose kernels are of a
// family.
func (b bench) product(family string, g gemmOf, src, dst backend.Tensor, rows int) float64 {
	b.Helper()
	x := backend.Matrix(src.Buf, 0, backend.F32, rows, g.inputs)
	y := backend.Matrix(dst.Buf, 0, backend.F32, rows, g.outs)
	return b.seconds(family, func(i int) backend.Op {
		return backend.MatMul{Dst: y, Src: x, Weight: g.weights[i%len(g.weights)], Precision: backend.Half}
	})
}

// tileError is the root mean square of what a tile's product differs from that
// in float32, beside the latter's own.
func (b bench) tileError(t gpu.Tile, src backend.Tensor, w backend.Weight) float64 {
	b.Helper()
	rows, inputs, outs := t.BM()+5, w.Desc().Cols, w.Desc().Rows
	x := backend.Matrix(src.Buf, 0, backend.F32, rows, inputs)
	var got [2][]float32
	for i, precision := range []backend.Precision{backend.Float, backend.Half} {
		y := b.random(backend.F32, rows, outs)
		b.d.take(t.WarpTile, 1+2*i)
		p := only(b, b.d, "", []backend.Op{backend.MatMul{Dst: y, Src: x, Weight: w, Precision: precision}})
		b.run(p)
		raw := make([]byte, y.Buf.Size())
		if err := y.Buf.Download(0, raw); err != nil {
			b.Fatal(err)
		}
		got[i] = make([]float32, len(raw)/4)
		for j := range got[i] {
			got[i][j] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*j:]))
		}
		p.Close()
		y.Buf.Close()
	}
	var diff, sum float64
	for j, want := range got[0] {
		diff += float64(got[1][j]-want) * float64(got[1][j]-want)
		sum += float64(want) * float64(want)
	}
	return math.Sqrt(diff / sum)
}

// prompt is a batch of one sequence of rows tokens.
func (b bench) prompt(rows int) backend.Tensor {
	words := make([]int32, 2*backend.BatchWords)
	backend.EncodeBatch(words, []backend.Sequence{{From: 0, To: 0, Rows: rows}}, 1)
	t := b.random(backend.I32, 2, backend.BatchWords)
	if err := t.Buf.Upload(0, encode(words)); err != nil {
		b.Fatal(err)
	}
	return t
}

// sweeps measures convolution and scan with tiles of several sizes.
func (b bench) sweeps(rows []int) {
	most := slices.Max(rows)
	xz, x, y := b.random(backend.F32, most, 2*inner7B), b.random(backend.F32, most, inner7B), b.random(backend.F32,
		most, inner7B)
	a, d := b.decays(), b.random(backend.F32, 1, inner7B)
	weight, bias := b.random(backend.F32, inner7B, taps7B), b.random(backend.F32, 1, inner7B)
	xProj, dtProj := b.weight(rank7B+2*states7B, inner7B), b.weight(inner7B, rank7B)
	state, taps := b.random(backend.F32, 1, inner7B*states7B), b.random(backend.F32, 1, inner7B*(taps7B-1))
	for _, n := range rows {
		batch := b.prompt(n)
		top := func(t backend.Tensor) backend.Tensor { return t.RowRange(0, n) }
		for _, m := range []gpu.Sweep{{Size: 64, Steps: 16}, {Size: 128, Steps: 16}, {Size: 256, Steps: 16},
			{Size: 64, Steps: 32}, {Size: 128, Steps: 32}, {Size: 256, Steps: 32}, {Size: 128, Steps: 64}} {
			b.d.target.Tuning = gpu.Tuning{Conv: m}
			s := b.seconds("", func(int) backend.Op {
				return backend.Conv1D{Dst: top(y), Src: top(xz).Columns(0, inner7B), Weight: weight, Bias: bias,
					State: taps, Batch: batch, Act: backend.SiLU}
			})
			b.Logf("conv of %4d rows, groups of %3d, tiles of %2d: %6.1f µs, %4.2f TB/s",
				n, m.Size, m.Steps, 1e6*s, 8e-12*float64(n*inner7B)/s)
		}
		for _, m := range []gpu.Sweep{{Size: 64, Steps: 8}, {Size: 128, Steps: 8}, {Size: 256, Steps: 8},
			{Size: 64, Steps: 16}, {Size: 128, Steps: 16}, {Size: 256, Steps: 16}, {Size: 64, Steps: 32},
			{Size: 128, Steps: 32}} {
			b.d.target.Tuning = gpu.Tuning{Scan: m}
			var s [2]float64
			for i, p := range []backend.Precision{backend.Half, backend.Float} {
				s[i] = b.seconds("scan_", func(int) backend.Op {
					return mamba.SSM{Dst: top(y), X: top(x), Z: top(xz).Columns(inner7B, 2*inner7B), XProj: xProj,
						BCDTNorm: true, NormEps: 1e-6, DTProj: dtProj, A: a, D: d, State: state, Batch: batch,
						Precision: p}
				})
			}
			b.Logf("scan of %4d rows, groups of %3d, tiles of %2d: %6.1f µs (%6.1f exact), %4.2f TB/s",
				n, m.Size, m.Steps, 1e6*s[0], 1e6*s[1], 16e-12*float64(n*inner7B)/s[0])
		}
		b.d.target.Tuning = gpu.Tuning{}
	}
}

// block measures the fused operations of a block as they are taken.
func (b bench) block(rows []int) {
	most := slices.Max(rows)
	h, xz, x, y := b.random(backend.F32, most, wide7B), b.random(backend.F32, most, 2*inner7B), b.random(backend.F32,
		most, inner7B), b.random(backend.F32, most, inner7B)
	a, d := b.decays(), b.random(backend.F32, 1, inner7B)
	norm, conv, bias := b.random(backend.F32, 1, wide7B), b.random(backend.F32, inner7B, taps7B), b.random(backend.F32,
		1, inner7B)
	state, taps := b.random(backend.F32, 1, inner7B*states7B), b.random(backend.F32, 1, inner7B*(taps7B-1))
	products := b.products()
	b.warm() // it idled meanwhile
	for _, n := range rows {
		batch := b.prompt(n)
		top := func(t backend.Tensor) backend.Tensor { return t.RowRange(0, n) }
		sum := 0.0
		of := func(g, i int) backend.Weight { return products[g].weights[i%len(products[g].weights)] }
		for _, op := range []func(i int) backend.Op{
			func(i int) backend.Op {
				return mamba.InProjConv{Dst: top(x), XZ: top(xz), Src: top(h), Norm: norm, NormEps: 1e-5,
					InProj: of(0, i), Conv: conv, ConvBias: bias, ConvState: taps, Batch: batch, Act: backend.SiLU,
					Precision: backend.Half}
			},
			func(i int) backend.Op {
				return mamba.SSM{Dst: top(y), X: top(x), Z: top(xz).Columns(inner7B, 2*inner7B), XProj: of(1, i),
					BCDTNorm: true, NormEps: 1e-6, DTProj: of(2, i), DTBias: bias, A: a, D: d, State: state,
					Batch: batch, Precision: backend.Half}
			},
			func(i int) backend.Op {
				return mamba.OutProjAdd{Dst: top(h), Residual: top(h), Src: top(y), OutProj: of(3, i), Batch: batch,
					Precision: backend.Half}
			},
		} {
			s := b.seconds("", op)
			b.Logf("%4d rows: %-12s %7.1f µs", n, op(0).Kind(), 1e6*s)
			sum += s
		}
		b.Logf("%4d rows: a block    %7.1f µs, so 64 blocks do %.0f tok/s", n, 1e6*sum, float64(n)/(64*sum))
	}
}
