package plot

// A Point of a series is a value with the interval in which it is; where Low and High are equal there is none.
type Point struct {
	X, Y, Low, High float64
	Note            string // what it is, for who points at it
	Label           string // beside it
}

// A Series is points that belong together, in a style, see Styles.
type Series struct {
	Name   string
	Style  int
	Points []Point
	Line   bool // joins the points
	Bare   bool // no markers: a bound, dashed
}

// A Chart is series over two axes.
type Chart struct {
	Title  string
	X, Y   Axis
	Series []Series
}

// The size of a chart and its margins.
const (
	chartWidth, chartHeight  = 640, 340
	left, right, top, bottom = 66, 16, 12, 46
	lineHeight               = 18
)

// Empty reports whether there is nothing to draw.
func (c Chart) Empty() bool {
	for _, s := range c.Series {
		for _, p := range s.Points {
			if c.X.shows(p.X) && c.Y.shows(p.Y) {
				return false
			}
		}
	}
	return true
}

// SVG draws the chart. Points that an axis has no place for are left out.
func (c Chart) SVG() string {
	var xs, ys []float64
	for _, s := range c.Series {
		for _, p := range s.Points {
			if c.X.shows(p.X) && c.Y.shows(p.Y) {
				xs = append(xs, p.X)
				ys = append(ys, p.Y, p.Low, p.High)
			}
		}
	}
	x, y := c.X.scale(xs), c.Y.scale(ys)
	d := &drawing{}
	legend := c.legend()
	head := float64(top + lineHeight*len(legend))
	w, h := float64(chartWidth-left-right), float64(chartHeight-top-bottom)
	atX := func(v float64) float64 { return left + w*x.at(v) }
	atY := func(v float64) float64 { return head + h*(1-y.at(v)) }
	d.open(chartWidth, head+h+bottom, c.Title)
	c.drawLegend(d, legend)
	for _, t := range y.ticks {
		if y.at(t) < -0.001 || y.at(t) > 1.001 {
			continue
		}
		d.line(left, atY(t), left+w, atY(t), "grid")
		d.text(left-6, atY(t)+4, "end", "tick", Amount(t))
	}
	for _, t := range x.ticks {
		d.line(atX(t), head+h, atX(t), head+h+4, "axis")
		d.text(atX(t), head+h+17, "middle", "tick", Amount(t))
	}
	d.line(left, head+h, left+w, head+h, "axis")
	d.line(left, head, left, head+h, "axis")
	d.text(left+w/2, head+h+38, "middle", "label", c.X.Title)
	d.add(`<text transform="translate(14 %s) rotate(-90)" text-anchor="middle" class="label">%s</text>`, px(head+h/2),
		escape(c.Y.Title))
	for _, s := range c.Series {
		c.draw(d, s, atX, atY)
	}
	return d.close()
}

func (c Chart) draw(d *drawing, s Series, atX, atY func(float64) float64) {
	path := ""
	for _, p := range s.Points {
		if !c.X.shows(p.X) || !c.Y.shows(p.Y) {
			continue
		}
		step := "L"
		if path == "" {
			step = "M"
		}
		path += step + px(atX(p.X)) + " " + px(atY(p.Y))
	}
	class := "curve s"
	if s.Bare {
		class = "bound s"
	}
	if s.Line && path != "" {
		d.add(`<path d="%s" class="%s%d d%d"/>`, path, class, s.Style%Styles, s.Style%Styles)
	}
	if s.Bare {
		return
	}
	for _, p := range s.Points {
		if !c.X.shows(p.X) || !c.Y.shows(p.Y) {
			continue
		}
		x := atX(p.X)
		if c.Y.shows(p.Low) && c.Y.shows(p.High) && p.Low < p.High {
			d.errorBar(x, atY(p.Low), x, atY(p.High), s.Style)
		}
		d.marker(x, atY(p.Y), s.Style, p.Note)
		switch label := cut(p.Label, 20); {
		case label == "":
		case x+8+wide(label) > chartWidth:
			d.text(x-8, atY(p.Y)+4, "end", "tick", label)
		default:
			d.text(x+8, atY(p.Y)+4, "start", "tick", label)
		}
	}
}

// errorBar draws an interval, upright or flat, with its ends.
func (d *drawing) errorBar(x1, y1, x2, y2 float64, style int) {
	const end = 4
	dx, dy := float64(end), 0.0
	if y1 == y2 {
		dx, dy = 0, end
	}
	d.add(`<path d="M%s %sL%s %sM%s %sL%s %sM%s %sL%s %s" class="error s%d"/>`, px(x1), px(y1), px(x2), px(y2),
		px(x1-dx), px(y1-dy), px(x1+dx), px(y1+dy), px(x2-dx), px(y2-dy), px(x2+dx), px(y2+dy), style%Styles)
}

// legend is what the series are called, in lines.
func (c Chart) legend() (lines [][]Series) {
	used := float64(chartWidth)
	for _, s := range c.Series {
		if s.Name == "" {
			continue
		}
		s.Name = cut(s.Name, 60)
		if used+wide(s.Name)+40 > chartWidth-left {
			lines = append(lines, nil)
			used = 0
		}
		lines[len(lines)-1] = append(lines[len(lines)-1], s)
		used += wide(s.Name) + 40
	}
	return lines
}

func (c Chart) drawLegend(d *drawing, lines [][]Series) {
	for i, line := range lines {
		x, y := float64(left), float64(12+lineHeight*i)
		for _, s := range line {
			class := "curve s"
			if s.Bare {
				class = "bound s"
			}
			if s.Line {
				d.add(`<path d="M%s %sh24" class="%s%d d%d"/>`, px(x), px(y-4), class, s.Style%Styles, s.Style%Styles)
			}
			if !s.Bare {
				d.marker(x+12, y-4, s.Style, "")
			}
			d.text(x+30, y, "start", "key", s.Name)
			x += wide(s.Name) + 40
		}
	}
}
