package cpu_test

import (
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"math"
	"slices"
	"testing"
	"unsafe"

	"falconmamba/backend"
	"falconmamba/backend/backendtest"
	"falconmamba/backend/cpu"
	"falconmamba/backend/cpu/internal/simd"
	"falconmamba/backend/mamba"
	"falconmamba/backend/quant"
	"falconmamba/internal/half"
)

func TestConformance(t *testing.T) {
	for _, threads := range []int{0, 1, 2, 3} {
		t.Run(fmt.Sprintf("threads=%d", threads), func(t *testing.T) { conforms(t, backend.Options{Threads: threads}) })
	}
}

var everyRow = flag.Bool("every-row", false, "hold batch invariance for each number of rows up to 600")

func TestBatchInvariance(t *testing.T) {
	if !*everyRow {
		t.Skip("conformance has it for some numbers of rows, -every-row for all")
	}
	for _, name := range cpu.Kernels() {
		t.Run(name, func(t *testing.T) {
			backendtest.RunInvariance(t, func() (backend.Backend, error) {
				return backend.Open("cpu", backend.Options{Kernels: name})
			}, true)
		})
	}
}

func conforms(t *testing.T, o backend.Options) {
	backendtest.Run(t, func() (backend.Backend, error) {
		return backend.Open("cpu", o)
	})
}

// TestConformance ran the best kernels; here are the others.
func TestConformanceOfKernels(t *testing.T) {
	for _, name := range cpu.Kernels()[1:] {
		t.Run(name, func(t *testing.T) {
			conforms(t, backend.Options{Threads: 2, Kernels: name})
		})
	}
}

func TestUnfused(t *testing.T) {
	for _, unfused := range []bool{false, true} {
		m := newBench(t, backend.Options{Unfused: unfused})
		x, y := m.matrix(2, 64, 0, 1), m.matrix(2, 32, 0, 1)
		batch := backend.Matrix(x.Buf, 0, backend.I32, 2, backend.BatchWords)
		op := mamba.OutProjAdd{Dst: m.matrix(2, 64, 0, 1), Residual: x, Src: y, OutProj: m.weight(backend.F32, 64, 32),
			Batch: batch}
		if err := op.Check(); err != nil {
			t.Fatal(err)
		}
		if m.Supports(op) == unfused || !m.Supports(backend.Copy{Dst: op.Dst, Src: x}) {
			t.Errorf("unfused %v: Supports of a fused operation is %v", unfused, m.Supports(op))
		}
	}
}

// A row must have the same bits alone and in any company, on any number of
// threads: a prompt's last row is the same as a decoded token's.
func TestRowsDoNotDependOnCompany(t *testing.T) {
	const most = 101
	for _, typ := range weightTypes {
		for _, size := range []struct{ rows, cols int }{{37, 700}, {5, 64}, {18, 256}, {64, 257}} {
			t.Run(fmt.Sprintf("%s/%dx%d", typ, size.rows, size.cols), func(t *testing.T) {
				size.cols = max(size.cols/typ.Block(), 1) * typ.Block()
				var want []byte // of row i alone
				for _, threads := range []int{1, 3} {
					for _, n := range []int{1, 2, 3, 4, 7, 11, 12, 14, 96, most} {
						m := newBench(t, backend.Options{Threads: threads})
						w, src := m.weight(typ, size.rows, size.cols), m.matrix(most, size.cols, 0, 1)
						dst, bias := m.matrix(most, size.rows, 0, 1), m.matrix(1, size.rows, 0, 1)
						rowBytes := 4 * size.rows
						if want == nil {
							for i := range most {
								m.plan(backend.MatMul{Dst: dst.RowRange(i, i+1), Src: src.RowRange(i, i+1), Weight: w,
									Bias: bias})()
							}
							want = make([]byte, most*rowBytes)
							m.must(dst.Buf.Download(0, want))
						}
						live := m.ints(1, int32(n))
						m.plan(backend.MatMul{Dst: dst, Src: src, Weight: w, Bias: bias, Live: live})()
						got := make([]byte, n*rowBytes)
						m.must(dst.Buf.Download(0, got))
						for i := range n {
							if !slices.Equal(got[i*rowBytes:][:rowBytes], want[i*rowBytes:][:rowBytes]) {
								t.Fatalf("%d threads: row %d of %d differs from the row alone", threads, i, n)
							}
						}
					}
				}
			})
		}
	}
}

