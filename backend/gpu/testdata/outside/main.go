package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"os"

	"falconmamba/backend"
)

func main() {
	if err := try(); err != nil {
		fmt.Fprintln(os.Stderr, "outside:", err)
		os.Exit(1)
	}
	fmt.Println("it runs")
}

// try multiplies by a weight of several parts, and adds the bias of what comes
// out once more.
func try() error {
	b, err := backend.Open("outside", backend.Options{})
	if err != nil {
		return err
	}
	defer b.Close()
	const rows, outs, cols = 3, 9, 4
	var values [outs * cols]float32
	for i := range values {
		values[i] = float32(i % 7)
	}
	w, err := b.NewWeight(backend.WeightDesc{Name: "w", Type: backend.F32, Rows: outs, Cols: cols}, encode(values[:]))
	if err != nil {
		return err
	}
	var input [rows * cols]float32
	for i := range input {
		input[i] = float32(i)
	}
	matrix := func(n, m int, values []float32) backend.Tensor {
		buf, failed := b.Alloc(int64(4*n*m), backend.Device)
		if failed == nil {
			failed = buf.Upload(0, encode(values))
		}
		if failed != nil && err == nil {
			err = failed
		}
		return backend.Matrix(buf, 0, backend.F32, n, m)
	}
	src, sum, dst := matrix(rows, cols, input[:]), matrix(rows, outs, nil), matrix(rows, outs, nil)
	if err != nil {
		return err
	}
	p, err := b.Compile("try", []backend.Op{
		backend.MatMul{Dst: sum, Src: src, Weight: w},
		backend.Add{Dst: dst, A: sum, B: sum},
	})
	if err != nil {
		return err
	}
	if n := p.(*plan).Barriers(); n != 1 {
		return fmt.Errorf("%d barriers, want one before the sum is read", n)
	}
	if n := len(p.(*plan).List); n != 3+1 {
		return fmt.Errorf("%d launches, want three parts and a sum", n)
	}
	t, err := p.Submit()
	if err == nil {
		err = b.Wait(context.Background(), t)
	}
	if err != nil {
		return err
	}
	got := make([]byte, 4*rows*outs)
	if err := dst.Buf.Download(0, got); err != nil {
		return err
	}
	for r := range rows {
		for o := range outs {
			want := float32(0)
			for c := range cols {
				want += 2 * input[r*cols+c] * values[o*cols+c]
			}
			if x := math.Float32frombits(binary.LittleEndian.Uint32(got[4*(r*outs+o):])); x != want {
				return fmt.Errorf("element [%d %d] is %v, want %v", r, o, x, want)
			}
		}
	}
	for _, c := range []interface{ Close() error }{p, w, src.Buf, sum.Buf, dst.Buf} {
		if err := c.Close(); err != nil {
			return err
		}
	}
	if n := b.Stats().Live; n != 0 {
		return fmt.Errorf("%d bytes are still live", n)
	}
	return nil
}

func encode(values []float32) []byte {
	var b []byte
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}
