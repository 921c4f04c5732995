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

	"falconmamba/backend"
	"falconmamba/backend/backendtest"
	"falconmamba/backend/gpu"
	"falconmamba/backend/mamba"
	"falconmamba/shaders"
)

// widths are the sizes of a model's blocks.
type widths struct{ hidden, channels, states, rank, taps int }

// A testBlock is what the blocks of a test share, and its rows.
type testBlock struct {
	widths
	rows       int
	precision  backend.Precision
	x, xz      backend.Tensor // (T, H), (T, 2·D)
	h, y       backend.Tensor // (T, D)
	conv, ssm  backend.Tensor // states of one layer
	norm       backend.Tensor
	taps, bias backend.Tensor
	decay, d   backend.Tensor
	batch      backend.Tensor
	which      backend.Tensor // (T, 1): the rows, for the head
	tokens     backend.Tensor // (T, 1)
	logits     backend.Tensor // (T, V), in benchmarks
}

// newBlock allocates for rows sequences of a row each.
func newBlock(t testing.TB, d *device, w widths, rows int) *testBlock {
	b := &testBlock{widths: w, rows: rows}
	f32 := func(rows, cols int, scale, shift float32) backend.Tensor {
		v := noise(rows*cols, uint32(rows+cols))
		for i := range v {
			v[i] = v[i]*scale + shift
		}
		return dense(t, d, backend.F32, rows, cols, v)
	}
	b.x, b.xz = f32(rows, w.hidden, 1, 0), f32(rows, 2*w.channels, 1, 0)
	b.h, b.y = f32(rows, w.channels, 1, 0), f32(rows, w.channels, 1, 0)
	b.conv, b.ssm = f32(rows, w.channels*(w.taps-1), 1, 0), f32(rows, w.channels*w.states, 1, 0)
	b.norm, b.taps, b.bias = f32(1, w.hidden, 0.1, 1), f32(w.channels, w.taps, 0.5, 0), f32(1, w.channels, 0.5, -4)
	b.decay, b.d = f32(w.channels, w.states, 4, -5), f32(1, w.channels, 0.1, 1)
	words := make([]int32, (1+rows)*backend.BatchWords)
	seqs := make([]backend.Sequence, rows)
	for i := range seqs {
		seqs[i] = backend.Sequence{From: i, To: i, First: i, Rows: 1}
	}
	backend.EncodeBatch(words, seqs, rows)
	b.batch = dense(t, d, backend.I32, 1+rows, backend.BatchWords, words)
	all := make([]int32, rows)
	for i := range all {
		all[i] = int32(i)
	}
	b.which, b.tokens = dense(t, d, backend.I32, rows, 1, all), dense(t, d, backend.I32, rows, 1, all)
	return b
}

// layer returns a block of another layer on the same rows: with states and
// parameters of its own.
func (b testBlock) layer(t testing.TB, d *device) *testBlock {
	for _, x := range []*backend.Tensor{&b.conv, &b.ssm, &b.norm, &b.taps, &b.bias, &b.decay, &b.d} {
		v := make([]byte, 4*x.Rows*x.Cols)
		if err := x.Buf.Download(0, v); err != nil {
			t.Fatal(err)
		}
		buf, err := d.Alloc(int64(len(v)), backend.Device)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { buf.Close() })
		if err := buf.Upload(0, v); err != nil {
			t.Fatal(err)
		}
		x.Buf = buf
	}
	return &b
}

// dense uploads a matrix to a buffer of its own.
func dense[T float32 | int32](t testing.TB, d *device, typ backend.DType, rows, cols int, values []T) backend.Tensor {
	t.Helper()
	buf, err := d.Alloc(int64(rows)*int64(cols)*4, backend.Device)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { buf.Close() })
	if err := buf.Upload(0, encode(values)); err != nil {
		t.Fatal(err)
	}
	return backend.Matrix(buf, 0, typ, rows, cols)
}

func (b *testBlock) inProj(w backend.Weight) backend.Op {
	return mamba.InProjConv{Dst: b.h, XZ: b.xz, Src: b.x, Norm: b.norm, NormEps: 1e-5, InProj: w,
		Conv: b.taps, ConvBias: b.bias, ConvState: b.conv, Batch: b.batch, Act: backend.SiLU, Precision: b.precision}
}

