package face

import (
	"bytes"
	"fmt"
	"testing"

	"falconmamba/examples/desktop/grid"
)

// ink sums up coverages.
func ink(pixels []byte) (n int) {
	for _, p := range pixels {
		n += int(p)
	}
	return n / 255
}

// Whatever is drawn has the size of its cells, and what the font has is no box.
func TestDraw(t *testing.T) {
	for _, size := range []float64{1, 7.5, 15, 22.5, 30, 60} {
		f := New(size, nil)
		for _, c := range []struct {
			text  string
			cells int
			found bool
		}{
			{"A", 1, true}, {"é", 1, true}, {"e\u0301", 1, true}, {"│", 1, true}, {"ж", 1, true}, {"…", 1, true},
			{"漢", 2, false}, {"😀", 2, false}, {"\xff", 1, true}, {"\ufffd", 1, true}, {"\x01", 1, false},
			{"👩‍👩‍👦", 2, false}, {"\ue000", 1, false}, {"\U0010ffff", 1, false},
		} {
			pixels, found := f.Draw(c.text, c.cells)
			if len(pixels) != c.cells*f.Width*f.Height {
				t.Errorf("%q of size %v: %d pixels, want %d × %d × %d", c.text, size, len(pixels), c.cells, f.Width, f.Height)
			}
			if found != c.found {
				t.Errorf("%q of size %v: found is %t", c.text, size, found)
			}
			if size > 7 && ink(pixels) == 0 {
				t.Errorf("%q of size %v is empty", c.text, size)
			}
			if box := f.box(c.cells); found == bytes.Equal(pixels, box) && size > 7 {
				t.Errorf("%q of size %v: found is %t, and whether it is a box the same", c.text, size, found)
			}
		}
	}
	f := New(15, nil)
	composed, _ := f.Draw("é", 1)
	marked, _ := f.Draw("e\u0301", 1)
	bare, _ := f.Draw("e", 1)
	if !bytes.Equal(composed, marked) || bytes.Equal(marked, bare) {
		t.Error("an e with its mark is drawn otherwise than é, or as an e")
	}
}

// Fonts of the system are used where there are any, and none that is missing is a panic.
func TestSystemFonts(t *testing.T) {
	fonts, err := SystemFonts(t.TempDir())
	if err != nil {
		t.Skipf("no fonts are installed: %v", err)
	}
	f := New(15, fonts)
	for _, c := range []string{"漢", "😀", "ا", "한", "ก", "\ue000", "\U0010fffe"} {
		pixels, found := f.Draw(c, 2)
		if len(pixels) != 2*f.Width*f.Height || found == bytes.Equal(pixels, f.box(2)) {
			t.Errorf("%q: found is %t of %d pixels", c, found, len(pixels))
		}
		t.Logf("%q: found is %t", c, found)
	}
}

func TestAtlas(t *testing.T) {
	f := New(6, nil)
	pixels := make([]byte, AtlasBytes(f))
	a := NewAtlas(f, pixels)
	cells := []grid.Cell{{}, {Text: "A", Fore: grid.Dim, Back: grid.Bar}, {Text: "漢", Wide: true},
		{Text: "漢", Wide: true, Part: 1}, {Text: "A"}}
	words := make([]uint32, len(cells))
	a.Fill(words, cells)
	if words[0] != 0 || words[1] != first|uint32(grid.Dim)<<16|uint32(grid.Bar)<<20 || words[3] != words[2]+1 ||
		words[4]&0xffff != words[1]&0xffff {
		t.Errorf("cells are %x", words)
	}
	want, _ := f.Draw("A", 1)
	if !bytes.Equal(a.tile(first), want) {
		t.Error("the tile of A is not what is drawn")
	}

	// More characters than it has room for: the page that is shown is whole.
	for i := range 3 {
		many := make([]grid.Cell, Slots/2)
		for j := range many {
			many[j] = grid.Cell{Text: fmt.Sprintf("%c", 0x3400+i*len(many)+j)}
		}
		many[0].Text = "A"
		out := make([]uint32, len(many))
		a.Fill(out, many)
		if !bytes.Equal(a.tile(out[0]&0xffff), want) {
			t.Errorf("page %d: the tile of A is not what is drawn", i)
		}
		for j, w := range out {
			if w&0xffff == boxed {
				t.Fatalf("page %d: cell %d has no tile", i, j)
			}
		}
	}
	// More than it has at all: boxes.
	many := make([]grid.Cell, Slots+10)
	for j := range many {
		many[j] = grid.Cell{Text: fmt.Sprintf("%c", 0x3400+j)}
	}
	out := make([]uint32, len(many))
	a.Fill(out, many)
	if out[len(out)-1]&0xffff != boxed {
		t.Error("a character without room is no box")
	}
}
