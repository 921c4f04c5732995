package plot

import "math"

// A Bar is an amount with its interval, and what stands beside it.
type Bar struct {
	Label            string
	Value, Low, High float64
	Text             string // the amount as people read it
	Style            int
	Note             string
}

// Bars are lying bars, one below the other; Dots are the intervals alone, around a mark.
type Bars struct {
	Title string
	Axis  Axis
	Bars  []Bar
	Dots  bool
	Mark  float64 // a line across all, where it is not 0
}

const (
	barHeight = 22
	barLabel  = 170
	barText   = 156 // for mostText digits of the font that has the widest
	mostText  = 20
)

// SVG draws the bars.
func (b Bars) SVG() string {
	var values []float64
	for _, v := range b.Bars {
		values = append(values, v.Value)
		for _, end := range []float64{v.Low, v.High} {
			if end != 0 || b.Dots {
				values = append(values, end)
			}
		}
	}
	if b.Mark != 0 {
		values = append(values, b.Mark)
	}
	s := b.Axis.scale(values)
	d := &drawing{}
	w, h := float64(chartWidth-barLabel-barText), float64(barHeight*len(b.Bars))
	at := func(v float64) float64 { return barLabel + w*max(0, min(1, s.at(v))) }
	d.open(chartWidth, top+h+bottom, b.Title)
	for _, t := range s.ticks {
		d.line(at(t), top, at(t), top+h, "grid")
		d.text(at(t), top+h+17, "middle", "tick", Amount(t))
	}
	d.line(barLabel, top+h, barLabel+w, top+h, "axis")
	d.text(barLabel+w/2, top+h+38, "middle", "label", b.Axis.Title)
	if b.Mark != 0 && b.Axis.shows(b.Mark) {
		d.line(at(b.Mark), top, at(b.Mark), top+h, "axis")
	}
	for i, v := range b.Bars {
		y := top + barHeight*float64(i)
		mid := y + barHeight/2
		d.text(barLabel-8, mid+4, "end", "tick", cut(v.Label, 26))
		d.text(barLabel+w+8, mid+4, "start", "tick", cut(v.Text, mostText))
		if !b.Axis.shows(v.Value) {
			continue
		}
		if !b.Dots {
			begin := float64(barLabel)
			d.add(`<rect x="%s" y="%s" width="%s" height="%d" class="bar s%d">%s</rect>`, px(begin), px(y+4),
				px(math.Max(at(v.Value)-begin, 1)), barHeight-8, v.Style%Styles, title(v.Note))
		}
		if v.Low < v.High && b.Axis.shows(v.Low) && b.Axis.shows(v.High) {
			d.errorBar(at(v.Low), mid, at(v.High), mid, v.Style)
		}
		if b.Dots {
			d.marker(at(v.Value), mid, v.Style, v.Note)
		}
	}
	return d.close()
}