func (b *testBlock) scan(x, dt backend.Weight) backend.Op {
	return mamba.SSM{Dst: b.y, X: b.h, Z: b.xz.Columns(b.channels, 2*b.channels), XProj: x, BCDTNorm: true,
		NormEps: 1e-6,
		DTProj:  dt, DTBias: b.bias, A: b.decay, D: b.d, State: b.ssm, Batch: b.batch, Precision: b.precision}
}

func (b *testBlock) outProj(w backend.Weight) backend.Op {
	return mamba.OutProjAdd{Dst: b.x, Residual: b.x, Src: b.y, OutProj: w, Batch: b.batch, Precision: b.precision}
}

// A block is four dispatches with a barrier before each.
func TestDecodeBarriers(t *testing.T) {
	d := openTest(t)
	for _, rows := range []int{1, 3, 8, 13} {
		b := newBlock(t, d, widths{33, 67, 16, 7, 4}, rows)
		weight := func(outs, cols int) backend.Weight {
			w, _ := testWeight(t, d, backend.BF16, outs, cols)
			return w
		}
		const layers = 3
		var ops []backend.Op
		for range layers {
			ops = append(ops, b.inProj(weight(2*b.channels, b.hidden)),
				b.scan(weight(b.rank+2*b.states, b.channels), weight(b.channels, b.rank)),
				b.outProj(weight(b.hidden, b.channels)))
		}
		for _, op := range ops {
			if !d.Supports(op) {
				t.Fatalf("%s is not supported", backend.Describe(op))
			}
		}
		p, err := d.Compile("layers", ops)
		p = own(t, p, err)
		if got, want := p.(*plan).Barriers(), 4*layers-1; got != want && !d.spans {
			t.Errorf("%d rows: %d barriers in %d layers, want %d", rows, got, layers, want)
		}
		if got, want := len(p.(*plan).List), 4*layers; got != want {
			t.Errorf("%d rows: %d dispatches in %d layers, want %d", rows, got, layers, want)
		}
	}
}

// decoded has the kinds of operations that have kernels for few rows.
var decoded = map[backend.Kind]bool{mamba.KindInProjConv: true, mamba.KindSSM: true, mamba.KindOutProjAdd: true,
	backend.KindHead: true, backend.KindHeadArgMax: true}

// The kernels are right at the 7B's widths, in the shapes that devices with
// many cores get.
func TestDecodeWide(t *testing.T) {
	d := openTest(t)
	if d.info.Class == backend.Software {
		t.Skipf("%s is a processor: the 7B's widths would take it minutes", d.info.Device)
	}
	ref, err := backend.Open("ref", backend.Options{})
	ref = own(t, ref, err)
	for _, x := range backendtest.Cases() {
		if !decoded[x.Kind] || !x.Wide || x.Precision == backend.Int8 || !strings.Contains(x.Name, "/decode of") {
			continue
		}
		if r := x.Run(d, ref); r.Status != backendtest.Pass {
			t.Errorf("%s: %s: %v", x.Name, r.Status, r.Err)
		}
	}
}

