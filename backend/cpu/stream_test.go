package cpu

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"
	"unsafe"

	"falconmamba/backend"
)

// A reading is the stage that adds up the bytes of a weight, each worker its share: what a product reads, and no more
// work than it takes to have read it.
type reading struct {
	data   []byte
	size   int // of a part
	claims claims
	sums   []uint64 // of each worker
}

func (r *reading) begin() int {
	r.size = 1 << 18
	parts := ceil(len(r.data), r.size)
	r.claims.begin(parts)
	return parts
}

func (r *reading) part(w *worker, _ int) {
	i := r.claims.claim(w)
	b := r.data[i*r.size : min((i+1)*r.size, len(r.data))]
	words := unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/8)
	var s [8]uint64
	for ; len(words) >= 64; words = words[64:] {
		v := (*[64]uint64)(words)
		for j := range 8 { // one word of each cache line brings it
			s[j] += v[8*j]
		}
	}
	for _, v := range s {
		r.sums[w.number] += v
	}
}

// BenchmarkStream is the large products of some layers of the 7B for one token, one after the other as a step has them,
// and in turns with these a plain reading of the same weights by the same workers: what is between the two is the
// kernels'. A machine's memory is not the same from minute to minute, so neither says much without the other.
func BenchmarkStream(b *testing.B) {
	for _, typ := range []backend.DType{backend.Q4_K, backend.Q4_0, backend.Q8_0, backend.BF16} {
		b.Run(fmt.Sprint(typ), func(b *testing.B) {
			layers := 24 * backend.Q4_K.RowBytes(4096) / typ.RowBytes(4096) // 1.4 GB
			opened, err := backend.Open("cpu", backend.Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer opened.Close()
			d := opened.(*device)
			must := func(err error) {
				if err != nil {
					b.Fatal(err)
				}
			}
			vector := func(n int) backend.Tensor {
				buf, err := d.Alloc(int64(4*n), backend.Device)
				must(err)
				return backend.Matrix(buf, 0, backend.F32, 1, n)
			}
			x, y := vector(16384), vector(16384)
			var ops []backend.Op
			var all []*reading
			bytes := 0
			for i := range int(2 * layers) {
				rows, cols := 16384, 4096
				if i%2 > 0 {
					rows, cols = 4096, 8192
				}
				desc := backend.WeightDesc{Name: "w", Type: typ, Rows: rows, Cols: cols}
				size, err := weightBytes(desc)
				must(err)
				w, err := d.NewWeight(desc, make([]byte, size))
				must(err)
				ops = append(ops, backend.MatMul{Dst: y.Columns(0, rows), Src: x.Columns(0, cols), Weight: w,
					Precision: backend.Int8})
				data := w.(*weight).data
				all = append(all, &reading{data: data, claims: newClaims(len(d.pool.workers)),
					sums: make([]uint64, len(d.pool.workers))})
				bytes += len(data)
			}
			plan, err := d.Compile("stream", ops)
			must(err)
			var took [2][]float64
			for b.Loop() {
				start := time.Now()
				ticket, err := plan.Submit()
				must(err)
				must(d.Wait(context.Background(), ticket))
				between := time.Now()
				must(d.queue.do(func() error {
					for _, r := range all {
						d.pool.run(r, r.begin())
					}
					return nil
				}))
				took[0] = append(took[0], between.Sub(start).Seconds())
				took[1] = append(took[1], time.Since(between).Seconds())
			}
			rate := func(took []float64) float64 {
				slices.Sort(took)
				return float64(bytes) / took[len(took)/2] / 1e9
			}
			products, plain := rate(took[0]), rate(took[1])
			b.ReportMetric(products, "products-GB/s")
			b.ReportMetric(plain, "reading-GB/s")
			b.ReportMetric(products/plain, "share")
		})
	}
}
