package cpu_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"
	"time"
	"unsafe"

	"falconmamba/backend"
	_ "falconmamba/backend/cpu"
	"falconmamba/backend/mamba"
	"falconmamba/backend/quant"
)

// A bench holds a device and what was made on it.
type bench struct {
	testing.TB
	backend.Backend
	rng *rand.Rand
}

func newBench(tb testing.TB, o backend.Options) *bench {
	tb.Helper()
	o.Kernels = os.Getenv("FM_KERNELS")
	b, err := backend.Open("cpu", o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { b.Close() })
	return &bench{tb, b, rand.New(rand.NewPCG(1, 2))}
}

func (b *bench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// matrix returns normally distributed numbers around mean.
func (b *bench) matrix(rows, cols int, mean, deviation float64) backend.Tensor {
	values := make([]float32, rows*cols)
	for i := range values {
		values[i] = float32(mean + deviation*b.rng.NormFloat64())
	}
	return b.tensor(backend.F32, rows, cols, unsafe.Slice((*byte)(unsafe.Pointer(&values[0])), 4*len(values)))
}

func (b *bench) ints(cols int, values ...int32) backend.Tensor {
	return b.tensor(backend.I32, len(values)/cols, cols,
		unsafe.Slice((*byte)(unsafe.Pointer(&values[0])), 4*len(values)))
}

func (b *bench) tensor(t backend.DType, rows, cols int, data []byte) backend.Tensor {
	buf, err := b.Alloc(int64(4*rows*cols), backend.Device)
	b.must(err)
	b.Cleanup(func() { buf.Close() })
	b.must(buf.Upload(0, data))
	return backend.Matrix(buf, 0, t, rows, cols)
}

func (b *bench) weight(t backend.DType, rows, cols int) backend.Weight {
	values := make([]float32, rows*cols)
	for i := range values {
		values[i] = float32(b.rng.NormFloat64() / math.Sqrt(float64(cols)))
	}
	p := quant.New(t, len(values))
	b.must(p.Encode(values, 0))
	w, err := b.NewWeight(backend.WeightDesc{Name: "bench", Type: t, Rows: rows, Cols: cols, Aux: p.Aux}, p.Data)
	b.must(err)
	b.Cleanup(func() { w.Close() })
	return w
}

// batch returns a batch of seqs sequences of rows rows each, their state in
// place.
func (b *bench) batch(seqs, rows int) backend.Tensor {
	list := make([]backend.Sequence, seqs)
	for i := range list {
		list[i] = backend.Sequence{From: i, To: i, First: i * rows, Rows: rows, Slot: i}
	}
	words := make([]int32, (1+seqs)*backend.BatchWords)
	backend.EncodeBatch(words, list, seqs)
	return b.ints(backend.BatchWords, words...)
}

// plan compiles ops as a model does, and returns a function that runs them.
func (b *bench) plan(ops ...backend.Op) func() {
	plan := b.compile(ops...)
	return func() { b.wait(b.submit(plan)) }
}

func (b *bench) submit(p backend.Plan) backend.Ticket {
	t, err := p.Submit()
	b.must(err)
	return t
}

func (b *bench) wait(t backend.Ticket) { b.must(b.Wait(context.Background(), t)) }

func (b *bench) compile(ops ...backend.Op) backend.Plan {
	scratch := backend.NewScratch(b.Backend)
	b.Cleanup(func() { scratch.Close() })
	p := backend.NewProgram("bench", scratch)
	p.Do(ops...)
	plan, err := p.Compile()
	b.must(err)
	b.Cleanup(func() { plan.Close() })
	return plan
}

// block returns the operations of one layer over seqs sequences of rows rows.
func (b *bench) block(hidden, seqs, rows int) []backend.Op {
	h, d, n, r, t := hidden, 2*hidden, 16, max(hidden/16, 1), seqs*rows
	x, xz, u, y := b.matrix(t, h, 0, 1), b.matrix(t, 2*d, 0, 1), b.matrix(t, d, 0, 1), b.matrix(t, d, 0, 1)
	batch := b.batch(seqs, rows)
	return []backend.Op{
		mamba.InProjConv{Dst: u, XZ: xz, Src: x, Norm: b.matrix(1, h, 1, 0.1), NormEps: 1e-5,
			InProj: b.weight(backend.BF16, 2*d, h),
			Conv:   b.matrix(d, 4, 0, 0.3), ConvBias: b.matrix(1, d, 0, 0.1), ConvState: b.matrix(seqs, 3*d, 0, 1),
			Batch: batch, Act: backend.SiLU},
		mamba.SSM{Dst: y, X: u, Z: xz.Columns(d, 2*d), XProj: b.weight(backend.BF16, r+2*n, d), BCDTNorm: true,
			NormEps: 1e-6,
			DTProj:  b.weight(backend.BF16, d, r), DTBias: b.matrix(1, d, -4, 1), A: b.matrix(d, n, -8, 2),
			D:     b.matrix(1, d, 1, 0.1),
			State: b.matrix(seqs, d*n, 0, 1), Batch: batch},
		mamba.OutProjAdd{Dst: x, Residual: x, Src: y, OutProj: b.weight(backend.BF16, h, d), Batch: batch},
	}
}

// weightTypes are those with kernels of their own.
var weightTypes = []backend.DType{backend.F32, backend.F16, backend.BF16,
	backend.Q8_0, backend.Q6_K, backend.Q4_K, backend.Q4_0, backend.NF4, backend.FP4}

// roundings are the precisions that make a difference to a type.
func roundings(t backend.DType) []backend.Precision {
	if t == backend.F32 || t == backend.F16 {
		return []backend.Precision{backend.Float}
	}
	return []backend.Precision{backend.Float, backend.Int8}
}

// best runs the benchmark's loop and returns the seconds of the fastest run: on
// a machine that others use too, the one that says most.
func best(b *testing.B, run func()) float64 {
	least := math.Inf(1)
	for b.Loop() {
		start := time.Now()
		run()
		least = min(least, time.Since(start).Seconds())
	}
	return least
}

// BenchmarkMatVec is a product of one row, on one core and on all.
func BenchmarkMatVec(b *testing.B) {
	for _, t := range weightTypes {
		for _, p := range roundings(t) {
			for _, threads := range []int{1, 0} {
				b.Run(fmt.Sprintf("%s/%s/threads=%d", t, p, threads), func(b *testing.B) {
					const rows, cols = 16384, 4096
					m := newBench(b, backend.Options{Threads: threads})
					w := m.weight(t, rows, cols)
					run := m.plan(backend.MatMul{Dst: m.matrix(1, rows, 0, 1), Src: m.matrix(1, cols, 0, 1), Weight: w,
						Precision: p})
					s := best(b, run)
					b.ReportMetric(float64(w.Size())/s/1e9, "best-GB/s")
					b.ReportMetric(s/rows/cols*1e12, "best-ps/weight")
				})
			}
		}
	}
}

// BenchmarkMatMul is products of more rows on one core.
func BenchmarkMatMul(b *testing.B) {
	for _, t := range weightTypes {
		for _, p := range roundings(t) {
			for _, rows := range []int{2, 4, 8, 96, 512} {
				b.Run(fmt.Sprintf("%s/%s/rows=%d", t, p, rows), func(b *testing.B) {
					const n = 2048
					m := newBench(b, backend.Options{Threads: 1})
					run := m.plan(backend.MatMul{Dst: m.matrix(rows, n, 0, 1), Src: m.matrix(rows, n, 0, 1),
						Weight: m.weight(t, n, n), Precision: p})
					b.ReportMetric(2*n*n*float64(rows)/best(b, run)/1e9, "best-GFLOP/s")
				})
			}
		}
	}
}

// BenchmarkScan is the selective scan on one core.
func BenchmarkScan(b *testing.B) {
	for _, rows := range []int{1, 2, 4, 64, 512} {
		b.Run(fmt.Sprintf("rows=%d", rows), func(b *testing.B) {
			const d, n = 1536, 16
			m := newBench(b, backend.Options{Threads: 1})
			run := m.plan(backend.SelectiveScan{Dst: m.matrix(rows, d, 0, 1), X: m.matrix(rows, d, 0, 1),
				DT: m.matrix(rows, d, -4, 1), A: m.matrix(d, n, -8, 2),
				B: m.matrix(rows, n, 0, 1), C: m.matrix(rows, n, 0, 1), D: m.matrix(1, d, 0, 1),
				State: m.matrix(1, d*n, 0, 1), Batch: m.batch(1, rows)})
			b.ReportMetric(best(b, run)*1e9/(float64(rows)*d*n), "best-ns/element")
		})
	}
}

func BenchmarkConv(b *testing.B) {
	const d, rows = 1536, 64
	m := newBench(b, backend.Options{})
	run := m.plan(backend.Conv1D{Dst: m.matrix(rows, d, 0, 1), Src: m.matrix(rows, d, 0, 1),
		Weight: m.matrix(d, 4, 0, 1), Bias: m.matrix(1, d, 0, 1),
		State: m.matrix(1, 3*d, 0, 1), Batch: m.batch(1, rows), Act: backend.SiLU})
	for b.Loop() {
		run()
	}
	b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(b.N)/(rows*d), "ns/element")
}