// The kernels are right however they go about it: with few or many channels to
// a subgroup and words in flight, blocks of every size, a tile that holds little
// of the columns, few workgroups, and weights in parts. The small cases of the
// suite would mostly get the same shape. With -short it is one of these shapes, with
// a quarter of its cases.
func TestDecodeShapes(t *testing.T) {
	d := openTest(t)
	ref, err := backend.Open("ref", backend.Options{})
	ref = own(t, ref, err)
	most := d.reach
	for i, c := range []struct {
		set  gpu.Shape // what is not 0
		part int64     // bytes of a weight's parts
	}{
		{set: gpu.Shape{Outs: 4, Ahead: 2}},
		{set: gpu.Shape{Outs: 4, Ahead: 1, Groups: 1, Tile: 128}},
		{set: gpu.Shape{Outs: 2, Ahead: 4, Rows: 2, Groups: 3}},
		{set: gpu.Shape{Outs: 1, Ahead: 8, Rows: 1, Tile: 64}},
		{set: gpu.Shape{Outs: 3, Ahead: 2, Rows: 4, Groups: 2}, part: 8 << 10},
		{set: gpu.Shape{Outs: 2, Ahead: 2, Rows: 8, Groups: 2}, part: 3 << 10},
	} {
		every := 50
		if testing.Short() {
			if every = 200; c.part != 8<<10 {
				continue
			}
		}
		t.Run(fmt.Sprintf("%+v", c.set), func(t *testing.T) {
			d.target.Tuning.Shape = func(s *gpu.Shape) {
				for _, f := range []struct{ to, from *int }{{&s.Outs, &c.set.Outs}, {&s.Ahead, &c.set.Ahead},
					{&s.Rows, &c.set.Rows}, {&s.Groups, &c.set.Groups}, {&s.Tile, &c.set.Tile}} {
					if *f.from > 0 {
						*f.to = *f.from
					}
				}
			}
			defer func() { d.target.Tuning.Shape = nil }()
			n := 0
			for _, x := range backendtest.Cases() {
				if !decoded[x.Kind] || x.Wide {
					continue
				}
				if n++; n%every != 8*i {
					continue
				}
				var b backend.Backend = d
				if c.part > 0 {
					b = inParts{d, most, c.part}
				}
				// Weights of some block types are not kept, and matrix units take what is lowered.
				if r := x.Run(b, ref); r.Status == backendtest.Fail {
					t.Errorf("%s: %s: %v", x.Name, r.Status, r.Err)
				}
			}
		})
	}
}

// So are their twins on matrix units: with the columns divided among subgroups
// or not, and little or much in flight.
func TestHalfShapes(t *testing.T) {
	d := openTest(t)
	if len(d.target.Tiles()) == 0 {
		t.Skipf("%s has no cooperative matrices of float16", d.info.Device)
	}
	ref, err := backend.Open("ref", backend.Options{})
	ref = own(t, ref, err)
	d.Supports(backend.Add{}) // asks for the lanes, which are then forgotten
	d.target.Lanes = nil
	for i, s := range []gpu.HalfShape{
		{Split: 1, Chunk: 32, Depth: 2, Chunks: 4, Outs: 8},
		{Split: 2, Chunk: 16, Depth: 1, Chunks: 3, Outs: 16},
		{Split: 4, Chunk: 16, Depth: 2, Chunks: 2, Outs: 8},
		{Split: 8, Chunk: 8, Depth: 1, Chunks: 1, Outs: 16},
	} {
		t.Run(fmt.Sprintf("%+v", s), func(t *testing.T) {
			d.target.Tuning.Half = func(x *gpu.HalfShape) {
				f := x.Fragment
				x.Split, x.Depth, x.Chunks, x.Outs = s.Split, s.Depth, s.Chunks, max(s.Outs, f.M)
				x.Chunk = max(s.Chunk, f.K, 8*d.target.SubgroupSize/x.Outs) // a word to a lane at least
			}
			defer func() { d.target.Tuning.Half = nil }()
			b := newBlock(t, d, widths{64, 128, 16, 8, 4}, 8)
			b.precision = backend.Half
			w, _ := testWeight(t, d, backend.BF16, 2*b.channels, b.hidden)
			p, err := d.Compile("half", []backend.Op{b.inProj(w)})
			p = own(t, p, err)
			if name := p.(*plan).List[0].Kernel.Name; name != "in_proj_conv_bf16_f16" {
				t.Fatalf("%s is taken: the shape is not one that the device can run", name)
			}
			n := 0
			for _, x := range backendtest.Cases() {
				if !decoded[x.Kind] || x.Wide || x.Precision == backend.Float {
					continue
				}
				if n++; n%20 != 5*i {
					continue
				}
				if r := x.Run(d, ref); r.Status != backendtest.Pass && r.Status != backendtest.Unsupported {
					t.Errorf("%s: %s: %v", x.Name, r.Status, r.Err)
				}
			}
		})
	}
}