// Blocks in a mapping are read where they lie, whatever their alignment; what a
// type keeps apart is copied. So few rows are never interleaved.
func TestBlocksInPlace(t *testing.T) {
	const rows, cols, off = simd.Lanes - 1, 512, 33
	for _, typ := range weightTypes {
		if typ.Block() == 1 {
			continue
		}
		t.Run(typ.String(), func(t *testing.T) {
			m := newBench(t, backend.Options{Threads: 1})
			p := quant.New(typ, rows*cols)
			values := make([]float32, rows*cols)
			for i := range values {
				values[i] = float32(m.rng.NormFloat64())
			}
			m.must(p.Encode(values, 0))
			mem := append(make([]byte, off, off+len(p.Data)), p.Data...)
			from, err := m.Backend.(backend.Importer).Import(mem)
			m.must(err)
			defer from.Close()
			desc := backend.WeightDesc{Type: typ, Rows: rows, Cols: cols, Aux: p.Aux}
			copied, err := m.NewWeight(desc, p.Data)
			m.must(err)
			defer copied.Close()
			before := m.Stats().Live
			desc.From, desc.Off = from, off
			w, err := m.NewWeight(desc, mem[off:])
			m.must(err)
			defer w.Close()
			apart := 0
			for _, aux := range p.Aux {
				apart += len(aux)
			}
			if live := m.Stats().Live - before; !w.InPlace() || live != int64(apart) ||
				w.Size() != int64(len(p.Data)+apart) {
				t.Errorf("in place: %v, %d bytes live, size %d; want %d live of %d",
					w.InPlace(), live, w.Size(), apart, len(p.Data)+apart)
			}
			for _, aux := range p.Aux {
				clear(aux)
			}
			x := m.matrix(3, cols, 0, 1)
			var got [2][]byte
			for i, w := range []backend.Weight{w, copied} {
				dst := m.matrix(3, rows, 0, 1)
				m.plan(backend.MatMul{Dst: dst, Src: x, Weight: w})()
				got[i] = make([]byte, 4*3*rows)
				m.must(dst.Buf.Download(0, got[i]))
			}
			if !bytes.Equal(got[0], got[1]) {
				t.Error("other products than of a copy")
			}
		})
	}
}

// Weights in a mapping are read where they lie if their elements are aligned
// there, and copied if not.
func TestWeightsInPlace(t *testing.T) {
	values := []float32{1, 2, 3, 4, 5, 6, 7, 8}
	for _, c := range []struct {
		typ     backend.DType
		off     int
		inPlace bool
	}{
		{backend.F32, 4, true}, {backend.F32, 6, false}, {backend.F32, 1, false},
		{backend.F16, 2, true}, {backend.F16, 3, false},
		{backend.BF16, 6, true}, {backend.BF16, 1, false},
	} {
		t.Run(fmt.Sprintf("%s at %d", c.typ, c.off), func(t *testing.T) {
			m := newBench(t, backend.Options{Threads: 1})
			words := make([]uint64, 8)
			mem := unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), 64)
			src := mem[c.off:][:len(values)*c.typ.Size()]
			switch c.typ {
			case backend.F16:
				half.ToF16(src, values)
			case backend.BF16:
				half.ToBF16(src, values)
			default:
				for i, v := range values {
					binary.LittleEndian.PutUint32(src[4*i:], math.Float32bits(v))
				}
			}
			from, err := m.Backend.(backend.Importer).Import(mem)
			m.must(err)
			defer from.Close()
			before := m.Stats().Live
			w, err := m.NewWeight(backend.WeightDesc{Type: c.typ, Rows: 2, Cols: 4, From: from, Off: int64(c.off)}, src)
			m.must(err)
			if inPlace := m.Stats().Live == before; inPlace != c.inPlace {
				t.Errorf("in place: %v, want %v", inPlace, c.inPlace)
			}
			dst := m.matrix(1, 2, 0, 1)
			ones := m.matrix(1, 4, 1, 0)
			m.plan(backend.MatMul{Dst: dst, Src: ones, Weight: w})()
			got := make([]byte, 8)
			m.must(dst.Buf.Download(0, got))
			for i, want := range []float32{10, 26} {
				if v := math.Float32frombits(binary.LittleEndian.Uint32(got[4*i:])); v != want {
					t.Errorf("row %d is %v, want %v", i, v, want)
				}
			}
			m.must(w.Close())
		})
	}
}

func TestOptions(t *testing.T) {
	for _, threads := range []int{-1, 1 << 20} {
		if b, err := backend.Open("cpu", backend.Options{Threads: threads}); err == nil {
			b.Close()
			t.Errorf("%d threads: no error", threads)
		}
	}
	if b, err := backend.Open("cpu:1", backend.Options{}); err == nil {
		b.Close()
		t.Error("cpu:1: no error")
	}
	b := newBench(t, backend.Options{Threads: 5})
	if got := b.Info().Threads; got != 5 {
		t.Errorf("Info says %d threads, want 5", got)
	}
}

// All types of states are kept, by all kernels and the reference.
func TestStates(t *testing.T) {
	open := func(name string, o backend.Options) {
		b, err := backend.Open(name, o)
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		backendtest.RunStates(t, b)
	}
	open("ref", backend.Options{})
	for _, name := range cpu.Kernels() {
		open("cpu", backend.Options{Kernels: name})
	}
}
