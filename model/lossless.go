package model

import (
	"errors"
	"fmt"

	"falconmamba/backend"
	"falconmamba/backend/quant"
	"falconmamba/checkpoint"
)

// widened lays out a matrix of a type that the device cannot keep: as the
// smallest type that holds the same numbers and that it can. refused is what the
// device said to the type itself.
func (l *loader) widened(desc backend.WeightDesc, t *checkpoint.Tensor, refused error) (backend.Weight, error) {
	desc.Aux, desc.From, desc.Off = nil, nil, 0
	n := int(t.Elements())
	for _, to := range []backend.DType{quant.Within(t.Type), backend.F16, backend.BF16, backend.F32} {
		if to == 0 || to == t.Type || quant.Bits(to) < quant.Bits(t.Type) {
			continue
		}
		if to.Block() == 1 && !quant.Holds(to, t.Packed(), n) {
			continue
		}
		wide, err := checkpoint.NewTensor(checkpoint.TensorInfo{Name: t.Name, Type: to, Shape: t.Shape,
			Bytes: to.RowBytes(n)})
		if err != nil {
			return nil, err
		}
		if to.Block() > 1 {
			err = quant.Rewrite(wide.Packed(), t.Packed(), n)
		} else {
			err = quant.Convert(wide.Packed(), t.Packed(), n)
		}
		var w backend.Weight
		if err == nil {
			desc.Type = to
			w, err = l.m.b.NewWeight(desc, wide.Data)
		}
		wide.Release()
		if errors.Is(err, backend.ErrUnsupported) {
			continue
		}
		if err == nil {
			l.widenings.add(t.Type, to)
		}
		return w, err
	}
	return nil, refused
}

// widenings counts the matrices that were widened, by their types.
type widenings struct {
	order [][2]backend.DType
	count map[[2]backend.DType]int
}

func (w *widenings) add(from, to backend.DType) {
	k := [2]backend.DType{from, to}
	if w.count == nil {
		w.count = map[[2]backend.DType]int{}
	}
	if w.count[k]++; w.count[k] == 1 {
		w.order = append(w.order, k)
	}
}

func (w *widenings) notes(device string) []string {
	var lines []string
	for _, k := range w.order {
		lines = append(lines, fmt.Sprintf("%s does not keep %v: %d matrices are %v there, which loses nothing",
			device, k[0], w.count[k], k[1]))
	}
	return lines
}
