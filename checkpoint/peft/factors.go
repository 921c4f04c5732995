package peft

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"falconmamba/checkpoint/safetensors"
	"falconmamba/internal/half"
)

// wordSizes are the types of numbers that are read, and their bytes.
var wordSizes = map[string]int{"F32": 4, "F16": half.Size, "BF16": half.Size}

// Factors returns the factors of rows first … first+n−1 of a product, as matrices of n × rank and of rank × columns:
// the rows of the product are Scale times their product. A number that is none is an error.
func (a *Adapter) Factors(p *Product, first, n int) (left, right []float32, err error) {
	if !p.embedding {
		if left, err = a.read(p.b, first*p.Rank, n*p.Rank); err == nil {
			right, err = a.read(p.a, 0, p.Rank*p.Cols)
		}
		return left, right, err
	}
	left = make([]float32, n*p.Rank)
	for k := range p.Rank { // A[rank,ids], of which the rows are columns
		column, err := a.read(p.a, k*p.Rows+first, n)
		if err != nil {
			return nil, nil, err
		}
		for i, v := range column {
			left[i*p.Rank+k] = v
		}
	}
	b, err := a.read(p.b, 0, p.Cols*p.Rank) // B[width,rank]
	if err != nil {
		return nil, nil, err
	}
	right = make([]float32, len(b))
	for j := range p.Cols {
		for k := range p.Rank {
			right[k*p.Cols+j] = b[j*p.Rank+k]
		}
	}
	return left, right, nil
}

// ReadWhole sets dst to the elements of a whole tensor from number first on.
func (a *Adapter) ReadWhole(dst []float32, w *Whole, first int) error {
	x, err := a.read(w.tensor, first, len(dst))
	copy(dst, x)
	return err
}

// read returns n elements of a tensor, from number first on.
func (a *Adapter) read(t safetensors.Tensor, first, n int) ([]float32, error) {
	size := wordSizes[t.DType]
	raw := make([]byte, n*size)
	if got, err := a.file.ReadAt(raw, t.Offset+int64(first*size)); got < len(raw) {
		if err == io.EOF {
			err = fmt.Errorf("the file was truncated since it was opened: %w", io.ErrUnexpectedEOF)
		}
		return nil, fmt.Errorf("%s: tensor %s: %w", a.path, t.Name, err)
	}
	x := make([]float32, n)
	switch t.DType {
	case "F16":
		half.FromF16(x, raw)
	case "BF16":
		half.FromBF16(x, raw)
	default:
		for i := range x {
			x[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
		}
	}
	for i, v := range x {
		if math.Abs(float64(v)) <= math.MaxFloat32 {
			continue
		}
		return nil, fmt.Errorf("%s: tensor %s has %g at element %d: its training failed, or the file is damaged",
			a.path, t.Name, v, first+i)
	}
	return x, nil
}

// Identify writes to w what tells the adapter from others: every module with its scale, and every number.
func (a *Adapter) Identify(w io.Writer) error {
	for _, p := range a.Products {
		scale, err := a.Scale(&p)
		if err != nil {
			return err
		}
		fmt.Fprintln(w, p.Module, p.Rank, scale, p.embedding)
		for _, t := range []safetensors.Tensor{p.a, p.b} {
			if err := a.copy(w, t); err != nil {
				return err
			}
		}
	}
	for _, t := range a.Whole {
		fmt.Fprintln(w, t.Name)
		if err := a.copy(w, t.tensor); err != nil {
			return err
		}
	}
	return nil
}

// copy writes a tensor as it is stored.
func (a *Adapter) copy(w io.Writer, t safetensors.Tensor) error {
	fmt.Fprintln(w, t.DType, t.Shape)
	n, err := io.Copy(w, io.NewSectionReader(a.file, t.Offset, t.Size))
	if err == nil && n < t.Size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return fmt.Errorf("%s: tensor %s: %w", a.path, t.Name, err)
	}
	return nil
}
