package cpu

import "falconmamba/backend"

// A gather is backend.Gather. It is a part of its own: what it copies is far
// smaller than what is computed from it.
type gather struct {
	dst, src view[int32] // bits, whatever the type
	from, to view[int32]
	live     live
}

func newGather(o backend.Gather) *gather {
	return &gather{dst: ints(o.Dst), src: ints(o.Src), from: ints(o.From), to: ints(o.To),
		live: liveOf(o.Live, o.From.Rows)}
}

// index returns where row i of the indices goes from and to.
func (g *gather) index(i int) (from, to int) {
	if g.to.rows == 0 {
		return int(g.from.at(i)), i
	}
	return int(g.from.at(i)), int(g.to.at(i))
}

func (g *gather) begin() (parts int) { return 1 }

func (g *gather) part(*worker, int) {
	for i := range g.live.count() {
		f, t := g.index(i)
		if f >= 0 && f < g.src.rows && t >= 0 && t < g.dst.rows {
			copy(g.dst.row(t), g.src.row(f))
		}
	}
}
