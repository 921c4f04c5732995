package gpu

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"falconmamba/backend"
	"falconmamba/backend/quant"
	"falconmamba/internal/half"
)

// words reads a part as kernels do.
type words struct {
	b     []byte
	pitch int // words of a row
}

func (w words) uint(word, k int) uint32 { return binary.LittleEndian.Uint32(w.b[16*word+4*k:]) }

func (w words) byte(word, i int) int { return int(w.b[16*word+i]) }

func (w words) half(word, i int) float32 {
	return half.F16(binary.LittleEndian.Uint16(w.b[16*word+2*i:]))
}

// element is that of row r and column c, by the layouts that Layout's comment
// describes.
func (w words) element(t backend.DType, rows, r, c int) float32 {
	row, block, in := r*w.pitch, c/256, c%256
	nibble := func(first int) int { // of a superblock's codes
		return w.byte(first+in/64*2, in%32) >> (in / 32 % 2 * 4) & 15
	}
	switch t {
	case backend.Q8_0:
		at := row + 17*block
		return w.half(at, in/32) * float32(int8(w.byte(at+1, in)))
	case backend.Q4_0:
		at := row + 9*block
		return w.half(at, in/32) * float32(nibble(at+1)-8)
	case backend.NF4, backend.FP4:
		at := row + 9*block
		return math.Float32frombits(w.uint(at, in/64)) * math.Float32frombits(w.uint(rows*w.pitch, nibble(at+1)))
	case backend.Q6_K:
		group := row + block/8*105
		at := group + 1 + block%8*13
		half := in / 16 % 2      // of 32 elements
		word := in/64*2 + half   // of the low bits
		run, e := in/32%2, in%16 // which nibbles, and where in them
		high := w.byte(at+9, 8*word+4*run+e%4) >> (e / 4 * 2) & 3
		return w.half(group, block%8) * float32(int8(w.byte(at, in/16))) * float32(nibble(at+1)|high<<4-32)
	}
	panic(t)
}

func randomWeight(t backend.DType, rows, cols int, rng *rand.Rand) quant.Packed {
	p := quant.New(t, rows*cols)
	values := make([]float32, rows*cols)
	for i := range values {
		values[i] = float32(rng.NormFloat64())
	}
	if err := p.Encode(values, 0); err != nil {
		panic(err)
	}
	return p
}

func TestLayouts(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, typ := range []backend.DType{backend.Q8_0, backend.Q4_0, backend.Q6_K, backend.NF4, backend.FP4} {
		for _, blocks := range []int{1, 3, 9} {
			const rows, first, n = 7, 2, 4 // a part in the middle
			cols := blocks * typ.Block()
			p := randomWeight(typ, rows, cols, rng)
			desc := backend.WeightDesc{Type: typ, Rows: rows, Cols: cols, Aux: p.Aux}
			l, err := NewLayout(desc, p.Data)
			if err != nil {
				t.Fatal(err)
			}
			part := bytes.Repeat([]byte{0xaa}, int(l.Size(n)))
			l.Fill(part, 0, l.Rows(desc, p.Data, first, n))
			values := make([]float32, rows*cols)
			if err := p.Decode(values, 0); err != nil {
				t.Fatal(err)
			}
			w := words{part, int(l.Pitch / Word)}
			for r := range n {
				for c := range cols {
					if got, want := w.element(typ, n, r, c), values[(first+r)*cols+c]; got != want {
						t.Fatalf("%v [%d %d]: element [%d %d] is %v, want %v", typ, rows, cols, r, c, got, want)
					}
				}
			}
		}
	}
}

// Whatever the pieces in which a part is filled, it has the same bytes.
func TestFill(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, c := range []struct {
		typ  backend.DType
		cols int
	}{{backend.BF16, 67}, {backend.F32, 64}, {backend.Q8_0, 96}, {backend.Q4_K, 512}, {backend.Q6_K,
		2560}, {backend.NF4, 320}} {
		t.Run(fmt.Sprint(c.typ), func(t *testing.T) {
			const rows = 300
			p := randomWeight(c.typ, rows, c.cols, rng)
			desc := backend.WeightDesc{Type: c.typ, Rows: rows, Cols: c.cols, Aux: p.Aux}
			l, err := NewLayout(desc, p.Data)
			if err != nil {
				t.Fatal(err)
			}
			all := l.Rows(desc, p.Data, 0, rows)
			want, got := make([]byte, l.Size(rows)), make([]byte, l.Size(rows))
			l.Fill(want, 0, all)
			if l.AsStored() && !bytes.Equal(want, p.Data) {
				t.Error("it is as stored, and is not")
			}
			for at := 0; at < len(got); {
				n := min(1+rng.IntN(len(got)/3), len(got)-at)
				l.Fill(got[at:at+n], int64(at), all)
				at += n
			}
			if !bytes.Equal(got, want) {
				t.Error("it differs in pieces")
			}
			if n := l.MostRows(l.Size(rows) - 1); n != rows-1 {
				t.Errorf("%d rows fit one byte less, want %d", n, rows-1)
			}
		})
	}
}

func TestLayoutErrors(t *testing.T) {
	codebook := make([]byte, 64)
	for _, c := range []struct {
		desc backend.WeightDesc
		n    int
	}{
		{backend.WeightDesc{Type: backend.Q5_K, Rows: 1, Cols: 256}, 176},
		{backend.WeightDesc{Type: backend.I32, Rows: 1, Cols: 1}, 4},
		{backend.WeightDesc{Rows: 1, Cols: 1}, 4},
		{backend.WeightDesc{Type: backend.Q8_0, Rows: 1, Cols: 48}, 51},
		{backend.WeightDesc{Type: backend.Q8_0, Rows: 2, Cols: 32}, 67},
		{backend.WeightDesc{Type: backend.Q4_K, Rows: 1 << 62, Cols: 256}, 144},
		{backend.WeightDesc{Type: backend.Q4_K, Rows: 1, Cols: 1 << 62}, 144},
		{backend.WeightDesc{Type: backend.F16, Rows: -1, Cols: -2}, 4},
		{backend.WeightDesc{Type: backend.NF4, Rows: 1, Cols: 64}, 32},
		{backend.WeightDesc{Type: backend.NF4, Rows: 1, Cols: 64, Aux: [][]byte{nil, codebook}}, 32},
		{backend.WeightDesc{Type: backend.FP4, Rows: 1, Cols: 64, Aux: [][]byte{codebook, codebook[:60]}}, 32},
	} {
		if _, err := NewLayout(c.desc, make([]byte, c.n)); err == nil {
			t.Errorf("%v [%d %d] in %d bytes is no error", c.desc.Type, c.desc.Rows, c.desc.Cols, c.n)
		}
	}
}
