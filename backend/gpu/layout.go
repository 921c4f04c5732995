package gpu

import (
	"encoding/binary"
	"fmt"

	"falconmamba/backend"
	"falconmamba/backend/quant"
	"falconmamba/internal/parallel"
)

// A Layout is how kernels read a matrix: rows of 16-byte words, the last word
// of a row padded with zeros (shaders/weight.glsl).
//
// Plain types are as they are stored. Rows of block types are superblocks of
// 256 elements, the last padded with zeros: a word of scales, then codes.
//
//	q8_0      8 scales; 16 words of codes
//	q4_0      8 scales; 8 words of codes
//	q4_K      as it is stored: scale and minimum of the scales and 8 pairs of
//	          them, packed; 8 words of codes
//	nf4, fp4  4 scales in float32; 8 words of codes
//	q6_K      16 scales of 8 bits; 8 words of the codes' low 4 bits, 4 of their
//	          high 2. Before every 8 superblocks a word of their scales' scales.
//
// Codes of 4 bits are in the order of q4_K, whatever their type: 64 elements in
// 32 bytes, the first 32 in the low nibbles. The high bits of q6_K are, for the
// 16 elements of a word's low nibbles and then for those of its high ones, 4
// bytes: byte i has the bits of elements i, 4+i, 8+i and 12+i from the lowest up.
// Behind the last row of nf4 and fp4 lies the codebook.
//
// Nothing is larger than it is stored but for the padding.
type Layout struct {
	Type  backend.DType
	Cols  int
	Pitch int64 // bytes of a row
	Tail  int64 // bytes behind the last row of every part
	dense int64 // bytes of a row as stored
}

// superblock is the elements of one.
const superblock = 256

// A format is the layout of a block type.
type format struct {
	id      uint32 // the constant FORMAT, blocks.glsl
	words   int    // of a superblock
	perWord int    // elements whose codes a word has
	held    int    // registers of a chunk that is being loaded: codes and scales
	integer bool   // codes are integers, not of a codebook
	// orderRows is the rows of a prompt from which the type is turned into float16 once (gemm_order.comp).
	orderRows int
	// pack lays out a row, in dst all zero; scales are those of nf4 and fp4.
	pack func(dst, src, scales []byte)
}

var formats = map[backend.DType]format{
	backend.Q8_0: {0, 17, 16, 5, true, 2048, packQ8_0},
	backend.Q4_0: {1, 9, 32, 5, true, 2048, packQ4_0},
	backend.Q4_K: {2, 9, 32, 8, true, 512, func(dst, src, _ []byte) { copy(dst, src) }},
	backend.Q6_K: {3, 13, 32, 8, true, 512, packQ6_K},
	backend.NF4:  {4, 9, 32, 5, false, 512, packCodebook},
	backend.FP4:  {4, 9, 32, 5, false, 512, packCodebook},
}

// NewLayout returns the layout of a matrix and checks that src holds it.
func NewLayout(desc backend.WeightDesc, src []byte) (Layout, error) {
	t := desc.Type
	_, packed := formats[t]
	var l Layout
	switch {
	case !packed && t != backend.F32 && t != backend.F16 && t != backend.BF16:
		return l, fmt.Errorf("of type %s: %w", t, backend.ErrUnsupported)
	case desc.Rows < 1 || desc.Cols < 1 || desc.Cols/t.Block() > len(src)/t.Size(): // so that no product overflows
		return l, fmt.Errorf("%d bytes for %s [%d %d]", len(src), t, desc.Rows, desc.Cols)
	case desc.Cols%t.Block() != 0:
		return l, fmt.Errorf("rows of %d are no whole blocks of %s", desc.Cols, t)
	}
	l = layoutOf(t, desc.Cols)
	if int64(len(src))/l.dense != int64(desc.Rows) || int64(len(src))%l.dense != 0 {
		return l, fmt.Errorf("%d bytes for %s [%d %d]", len(src), t, desc.Rows, desc.Cols)
	}
	if len(desc.Aux) > 1 {
		l.Tail = int64(len(desc.Aux[1]))
	}
	return l, (quant.Packed{Type: t, Data: src, Aux: desc.Aux}).Check(desc.Rows * desc.Cols)
}

// layoutOf returns the layout of rows of cols elements, whole blocks.
func layoutOf(t backend.DType, cols int) Layout {
	l := Layout{Type: t, Cols: cols, dense: t.RowBytes(cols)}
	l.Pitch = AlignUp(l.dense, Word)
	if f, packed := formats[t]; packed {
		n := over(cols, superblock)
		words := n * f.words
		if t == backend.Q6_K {
			words += over(n, 8)
		}
		l.Pitch = int64(words) * Word
	}
	return l
}

// AsStored reports whether kernels can read rows where they are stored, if that
// is at a word.
func (l *Layout) AsStored() bool {
	_, packed := formats[l.Type]
	return l.dense == l.Pitch && (!packed || l.Type == backend.Q4_K)
}

// Size returns how many bytes a part has, from the number of its rows.
func (l *Layout) Size(rows int) int64 { return int64(rows)*l.Pitch + l.Tail }

// MostRows returns how many rows a part has at most, from the number of its bytes.
func (l *Layout) MostRows(bytes int64) int { return int(max(bytes-l.Tail, 0) / l.Pitch) }

// Rows are consecutive rows of a matrix as they are stored.
type Rows struct {
	data     []byte
	scales   []byte
	codebook []byte
}

