package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// A node is a box of the picture, or the place where a long arrow crosses a row.
type node struct {
	room  *room // nil where an arrow crosses
	lines []string
	width float64
	x     float64 // of its middle
	at    int     // its place in the row
	up    []*node // its neighbours in the row above, and below
	down  []*node
}

// An arrow runs from box to box, by way of the rows between.
type arrow struct{ path []*node }

// A graph has rooms in rows and the arrows that say it all: a room that is reached
// by way of another has none of its own.
type graph struct {
	rows   [][]*node
	arrows []arrow
	beside []arrow // within a row
}

// newGraph arranges the rooms that have packages. Wide rooms of the last row, which all
// may import, get no arrows.
func (t *table) newGraph(edges []edge) (*graph, error) {
	packages := map[*room][]string{}
	below := map[*room]map[*room]bool{}
	for _, e := range edges {
		from, to := t.of(e.from), t.of(e.to)
		if from == nil || to == nil {
			return nil, fmt.Errorf("%s imports %s, and one of them has no line in layout.txt",
				called(e.from), called(e.to))
		}
		packages[from] = append(packages[from], e.from)
		packages[to] = append(packages[to], e.to)
		if from != to && !e.test {
			if below[from] == nil {
				below[from] = map[*room]bool{}
			}
			below[from][to] = true
		}
	}
	g := &graph{}
	nodes := map[*room]*node{}
	last := t.rooms[len(t.rooms)-1].row
	for _, r := range t.rooms {
		if packages[r] == nil {
			continue
		}
		n := &node{room: r}
		n.say(packages[r])
		nodes[r] = n
		if r.row >= len(g.rows) || len(g.rows) == 0 || g.rows[len(g.rows)-1][0].room.row != r.row {
			g.rows = append(g.rows, nil)
		}
		g.rows[len(g.rows)-1] = append(g.rows[len(g.rows)-1], n)
	}
	index := map[*room]int{}
	for i, row := range g.rows {
		for _, n := range row {
			index[n.room] = i
		}
	}
	for _, from := range t.rooms {
		for _, to := range t.rooms {
			if !below[from][to] || to.row == last || reached(below, from, to) {
				continue
			}
			a := arrow{[]*node{nodes[from]}}
			for i := index[from] + 1; i < index[to]; i++ {
				n := &node{width: crossing}
				g.rows[i] = append(g.rows[i], n)
				a.path = append(a.path, n)
			}
			a.path = append(a.path, nodes[to])
			if index[from] == index[to] {
				g.beside = append(g.beside, a)
				continue
			}
			for i := 1; i < len(a.path); i++ {
				a.path[i-1].down = append(a.path[i-1].down, a.path[i])
				a.path[i].up = append(a.path[i].up, a.path[i-1])
			}
			g.arrows = append(g.arrows, a)
		}
	}
	g.order()
	g.place()
	return g, nil
}

// reached says whether a way leads from one room to another beside the direct one.
func reached(below map[*room]map[*room]bool, from, to *room) bool {
	seen := map[*room]bool{}
	var walk func(r *room) bool
	walk = func(r *room) bool {
		for next := range below[r] {
			if r == from && next == to || seen[next] {
				continue
			}
			seen[next] = true
			if next == to || walk(next) {
				return true
			}
		}
		return false
	}
	return walk(from)
}

// order puts the nodes of each row in the order in which arrows cross the least and,
// among the best of these, run the shortest.
func (g *graph) order() {
	for range 2 {
		g.improve(g.crossings)
	}
	best, least := g.copyRows(), g.crossings()
	random := uint64(1)
	for range 400 {
		for _, row := range g.rows {
			for i := range row {
				random = random*6364136223846793005 + 1442695040888963407
				move(row, i, int(random>>33)%len(row))
			}
		}
		g.improve(g.crossings)
		if c := g.crossings(); c < least {
			best, least = g.copyRows(), c
		}
	}
	g.rows = best
	g.improve(func() float64 { return float64(100*g.crossings()) + g.length() })
}

func (g *graph) copyRows() [][]*node {
	var rows [][]*node
	for _, row := range g.rows {
		rows = append(rows, slices.Clone(row))
	}
	return rows
}

// improve moves nodes within their rows while that costs less.
func (g *graph) improve(cost func() float64) {
	best := cost()
	for better := true; better; {
		better = false
		for _, row := range g.rows {
			for i := range row {
				for j := range row {
					move(row, i, j)
					if c := cost(); c < best-1e-9 {
						best, better = c, true
					} else {
						move(row, j, i)
					}
				}
			}
		}
	}
}

// move takes the node at i to j.
func move(row []*node, i, j int) {
	n := row[i]
	copy(row[i:], row[i+1:])
	copy(row[j+1:], row[j:len(row)-1])
	row[j] = n
}

// crossings counts them. Arrows within a row want neighbours, which counts as ten each.
func (g *graph) crossings() float64 {
	for _, row := range g.rows {
		for i, n := range row {
			n.at = i
		}
	}
	cost := 0.0
	for _, row := range g.rows {
		for i, a := range row {
			for _, b := range row[i+1:] {
				for _, p := range a.down {
					for _, q := range b.down {
						if p.at > q.at {
							cost++
						}
					}
				}
			}
		}
	}
	for _, a := range g.beside {
		cost += 10 * (math.Abs(float64(a.path[0].at-a.path[1].at)) - 1)
	}
	return cost
}