// Rows that a kernel hands over as integers are those that a kernel of their own makes of its results: the next operation
// gives the same numbers, of the same inputs. Behind a norm they may differ by what the order of a sum of squares makes
// of its scale. No more than two operations run: a third rounds what they differ by to other integers, or float16, and
// so many times as much.
func TestHandedIntegers(t *testing.T) {
	const order = 4e-6 // of the largest: 24 additions in either order, half of it by the root, and a window's four taps
	d := openTest(t)
	d.target.Tuning.HalfLeast = 1000 // no matrix units
	for _, typ := range []backend.DType{backend.Q4_K, backend.Q8_0, backend.Q6_K, backend.Q4_0} {
		for _, rows := range []int{1, 3, 11} {
			if testing.Short() && (rows == 11 || rows == 3 && typ != backend.Q4_K) {
				continue
			}
			b := newBlock(t, d, widths{256, 512, 16, 256, 4}, rows)
			b.precision = backend.Half
			if !d.target.Integers(typ) {
				t.Skipf("%s has no products of integers", d.info.Device)
			}
			in, _ := testWeight(t, d, typ, 2*b.channels, b.hidden)
			xp, _ := testWeight(t, d, typ, b.rank+2*b.states, b.channels)
			dt, _ := testWeight(t, d, typ, b.channels, b.rank)
			out, _ := testWeight(t, d, typ, b.hidden, b.channels)
			lmHead, _ := testWeight(t, d, typ, 300, b.hidden)
			b.logits = dense(t, d, backend.F32, rows, 300, make([]float32, rows*300))
			head := backend.Head{Logits: b.logits, Src: b.x, Rows: b.which, Norm: b.norm, NormEps: 1e-5, Weight: lmHead,
				Batch: b.batch, Precision: b.precision}
			changed := []backend.Tensor{b.x, b.xz, b.h, b.y, b.conv, b.ssm, b.logits}
			before := make([][]float32, len(changed))
			for i, v := range changed {
				before[i] = values(t, v)
			}
			for _, c := range []struct {
				first, second backend.Op
				packs         int // kernels that make rows ready, one operation after the other
				off           float64
			}{
				{b.inProj(in), b.scan(xp, dt), 1, 0}, // x_proj makes rows ready itself, unless one is handed over
				{b.scan(xp, dt), b.outProj(out), 1, 0},
				{b.outProj(out), b.inProj(in), 2, order},
				{b.outProj(out), head, 2, order},
			} {
				run := func(plans ...[]backend.Op) (after [][]float32, packs int) {
					for i, v := range changed {
						if err := v.Buf.Upload(v.Off, encode(before[i])); err != nil {
							t.Fatal(err)
						}
					}
					for _, ops := range plans {
						p, err := d.Compile("handed", ops)
						p = own(t, p, err)
						for _, x := range p.(*plan).List {
							if x.Kernel.Source == "pack_i16" {
								packs++
							}
						}
						ticket, err := p.Submit()
						if err == nil {
							err = d.Wait(context.Background(), ticket)
						}
						if err != nil {
							t.Fatal(err)
						}
					}
					for _, v := range changed {
						after = append(after, values(t, v))
					}
					return after, packs
				}
				name := fmt.Sprintf("%v, %d rows, %s then %s", typ, rows, c.first.Kind(), c.second.Kind())
				want, apart := run([]backend.Op{c.first}, []backend.Op{c.second})
				got, together := run([]backend.Op{c.first, c.second})
				less := 1
				if c.second.Kind() == mamba.KindSSM || c.first.Kind() == mamba.KindSSM && rows >= 3 &&
					len(d.target.Fragments) > 0 { // ssm_half.comp hands over float16 alone
					less = 0
				}
				if apart != c.packs || together != c.packs-less {
					t.Errorf("%s: %d kernels make rows ready, %d for one after the other", name, together, apart)
				}
				for k := range got {
					var largest float64
					for _, x := range want[k] {
						largest = max(largest, math.Abs(float64(x)))
					}
					for i := range got[k] {
						if math.Abs(float64(got[k][i]-want[k][i])) <= c.off*largest {
							continue
						}
						t.Errorf("%s: tensor %d, number %d is %g, want %g; the largest is %g", name, k, i, got[k][i], want[k][i],
							largest)
						break
					}
				}
			}
		}
	}
}