// Rows returns rows [first, first+n) of the matrix that NewLayout was given.
func (l *Layout) Rows(desc backend.WeightDesc, src []byte, first, n int) Rows {
	r := Rows{data: src[int64(first)*l.dense:][:int64(n)*l.dense]}
	if len(desc.Aux) > 1 {
		of := 4 * l.Cols / l.Type.Block() // bytes of a row's scales
		r.scales, r.codebook = desc.Aux[0][first*of:][:n*of], desc.Aux[1]
	}
	return r
}

// Fill sets dst to bytes at, at+1, … of the part that has these rows, on all
// cores.
func (l *Layout) Fill(dst []byte, at int64, rows Rows) {
	if l.AsStored() {
		copy(dst, rows.data[at:])
		return
	}
	n := int64(len(rows.data)) / l.dense
	if body := n*l.Pitch - at; body < int64(len(dst)) {
		copy(dst[max(body, 0):], rows.codebook[max(-body, 0):])
		dst = dst[:max(body, 0)]
	}
	if len(dst) == 0 {
		return
	}
	// A worker takes some rows at a time; of the first and the last maybe a part.
	const least = 64 << 10
	first, last := at/l.Pitch, (at+int64(len(dst))+l.Pitch-1)/l.Pitch
	step := max(1, least/l.Pitch)
	parallel.Ranges(int(last-first), int(step), func() func(from, to int) {
		var whole []byte
		return func(from, to int) {
			for r := first + int64(from); r < first+int64(to); r++ {
				begin := r*l.Pitch - at // in dst
				if begin >= 0 && begin+l.Pitch <= int64(len(dst)) {
					l.row(dst[begin:begin+l.Pitch], rows, r)
					continue
				}
				if whole == nil {
					whole = make([]byte, l.Pitch)
				}
				l.row(whole, rows, r)
				copy(dst[max(begin, 0):], whole[max(-begin, 0):])
			}
		}
	})
}

// row lays out row r.
func (l *Layout) row(dst []byte, rows Rows, r int64) {
	src := rows.data[r*l.dense:][:l.dense]
	f, packed := formats[l.Type]
	if !packed {
		clear(dst[copy(dst, src):])
		return
	}
	clear(dst)
	var scales []byte
	if rows.scales != nil {
		n := int64(4 * l.Cols / l.Type.Block())
		scales = rows.scales[r*n:][:n]
	}
	f.pack(dst, src, scales)
}

func packQ8_0(dst, src, _ []byte) {
	for b := 0; len(src) > 0; b, src = b+1, src[34:] {
		to := dst[b/8*17*Word:]
		copy(to[b%8*2:], src[:2])
		copy(to[Word+b%8*32:], src[2:34])
	}
}

// nibbles are those of 16 bytes, a byte each.
func nibbles(b []byte) (low, high [2]uint64) {
	const mask = 0x0f0f0f0f0f0f0f0f
	for i := range low {
		v := binary.LittleEndian.Uint64(b[8*i:])
		low[i], high[i] = v&mask, v>>4&mask
	}
	return low, high
}

// putNibbles adds a word of codes: 16 low ones and 16 high ones.
func putNibbles(dst []byte, low, high [2]uint64) {
	for i := range low {
		at := dst[8*i:]
		binary.LittleEndian.PutUint64(at, binary.LittleEndian.Uint64(at)|low[i]|high[i]<<4)
	}
}

func packQ4_0(dst, src, _ []byte) {
	for b := 0; len(src) > 0; b, src = b+1, src[18:] {
		to := dst[b/8*9*Word:]
		copy(to[b%8*2:], src[:2])
		to = to[Word+b%8/2*32:]
		first, second := nibbles(src[2:18])
		if b%2 == 0 {
			putNibbles(to, first, [2]uint64{})
			putNibbles(to[Word:], second, [2]uint64{})
		} else {
			putNibbles(to, [2]uint64{}, first)
			putNibbles(to[Word:], [2]uint64{}, second)
		}
	}
}

// packCodebook takes two codes from a byte, the first from its high nibble.
func packCodebook(dst, src, scales []byte) {
	for b := 0; len(src) > 0; b, src = b+1, src[32:] {
		to := dst[b/4*9*Word:]
		copy(to[b%4*4:], scales[4*b:][:4])
		to = to[Word+b%4*32:]
		for i := range 16 {
			code := func(e int) byte { return src[e/2] >> (4 - e%2*4) & 15 }
			to[i] = code(i) | code(32+i)<<4
			to[Word+i] = code(16+i) | code(48+i)<<4
		}
	}
}

func packQ6_K(dst, src, _ []byte) {
	for b := 0; len(src) > 0; b, src = b+1, src[210:] {
		group := dst[b/8*(1+8*13)*Word:]
		copy(group[b%8*2:], src[208:210])
		to := group[(1+b%8*13)*Word:]
		copy(to, src[192:208])
		for w := range 8 {
			// A half of the stored block has runs of 32 elements 0 and 2 in 32
			// bytes, and 1 and 3 in the next.
			half, late, part := w/4, w/2%2, w%2*16
			a0, a1 := nibbles(src[64*half+part:])
			b0, b1 := nibbles(src[64*half+32+part:])
			if late == 0 {
				putNibbles(to[(1+w)*Word:], a0, b0)
			} else {
				putNibbles(to[(1+w)*Word:], a1, b1)
			}
			high := src[128+32*half+part:]
			for run := range 2 {
				bits := to[9*Word+8*w+4*run:]
				for e := range 16 {
					bits[e%4] |= high[e] >> (4*late + 2*run) & 3 << (e / 4 * 2)
				}
			}
		}
	}
}