// length is how far arrows run sideways, and how wide the picture is.
func (g *graph) length() float64 {
	g.place()
	length, left, right := 0.0, math.Inf(1), math.Inf(-1)
	for _, row := range g.rows {
		for _, n := range row {
			left, right = min(left, n.x-n.width/2), max(right, n.x+n.width/2)
			for _, d := range n.down {
				if !d.wide() {
					length += math.Abs(n.x - d.x)
				}
			}
		}
	}
	return (length + float64(2*(right-left))) / 50
}

func (n *node) wide() bool { return n.room != nil && n.room.wide }

// Products are converted to float64 before they are added to something: a compiler may
// otherwise fuse the two, as on Arm, and the picture would depend on where it is made.

// place moves the nodes of each row towards what they are joined to, in their order and
// with room between.
func (g *graph) place() {
	for _, row := range g.rows {
		x := 0.0
		for _, n := range row {
			n.x = x + n.width/2
			x += n.width + gap
		}
		for _, n := range row {
			n.x -= x / 2
		}
	}
	for range 25 {
		for _, row := range g.rows {
			settle(row)
		}
		for i := len(g.rows) - 1; i >= 0; i-- {
			settle(g.rows[i])
		}
	}
}

// settle gives the nodes of a row the places nearest to the middle of their neighbours.
// Long arrows pull the most: they run straight.
func settle(row []*node) {
	want := make([]float64, len(row))
	apart := make([]float64, len(row))
	weight := make([]float64, len(row))
	for i, n := range row {
		sum, of := n.x/10, 0.1
		for _, list := range [][]*node{n.up, n.down} {
			for _, o := range list {
				pull := 1.0
				if o.wide() {
					continue
				} else if o.room == nil {
					pull = 2
				}
				sum, of = sum+float64(pull*o.x), of+pull
			}
		}
		want[i], weight[i] = sum/of, 1
		if n.room == nil {
			weight[i] = 3
		}
		if i > 0 {
			apart[i] = row[i-1].width/2 + gap + n.width/2
			if of == 0.1 { // nothing pulls: beside the one before
				want[i], weight[i] = want[i-1]+apart[i], 0.01
			}
		}
	}
	for i, x := range spread(want, weight, apart) {
		row[i].x = x
	}
}

// spread returns the places nearest to those wanted, by weighted least squares, of which
// each is at least so far apart from the one before: places that would be too near are
// pooled and move as one.
func spread(want, weight, apart []float64) []float64 {
	type pool struct {
		sum, weight float64
		n           int
	}
	var pools []pool
	offset := make([]float64, len(want))
	for i := range want {
		if i > 0 {
			offset[i] = offset[i-1] + apart[i]
		}
		pools = append(pools, pool{float64((want[i] - offset[i]) * weight[i]), weight[i], 1})
		for k := len(pools) - 1; k > 0 && pools[k-1].sum/pools[k-1].weight > pools[k].sum/pools[k].weight; k-- {
			pools[k-1] = pool{pools[k-1].sum + pools[k].sum, pools[k-1].weight + pools[k].weight,
				pools[k-1].n + pools[k].n}
			pools = pools[:k]
		}
	}
	out := make([]float64, 0, len(want))
	for _, p := range pools {
		for range p.n {
			out = append(out, p.sum/p.weight+offset[len(out)])
		}
	}
	return out
}

// A side is where arrows leave a node or reach it.
type side struct {
	n  *node
	up bool
}

// ports finds for every arrow where on its nodes' sides it begins and ends: opposite its
// other end if it can, apart from the others, in an order in which none cross.
func (g *graph) ports() map[side]map[*node]float64 {
	at := map[side]map[*node]float64{}
	sides := func(n *node) [2]side { return [2]side{{n, true}, {n, false}} }
	for _, row := range g.rows {
		for _, n := range row {
			for _, s := range sides(n) {
				at[s] = map[*node]float64{}
				for _, o := range s.ends() {
					at[s][o] = n.x
				}
			}
		}
	}
	for range 30 {
		for _, row := range g.rows {
			for _, n := range row {
				for _, s := range sides(n) {
					s.settle(at)
				}
			}
		}
	}
	return at
}

// ends are the other nodes of a side's arrows, from left to right.
func (s side) ends() []*node {
	list := s.n.down
	if s.up {
		list = s.n.up
	}
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b *node) int { return cmp.Compare(a.x, b.x) })
	return list
}

func (s side) settle(at map[side]map[*node]float64) {
	list := s.ends()
	if s.n.room == nil || len(list) == 0 {
		return
	}
	room := s.n.width/2 - 14
	step := min(18, 2*room/float64(len(list)))
	want := make([]float64, len(list))
	weight := make([]float64, len(list))
	apart := make([]float64, len(list))
	for i, o := range list {
		there := at[side{o, !s.up}][s.n]
		want[i], weight[i], apart[i] = (there+at[s][o])/2, 1, step
		if o.wide() {
			want[i] = s.n.x
		}
	}
	places := spread(want, weight, apart)
	for i, o := range list {
		left := s.n.x - room + float64(float64(i)*step)
		right := s.n.x + room - float64(float64(len(list)-1-i)*step)
		at[s][o] = min(max(places[i], left), right)
	}
}
