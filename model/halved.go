package model

import (
	"fmt"
	"sync/atomic"

	"falconmamba/backend"
	"falconmamba/checkpoint"
	"falconmamba/internal/half"
	"falconmamba/internal/parallel"
)

// Devices whose matrix units take float16 turn bfloat16 weights into it for every product of many rows. Kept
// as float16 they need no more memory. A bfloat16 has 8 bits of float16's 11, so only what is smaller than 2⁻¹⁷
// may lose some. Where activations are rounded to float16, a matrix that loses far less than these is kept so.

// mostLost is the greatest share of a row that is lost, as a root mean square: 2⁻²⁰, where rounding activations to
// float16 loses 2⁻¹² to 2⁻¹³ of them. Squares of it are compared.
const mostLost = 1.0 / (1 << 40)

// product is weight for a matrix that prompts spend their time on: one of bfloat16 may become float16.
func (l *loader) product(name string) backend.Weight {
	t := l.read(name)
	if t == nil {
		return nil
	}
	if l.halves && t.Type == backend.BF16 && !l.imported(t) {
		l.plain++
		h, err := halved(t)
		if err != nil {
			t.Release()
			l.err = fmt.Errorf("%s: %w", name, err)
			return nil
		}
		if h != nil {
			t.Release()
			l.halved++
			t = h
		}
	}
	return l.lay(backend.WeightDesc{Name: name}, t)
}

// halved returns a matrix of bfloat16 as float16, or nil where a row loses too much.
func halved(t *checkpoint.Tensor) (*checkpoint.Tensor, error) {
	rows, cols := t.Shape[0], t.Shape[1]
	info := t.TensorInfo
	info.Type = backend.F16
	if t.Data == nil { // of a checkpoint for plans alone: numbers that are not there lose nothing
		return &checkpoint.Tensor{TensorInfo: info, Mapping: -1}, nil
	}
	pitch := half.Size * cols
	if len(t.Data) != rows*pitch { // which is for the device to say
		return nil, nil
	}
	h, err := checkpoint.NewTensor(info)
	if err != nil {
		return nil, err
	}
	var failed atomic.Bool
	const least = 64 << 10 // bytes at a time
	parallel.Ranges(rows, max(1, least/pitch), func() func(from, to int) {
		return func(from, to int) {
			for r := from; r < to && !failed.Load(); r++ {
				lost, squares, ok := half.BF16ToF16(h.Data[r*pitch:][:pitch], t.Data[r*pitch:][:pitch])
				if !ok || lost > mostLost*squares {
					failed.Store(true)
				}
			}
		}
	})
	if failed.Load() {
		h.Release()
		return nil, nil
	}
	return h, nil
}

// halvings says what became of bfloat16 matrices.
func (l *loader) halvings(device string) []string {
	if l.halved == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%s keeps %d of %d bf16 matrices of products as f16, in the same memory: that loses "+
		"less than a millionth of each row; --precision f32 keeps them as they are", device, l.halved, l.plain)}
}