func BenchmarkBlock(b *testing.B) {
	for _, c := range []struct{ hidden, seqs, rows int }{{256, 1, 1}, {256, 4, 1}, {256, 1, 64}, {768, 1, 1},
		{768, 4, 1}, {768, 1, 64}} {
		b.Run(fmt.Sprintf("hidden=%d/%dx%d", c.hidden, c.seqs, c.rows), func(b *testing.B) {
			m := newBench(b, backend.Options{})
			run := m.plan(m.block(c.hidden, c.seqs, c.rows)...)
			for b.Loop() {
				run()
			}
			b.ReportMetric(b.Elapsed().Seconds()*1e6/float64(b.N)/float64(c.seqs*c.rows), "µs/token")
		})
	}
}

// BenchmarkSteps decodes with a model of 5 layers of width 256, with one to
// three steps submitted before the host waits for the first.
func BenchmarkSteps(b *testing.B) {
	for ahead := range 3 {
		b.Run(fmt.Sprintf("inflight=%d", 1+ahead), func(b *testing.B) {
			m := newBench(b, backend.Options{})
			var ops []backend.Op
			for range 5 {
				ops = append(ops, m.block(256, 1, 1)...)
			}
			plan := m.compile(ops...)
			var last backend.Ticket
			for range ahead {
				last = m.submit(plan)
			}
			for b.Loop() {
				next := m.submit(plan)
				m.wait(next - backend.Ticket(ahead))
				last = next
			}
			m.wait(last)
		})
	}
}

