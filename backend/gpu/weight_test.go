package gpu

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"falconmamba/backend"
)

// A store keeps parts in Go, and has an imported buffer of which every second
// row of 16 bytes can begin a part.
type partStore struct {
	reach int64
	from  backend.Buffer
	live  int
	full  int // adds that succeed
}

func (s *partStore) Reach() int64 { return s.reach }

func (s *partStore) Find(from backend.Buffer, at, pitch int64) (any, int64, int) {
	if from != s.from || at%32 != 0 {
		return nil, 0, 0
	}
	return "mapping", at - 32, int(s.reach / pitch / 2 * 2)
}

func (s *partStore) Add(n int64, fill func([]byte, int64)) (any, error) {
	if s.live == s.full {
		return nil, errors.New("full")
	}
	s.live++
	b := make([]byte, n)
	fill(b[:n/2], 0)
	fill(b[n/2:], n/2)
	return b, nil
}

func (s *partStore) Free(any) { s.live-- }

func TestNewWeight(t *testing.T) {
	const rows, cols = 5, 4
	src := make([]byte, 16*rows)
	for i := range src {
		src[i] = byte(i)
	}
	mapping := &memory{size: 1 << 20}
	desc := backend.WeightDesc{Name: "w", Type: backend.F32, Rows: rows, Cols: cols}
	s := &partStore{reach: 40, from: mapping, full: 9}
	w, err := NewWeight(s, desc, src)
	if err != nil || w.InPlace || len(w.Parts) != 3 || w.Bytes() != 16*rows {
		t.Fatalf("%+v, %v", w, err)
	}
	var all []byte
	for i, p := range w.Parts {
		if p.First != 2*i {
			t.Errorf("part %d begins with row %d", i, p.First)
		}
		all = append(all, p.Memory.([]byte)...)
	}
	if !bytes.Equal(all, src) {
		t.Errorf("the parts have % x", all)
	}
	if w.Free(s); s.live != 0 || w.Parts != nil {
		t.Errorf("%d parts live, %d are kept", s.live, len(w.Parts))
	}

	desc.From, desc.Off = mapping, 64
	w, err = NewWeight(s, desc, src)
	var at []int64
	for _, p := range w.Parts {
		at = append(at, p.At)
	}
	if err != nil || !w.InPlace || !slices.Equal(at, []int64{32, 64, 96}) || s.live != 0 {
		t.Errorf("in place: %+v, %v", w, err)
	}
	w.Free(s)
	desc.Off = 80
	if w, err = NewWeight(s, desc, src); err != nil || w.InPlace || s.live != 3 {
		t.Errorf("where no part can begin: %+v, %v", w, err)
	}
	w.Free(s)

	s.full = 2
	if _, err := NewWeight(s, desc, src); err == nil || s.live != 0 {
		t.Errorf("without room: %v, %d parts live", err, s.live)
	}
	s.reach = 15
	if _, err := NewWeight(s, desc, src); !errors.Is(err, backend.ErrUnsupported) {
		t.Errorf("rows that no binding reaches: %v", err)
	}
}