// What out_proj hands over to the next in_proj gives what that one makes of the rows by itself,
// whatever their size: small and large rows lose no more to float16, and what is not a
// number, or not finite, is not finite there.
func TestHandedRows(t *testing.T) {
	d := openTest(t)
	if d.Supports(backend.Add{}); len(d.target.Lanes) == 0 {
		t.Skipf("%s has no matrices of which it is known how lanes hold them", d.info.Device)
	}
	most := 16 // more are made ready by a kernel between the two
	if testing.Short() {
		most = 9
	}
	for _, rows := range []int{9, 16} {
		if rows > most {
			break
		}
		b := newBlock(t, d, widths{64, 128, 16, 8, 4}, rows)
		b.precision = backend.Half
		out, _ := testWeight(t, d, backend.BF16, b.hidden, b.channels)
		in, _ := testWeight(t, d, backend.BF16, 2*b.channels, b.hidden)
		x := noise(rows*b.hidden, 3)
		for i := range x { // rows between 2^-60 and 2^60; y is little beside large ones
			x[i] *= float32(math.Ldexp(1, (i/b.hidden*23)%121-60))
		}
		x[3*b.hidden+5], x[4*b.hidden+6] = float32(math.NaN()), float32(math.Inf(1))
		x[5*b.hidden+7] *= 1 << 20 // a channel that is all of its row
		run := func(plans ...[]backend.Op) (all []float32) {
			if err := b.x.Buf.Upload(b.x.Off, encode(x)); err != nil {
				t.Fatal(err)
			}
			for _, to := range []backend.Tensor{b.conv, b.h, b.xz} {
				if err := to.Buf.Upload(to.Off, make([]byte, 4*to.Rows*to.Cols)); err != nil {
					t.Fatal(err)
				}
			}
			for _, ops := range plans {
				submit(t, d, ops...)
			}
			for _, from := range []backend.Tensor{b.h, b.xz, b.conv} {
				v := make([]byte, 4*from.Rows*from.Cols)
				if err := from.Buf.Download(from.Off, v); err != nil {
					t.Fatal(err)
				}
				for i := range from.Rows * from.Cols {
					all = append(all, math.Float32frombits(binary.LittleEndian.Uint32(v[4*i:])))
				}
			}
			return all
		}
		first, second := b.outProj(out), b.inProj(in)
		p, err := d.Compile("handed", []backend.Op{first, second})
		p = own(t, p, err)
		if list := p.(*plan).List; len(list) != 3 || list[2].Kernel.Name != "in_proj_conv_direct_bf16_f16" {
			t.Fatalf("%d rows: %d dispatches, want rows that are packed, out_proj and in_proj", rows, len(list))
		}
		got, want := run([]backend.Op{first, second}), run([]backend.Op{first}, []backend.Op{second})
		wrong := 0
		for i := range got {
			g, w := float64(got[i]), float64(want[i])
			if finite := !math.IsNaN(w) && !math.IsInf(w, 0); finite != (!math.IsNaN(g) && !math.IsInf(g, 0)) ||
				finite && math.Abs(g-w) > 8e-3*(1+math.Abs(w)) {
				if wrong++; wrong < 5 {
					t.Errorf("%d rows, number %d is %g, want %g", rows, i, g, w)
				}
			}
		}
	}
}

var everyCase = flag.Bool("every-case", false, "run all cases in TestDirectShapes, in every shape")