// BenchmarkChunk runs a layer of width 768 on prompts in chunks of several
// sizes: what Info.ChunkRows is chosen by.
func BenchmarkChunk(b *testing.B) {
	for _, rows := range []int{16, 48, 96, 192, 384, 768} {
		b.Run(fmt.Sprintf("rows=%d", rows), func(b *testing.B) {
			m := newBench(b, backend.Options{})
			run := m.plan(m.block(768, 1, rows)...)
			for b.Loop() {
				run()
			}
			b.ReportMetric(b.Elapsed().Seconds()*1e6/float64(b.N*rows), "µs/token")
		})
	}
}

// A step of decode must leave nothing for the garbage collector.
func TestDecodeDoesNotAllocate(t *testing.T) {
	const hidden, vocab, seqs = 64, 1024, 2
	for _, threads := range []int{1, 2} {
		m := newBench(t, backend.Options{Threads: threads})
		x, ids, batch := m.matrix(seqs, hidden, 0, 1), m.ints(1, -1, -2), m.batch(seqs, 1)
		logits, tokens := m.matrix(seqs, vocab, 0, 1), m.ints(1, 0, 0)
		records := m.ints(backend.RecordWords, make([]int32, seqs*backend.RecordWords)...)
		last, table := m.ints(1, 0, 0), m.weight(backend.BF16, vocab, hidden)
		ops := []backend.Op{backend.Embed{Dst: x, Table: table, IDs: ids, Last: last,
			Live: backend.BatchWord(batch, backend.BatchRows)}}
		for range 3 {
			block := m.block(hidden, seqs, 1)
			ops = append(ops, block...)
		}
		ops = append(ops,
			backend.Head{Logits: logits, Src: x, Rows: m.ints(1, 0, 1), Norm: m.matrix(1, hidden, 1, 0), NormEps: 1e-5,
				Weight: table, Batch: batch},
			backend.Sample{Dst: tokens, Logits: logits, Records: records, Batch: batch},
			backend.Advance{Tokens: tokens, Batch: batch, Records: records, Last: last,
				Out: m.ints(8, make([]int32, seqs*8)...)})
		run := m.plan(ops...)
		run()
		if n := testing.AllocsPerRun(100, run); n != 0 {
			t.Errorf("%d threads: %v allocations per step, want none", threads, n)
		}
	}
}
