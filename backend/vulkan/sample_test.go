//go:build cgo && !darwin

package vulkan

import (
	"context"
	"testing"

	"falconmamba/backend"
	"falconmamba/backend/sampling"
)

// BenchmarkSample draws from a row of Falcon's vocabulary; µs/draw is the
// device's own time.
func BenchmarkSample(b *testing.B) {
	bd, err := driver{}.Open(0, backend.Options{})
	if err != nil {
		b.Skip(err)
	}
	defer bd.Close()
	const v = 65024
	alloc := func(data []byte) backend.Buffer {
		buf, err := bd.Alloc(int64(len(data)), backend.Device)
		if err == nil {
			err = buf.Upload(0, data)
		}
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { buf.Close() })
		return buf
	}
	for _, c := range []struct {
		name   string
		params sampling.Params
	}{
		{"greedy", sampling.Params{}},
		{"temperature", sampling.Params{Temperature: 1}},
		{"top_k", sampling.Params{Temperature: 1, TopK: 50}},
		{"all", sampling.Params{Temperature: 1, TopK: 50, TopP: 0.9, MinP: 0.01, RepetitionPenalty: 1.1}},
	} {
		b.Run(c.name, func(b *testing.B) {
			record, err := sampling.Encode(c.params, 0, 0, nil)
			if err != nil {
				b.Fatal(err)
			}
			words := make([]int32, backend.BatchWords*2)
			backend.EncodeBatch(words, []backend.Sequence{{Rows: 1}}, 1)
			p, err := bd.Compile("sample", []backend.Op{backend.Sample{
				Dst:     backend.Matrix(alloc(make([]byte, 4)), 0, backend.I32, 1, 1),
				Logits:  backend.Matrix(alloc(encode(sampling.Logits(1, v, 3))), 0, backend.F32, 1, v),
				Records: backend.Matrix(alloc(encode(record[:])), 0, backend.I32, 1, backend.RecordWords),
				Counts:  backend.Matrix(alloc(encode(sampling.Counts(1, v, 500))), 0, backend.I32, 1, v),
				Batch:   backend.Matrix(alloc(encode(words)), 0, backend.I32, 2, backend.BatchWords),
			}})
			if err != nil {
				b.Fatal(err)
			}
			defer p.Close()
			seconds := 0.0
			for range b.N {
				times, err := bd.(*device).Profile(context.Background(), p)
				if err != nil {
					b.Fatal(err)
				}
				seconds += times[0].Seconds
			}
			b.ReportMetric(seconds/float64(b.N)*1e6, "µs/draw")
		})
	}
}