// So are those whose weights go straight into matrices, up to as many rows as these
// take: for every type of weight, with few rows and with many.
func TestDirectShapes(t *testing.T) {
	d := openTest(t)
	if d.Supports(backend.Add{}); len(d.target.Lanes) == 0 {
		t.Skipf("%s has no matrices of which it is known how lanes hold them", d.info.Device)
	}
	ref, err := backend.Open("ref", backend.Options{})
	ref = own(t, ref, err)
	for i, s := range []gpu.HalfShape{
		{}, // as chosen
		{Split: 2, Depth: 1, Chunks: 2, Outs: 8},
		{Split: 4, Depth: 2, Chunks: 2, Outs: 16, Ready: true},
		{Split: 1, Depth: 3, Chunks: 3, Outs: 32},
		{Split: 4, Depth: 1, Chunks: 1, Outs: 8, Straight: true},
		{Split: 2, Depth: 2, Chunks: 2, Outs: 32, Straight: true, Near: true},
	} {
		if testing.Short() && i != 2 && i != 5 {
			continue
		}
		t.Run(fmt.Sprintf("split=%d/depth=%d/chunks=%d/outs=%d/ready=%t/straight=%t", s.Split, s.Depth, s.Chunks, s.Outs,
			s.Ready, s.Straight), func(t *testing.T) {
			direct := false
			d.target.Tuning.Half = func(x *gpu.HalfShape) {
				direct = direct || x.Direct
				if s.Split > 0 {
					x.Split, x.Depth, x.Chunks, x.Outs, x.Ready = s.Split, s.Depth, s.Chunks, max(s.Outs, x.M), s.Ready
					x.Straight, x.Near = s.Straight, s.Near
				}
			}
			defer func() { d.target.Tuning.Half = nil }()
			n, ran := 0, 0
			had := map[string]bool{}
			for _, x := range backendtest.Cases() {
				if !decoded[x.Kind] || x.Wide || x.Precision == backend.Float || strings.Contains(x.Name, "strided") {
					continue
				}
				n++
				parts := strings.Split(x.Name, "/")
				k := parts[0] + parts[min(3, len(parts)-1)] // its kind and type
				if !*everyCase && (had[k] || n%7 != 2*i%7) {
					continue
				}
				direct = false
				r := x.Run(d, ref)
				if r.Status != backendtest.Pass && r.Status != backendtest.Unsupported {
					t.Errorf("%s: %s: %v", x.Name, r.Status, r.Err)
				}
				if direct {
					had[k] = true
					ran++
				}
			}
			if ran == 0 {
				t.Error("no case ran in this shape")
			}
		})
	}
}

// Packed weights that go straight into matrices give what they give in float32 but for what rounding the rows to
// float16 costs, for every type: with the rows that out_proj hands over, and with those that a kernel makes ready.
func TestDirectBlocks(t *testing.T) {
	d := openTest(t)
	d.Supports(backend.Add{}) // asks for the lanes
	takes := false
	for _, l := range d.target.Lanes {
		takes = takes || l.TakesBlocks()
	}
	if !takes {
		t.Skipf("%s has no matrices that lanes hold as blocks want it", d.info.Device)
	}
	all := []int{8, 13, 24}
	if testing.Short() {
		all = all[:1]
	}
	for _, typ := range packed {
		for _, rows := range all {
			b := newBlock(t, d, widths{256, 768, 16, 64, 4}, rows)
			b.logits = dense(t, d, backend.F32, rows, 67, make([]float32, rows*67))
			out, _ := testWeight(t, d, typ, b.hidden, b.channels)
			in, _ := testWeight(t, d, typ, 2*b.channels, b.hidden)
			head, _ := testWeight(t, d, typ, 67, b.hidden)
			x := noise(rows*b.hidden, 3)
			run := func(p backend.Precision) (all []float32, direct int) {
				b.precision = p
				if err := b.x.Buf.Upload(b.x.Off, encode(x)); err != nil {
					t.Fatal(err)
				}
				if err := b.conv.Buf.Upload(b.conv.Off, make([]byte, 4*b.conv.Rows*b.conv.Cols)); err != nil {
					t.Fatal(err)
				}
				ops := []backend.Op{b.outProj(out), b.inProj(in), backend.Head{Logits: b.logits, Src: b.x, Rows: b.which,
					Norm: b.norm, NormEps: 1e-5, Weight: head, Batch: b.batch, Precision: p}}
				plan := only(t, d, "", ops)
				for _, x := range plan.List {
					if strings.Contains(x.Kernel.Name, "_direct_block_") {
						direct++
					}
				}
				if err := plan.Close(); err != nil {
					t.Fatal(err)
				}
				submit(t, d, ops...)
				for _, v := range []backend.Tensor{b.x, b.h, b.conv, b.logits} {
					all = append(all, values(t, v)...)
				}
				xz := values(t, b.xz) // of x there is nothing to say
				for r := range rows {
					all = append(all, xz[(2*r+1)*b.channels:][:b.channels]...)
				}
				return all, direct
			}
			got, direct := run(backend.Half)
			if direct != 3 {
				t.Fatalf("%v, %d rows: %d products go straight into matrices, want 3", typ, rows, direct)
			}
			want, _ := run(backend.Float)
			wrong := 0
			for i, w := range want {
				if e := math.Abs(float64(got[i] - w)); !(e <= 2e-2*(1+math.Abs(float64(w)))) {
					if wrong++; wrong < 4 {
						t.Errorf("%v, %d rows: number %d is %g, want %g", typ, rows, i, got[i], w)
					}
				}
			}
		}
	}
}

