package cpu

import "falconmamba/backend"

// An embed is backend.Embed.
type embed struct {
	k     *kernels
	dst   view[float32]
	ids   view[int32]
	last  view[int32]
	table matrix
	live  live

	rows []int // of the table, in this run
}

func newEmbed(k *kernels, o backend.Embed) *embed {
	return &embed{k: k, dst: floats(o.Dst), ids: ints(o.IDs), last: ints(o.Last), table: matrixOf(o.Table),
		live: liveOf(o.Live, o.Dst.Rows), rows: make([]int, 0, o.Dst.Rows)}
}

func (e *embed) begin() (parts int) {
	e.rows = e.rows[:0]
	for t := range e.live.count() {
		id, ok := tokenOf(e.ids, e.last, t, e.table.rows)
		if !ok {
			id = leftOut
		}
		e.rows = append(e.rows, id)
	}
	return ceil(len(e.rows), e.size())
}

// leftOut stands for a row that is left alone.
const leftOut = -1

// size is the rows of a part.
func (e *embed) size() int { return grain(len(e.rows), 0.3*float64(e.table.cols)) }

func (e *embed) part(_ *worker, i int) {
	size := e.size()
	for t := i * size; t < min((i+1)*size, len(e.rows)); t++ {
		if row := e.rows[t]; row != leftOut {
			e.k.widen(e.dst.row(t), &e.table, row)
		}
	}
}
