package grid

// A Colour is one of a theme's, which the renderer knows.
type Colour uint8

// The colours of both themes.
const (
	Paper Colour = iota
	Ink
	Dim
	Typed // what the user wrote
	Bar
	Accent
	Alarm
	Chosen // behind what is selected
	Rule
	Colours // how many there are; at most 16
)

// A Cell is what one place of a page shows.
type Cell struct {
	Text       string // a cluster, or nothing
	Part       uint8  // of a wide cluster: 0 for its left half, 1 for its right
	Wide       bool
	Fore, Back Colour
	Hole       bool // what lies behind the page is seen: a picture
}

// A Page is a grid of cells, and what the mouse finds on it.
type Page struct {
	Cols, Rows int
	Cells      []Cell
	areas      []Area
}

// An Area is a rectangle of cells that does something: the last one that was added lies on top.
type Area struct {
	Rect
	Name string // of an action
	N    int    // which of several
}

// A Rect is cells from X, Y on.
type Rect struct{ X, Y, W, H int }

// In reports whether a cell is in the rectangle.
func (r Rect) In(x, y int) bool { return x >= r.X && x < r.X+r.W && y >= r.Y && y < r.Y+r.H }

// NewPage returns an empty page of at least one cell.
func NewPage(cols, rows int) *Page {
	p := &Page{Cols: max(1, cols), Rows: max(1, rows)}
	p.Cells = make([]Cell, p.Cols*p.Rows)
	return p
}

// Clear empties the page.
func (p *Page) Clear() {
	p.areas = p.areas[:0]
	p.Fill(Rect{0, 0, p.Cols, p.Rows}, Paper)
}

// Fill empties a rectangle.
func (p *Page) Fill(r Rect, back Colour) {
	for y := max(0, r.Y); y < min(p.Rows, r.Y+r.H); y++ {
		for x := max(0, r.X); x < min(p.Cols, r.X+r.W); x++ {
			p.Cells[y*p.Cols+x] = Cell{Back: back, Fore: Ink}
		}
	}
}

// Hole makes a rectangle one that what lies behind the page is seen through, until something is written there.
func (p *Page) Hole(r Rect) {
	for y := max(0, r.Y); y < min(p.Rows, r.Y+r.H); y++ {
		for x := max(0, r.X); x < min(p.Cols, r.X+r.W); x++ {
			p.Cells[y*p.Cols+x].Hole = true
		}
	}
}

// Put writes s from (x, y) on in at most w cells, and returns the cell behind it. What is too long ends in ….
func (p *Page) Put(x, y, w int, s string, fore, back Colour) int {
	for c := range Clusters(Cut(s, w)) {
		p.Set(x, y, c.Text, c.Wide, fore, back)
		x += c.cells()
	}
	return x
}

// Set writes one cluster.
func (p *Page) Set(x, y int, cluster string, wide bool, fore, back Colour) {
	if y < 0 || y >= p.Rows {
		return
	}
	if x >= 0 && x < p.Cols {
		p.Cells[y*p.Cols+x] = Cell{Text: cluster, Wide: wide, Fore: fore, Back: back}
	}
	if x++; wide && x >= 0 && x < p.Cols {
		p.Cells[y*p.Cols+x] = Cell{Text: cluster, Wide: true, Part: 1, Fore: fore, Back: back}
	}
}

// Tint gives n cells from (x, y) on another back.
func (p *Page) Tint(x, y, n int, back Colour) {
	for i := max(0, x); y >= 0 && y < p.Rows && i < min(p.Cols, x+n); i++ {
		p.Cells[y*p.Cols+i].Back = back
	}
}

// Area makes a rectangle do something.
func (p *Page) Area(r Rect, name string, n int) { p.areas = append(p.areas, Area{r, name, n}) }

// At returns what the mouse finds at a cell.
func (p *Page) At(x, y int) (Area, bool) {
	for i := len(p.areas) - 1; i >= 0; i-- {
		if p.areas[i].In(x, y) {
			return p.areas[i], true
		}
	}
	return Area{}, false
}

// Line returns what is written in row y, for tests.
func (p *Page) Line(y int) string {
	s := ""
	for _, c := range p.Cells[y*p.Cols : (y+1)*p.Cols] {
		switch {
		case c.Part == 1:
		case c.Text == "":
			s += " "
		default:
			s += c.Text
		}
	}
	return s
}