// Rows that go straight into matrices, of weights of 16 bits, give what the same rows give by way of shared memory, by one
// operation behind the other: with those that a convolution and a scan hand over, and with those that a norm's kernel
// makes ready. Between numbers of rows that are no whole matrices, as well. What float32 gives is further off than a
// fault of layout might be, for a rounding of one operation grows in the next.
func TestStraightRows(t *testing.T) {
	d := openTest(t)
	if d.Supports(backend.Add{}); len(d.target.Lanes) == 0 {
		t.Skipf("%s has no matrices of which it is known how lanes hold them", d.info.Device)
	}
	if d.info.Class == backend.Software {
		t.Skipf("%s is a processor, whose compiler takes minutes over kernels of so many rows", d.info.Device)
	}
	all := []int{17, 40, 48, 49, 64}
	if testing.Short() {
		all = all[:1]
	}
	for k, rows := range all {
		typ := []backend.DType{backend.BF16, backend.F16}[k%2]
		b := newBlock(t, d, widths{128, 256, 16, 64, 4}, rows)
		b.logits = dense(t, d, backend.F32, rows, 67, make([]float32, rows*67))
		weight := func(outs, cols int) backend.Weight {
			w, _ := testWeight(t, d, typ, outs, cols)
			return w
		}
		in, out, head := weight(2*b.channels, b.hidden), weight(b.hidden, b.channels), weight(67, b.hidden)
		x, dt := weight(b.rank+2*b.states, b.channels), weight(b.channels, b.rank)
		changed := []backend.Tensor{b.x, b.xz, b.h, b.y, b.conv, b.ssm, b.logits}
		before := make([][]float32, len(changed))
		for i, v := range changed {
			before[i] = values(t, v)
		}
		run := func(shape func(*gpu.HalfShape)) (after []float32, straight int) {
			b.precision, d.target.Tuning.Half = backend.Half, shape
			for i, v := range changed {
				if err := v.Buf.Upload(v.Off, encode(before[i])); err != nil {
					t.Fatal(err)
				}
			}
			ops := []backend.Op{b.inProj(in), b.scan(x, dt), b.outProj(out), backend.Head{Logits: b.logits, Src: b.x,
				Rows: b.which, Norm: b.norm, NormEps: 1e-5, Weight: head, Batch: b.batch, Precision: backend.Half}}
			plan := only(t, d, "", ops)
			for _, l := range plan.List {
				for _, c := range l.Kernel.Constants {
					if c.Name == "STRAIGHT" && slices.ContainsFunc(l.Constants, func(s shaders.Setting) bool {
						return int(s.ID) == c.ID && s.Value == 1
					}) {
						straight++
					}
				}
			}
			if err := plan.Close(); err != nil {
				t.Fatal(err)
			}
			submit(t, d, ops...)
			for _, v := range []backend.Tensor{b.x, b.h, b.y, b.conv, b.ssm, b.logits} {
				after = append(after, values(t, v)...)
			}
			return after, straight
		}
		got, straight := run(nil)
		if straight != 4 {
			t.Fatalf("%v, %d rows: those of %d products go straight into matrices, want 4", typ, rows, straight)
		}
		want, straight := run(func(s *gpu.HalfShape) { s.Straight = false })
		if straight != 0 {
			t.Fatalf("%v, %d rows: those of %d products go straight into matrices, want none", typ, rows, straight)
		}
		wrong := 0
		for i, w := range want {
			if e := math.Abs(float64(got[i] - w)); !(e <= 2e-3*(1+math.Abs(float64(w)))) {
				if wrong++; wrong < 4 {
					t.Errorf("%v, %d rows: number %d is %g, want %g", typ, rows, i, got[i], w)
				}
			}
		}
	}
}

