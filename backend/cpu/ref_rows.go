package cpu

import (
	"math"

	"falconmamba/backend"
	"falconmamba/backend/sampling"
)

// The reference's row-wise operations.

func refEmbed(o backend.Embed) error {
	dst, ids, last, table := floats(o.Dst), ints(o.IDs), ints(o.Last), o.Table.(*weight)
	for t := range liveRows(o.Live, dst.rows) {
		id, ok := tokenOf(ids, last, t, table.desc.Rows)
		if !ok {
			continue
		}
		if err := table.row(id, dst.row(t)); err != nil {
			return err
		}
	}
	return nil
}

// tokenOf returns the token that row t of ids stands for, if it is one of vocab.
func tokenOf(ids, last view[int32], t, vocab int) (id int, ok bool) {
	if id = int(ids.at(t)); id < 0 {
		slot := -id - 1
		if slot >= last.rows {
			return 0, false
		}
		id = int(last.at(slot))
	}
	return id, id >= 0 && id < vocab
}

func refGather(o backend.Gather) {
	from, to := ints(o.From), ints(o.To)
	src, dst := ints(o.Src), ints(o.Dst) // bits, whatever the type
	for i := range liveRows(o.Live, from.rows) {
		f, t := int(from.at(i)), i
		if !o.To.IsZero() {
			t = int(to.at(i))
		}
		if f >= 0 && f < src.rows && t >= 0 && t < dst.rows {
			copy(dst.row(t), src.row(f))
		}
	}
}

func refRMSNorm(o backend.RMSNorm) {
	dst, src, weight := floats(o.Dst), floats(o.Src), floats(o.Weight)
	for t := range liveRows(o.Live, dst.rows) {
		in, out := src.row(t), dst.row(t)
		sum := 0.0
		for _, x := range in {
			sum += float64(x) * float64(x)
		}
		scale := 1 / math.Sqrt(sum/float64(len(in))+float64(o.Eps))
		for c, x := range in {
			y := float64(x) * scale
			if weight.rows > 0 {
				y *= float64(weight.row(0)[c])
			}
			out[c] = float32(y)
		}
	}
}

func refGate(o backend.Gate) {
	dst, y, z := floats(o.Dst), floats(o.Y), floats(o.Z)
	for t := range liveRows(o.Live, dst.rows) {
		for c := range dst.cols {
			dst.row(t)[c] = float32(float64(y.row(t)[c]) * backend.SiLU.Apply(float64(z.row(t)[c])))
		}
	}
}

func refAdd(o backend.Add) {
	dst, a, b := floats(o.Dst), floats(o.A), floats(o.B)
	for t := range liveRows(o.Live, dst.rows) {
		for c := range dst.cols {
			dst.row(t)[c] = float32(float64(a.row(t)[c]) + float64(b.row(t)[c]))
		}
	}
}

func refCopy(o backend.Copy) {
	dst, src := ints(o.Dst), ints(o.Src) // bits, whatever the type
	for t := range liveRows(o.Live, dst.rows) {
		copy(dst.row(t), src.row(t))
	}
}

func refArgMax(o backend.ArgMax) {
	dst, src := ints(o.Dst), floats(o.Src)
	for t := range liveRows(o.Live, dst.rows) {
		row := src.row(t)
		best, broken := sampling.NoToken, false
		for c, x := range row {
			broken = broken || x != x
			if x > float32(math.Inf(-1)) && (best < 0 || x > row[best]) {
				best = c
			}
		}
		if broken {
			best = sampling.NoToken
		}
		dst.row(t)[0] = int32(best)
	}
}