// What an operation leaves to the next says what that one would have found.
func TestLeftovers(t *testing.T) {
	d := openTest(t)
	if len(d.target.Tiles()) == 0 {
		t.Skipf("%s has no cooperative matrices of float16: nothing is left", d.info.Device)
	}
	for _, rows := range []int{4, 8, 16} {
		var results [2][]float32
		for i := range results {
			b := newBlock(t, d, widths{72, 136, 16, 8, 4}, rows)
			b.precision = backend.Half
			weight := func(outs, cols int) backend.Weight {
				w, _ := testWeight(t, d, backend.BF16, outs, cols)
				return w
			}
			var ops []backend.Op
			for range 2 {
				ops = append(ops, b.inProj(weight(2*b.channels, b.hidden)),
					b.scan(weight(b.rank+2*b.states, b.channels), weight(b.channels, b.rank)),
					b.outProj(weight(b.hidden, b.channels)))
			}
			plans := [][]backend.Op{ops}
			if i == 1 { // nothing can be left
				plans = nil
				for _, op := range ops {
					plans = append(plans, []backend.Op{op})
				}
			}
			left, ready := 0, false
			for _, ops := range plans {
				p, err := d.Compile("blocks", ops)
				p = own(t, p, err)
				own := func(op int, v backend.Tensor) bool { // whether operation op made it itself
					return slices.ContainsFunc(p.(*plan).List, func(x gpu.Launch[*buffer]) bool {
						return x.Op == op && slices.ContainsFunc(x.Operands, func(o gpu.Operand) bool {
							return o.Tensor == v && x.Kernel.Bindings[slices.Index(x.Operands, o)].Write
						})
					})
				}
				for _, x := range p.(*plan).List {
					ready = ready || x.Kernel.Name == "rmsnorm_f16"
					for j, o := range x.Operands {
						if o.Scratch && !x.Kernel.Bindings[j].Write && !own(x.Op, o.Tensor) {
							left++
						}
					}
				}
				ticket, err := p.Submit()
				if err == nil {
					err = d.Wait(context.Background(), ticket)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			want := []int{3, 0}[i]
			if ready && i == 0 { // norms are taken before the product, of the rows themselves
				want = 2
			}
			if left != want {
				t.Errorf("%d rows: %d operands were left, want %d", rows, left, want)
			}
			results[i] = append(values(t, b.x), values(t, b.ssm)...)
		}
		// Sums of squares taken in another order move a norm by an ulp, and so
		// some of its rows to the next float16.
		for i, v := range results[0] {
			w := results[1][i]
			if e := math.Abs(float64(v - w)); !(e <= 1e-3*(1+math.Abs(float64(w)))) {
				t.Fatalf("%d rows: element %d is %g, one operation at a time %g", rows, i, v, w)
			}
		}
	}
}

// inParts is a device whose weights come in parts.
type inParts struct {
	*device
	most, part int64
}

func (d inParts) NewWeight(desc backend.WeightDesc, src []byte) (backend.Weight, error) {
	d.reach = d.part
	defer func() { d.reach = d.most }()
	return d.device.NewWeight(desc, src)
}

// Rows that are texts of their own have dt_proj on matrix units, few of them and many.
func TestTextsOnMatrixUnits(t *testing.T) {
	d := openTest(t)
	if len(d.target.Tiles()) == 0 {
		t.Skipf("%s has no cooperative matrices of float16", d.info.Device)
	}
	for _, rows := range []int{1, 4, 16, 33, 128} {
		b := newBlock(t, d, widths{64, 128, 16, 16, 4}, rows)
		b.precision = backend.Half
		x, _ := testWeight(t, d, backend.BF16, b.rank+2*b.states, b.channels)
		dt, _ := testWeight(t, d, backend.BF16, b.channels, b.rank)
		p := only(t, d, "", []backend.Op{b.scan(x, dt)})
		name := p.List[len(p.List)-1].Kernel.Name
		if want := map[bool]string{false: "ssm_bf16_f16", true: "ssm_bf16_f32"}[rows == 1]; name != want {
			t.Errorf("%d rows: %s is taken, want %s", rows, name, want)
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
}
