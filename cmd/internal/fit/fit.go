// Package fit says what of a model fits where: as it is stored, or packed by --quant.
package fit

import (
	"falconmamba/backend"
	"falconmamba/checkpoint"
)

// A Choice is a way to hold a model's weights.
type Choice struct {
	Quant   string // what --quant is given; "" for as it is stored
	Weights int64  // bytes
	Need    int64  // bytes of memory with a text being written, see Need
}

// quants are the types that are offered, the most precise first.
var quants = []backend.DType{backend.Q8_0, backend.Q6_K, backend.Q4_K}

// Need returns the bytes that a device needs for weights of so many bytes, and a text that is written. It is at or
// above what was measured of the 7B on an H100 (docs/hardware.md): 4.3 GiB for 4.05 of weights, 14.2 for 13.6.
func Need(weights int64, c *checkpoint.Config) int64 {
	const states = 8
	return weights + weights*3/100 + states*c.StateBytes()
}

// Choices returns the ways to hold ck that take less and less memory, as it is stored first.
func Choices(ck checkpoint.Checkpoint) ([]Choice, error) {
	stored := bytesOf(ck)
	choices := []Choice{{Weights: stored, Need: Need(stored, ck.Config())}}
	for _, t := range quants {
		packed, err := checkpoint.Quantized(ck, t)
		if err != nil {
			return nil, err
		}
		if n := bytesOf(packed); n < choices[len(choices)-1].Weights*95/100 {
			choices = append(choices, Choice{Quant: t.String(), Weights: n, Need: Need(n, ck.Config())})
		}
	}
	return choices, nil
}

// ChoicesOf returns the ways to hold a model of a config whose weights are stored as t, before there are any.
func ChoicesOf(c *checkpoint.Config, t backend.DType) ([]Choice, error) {
	ck, err := checkpoint.NewRandom(c, checkpoint.Options{Type: t})
	if err != nil {
		return nil, err
	}
	defer ck.Close()
	return Choices(ck)
}

func bytesOf(ck checkpoint.Checkpoint) (n int64) {
	for _, s := range checkpoint.Summarize(ck.Tensors()) {
		n += s.Bytes
	}
	return n
}

// A Verdict says how a choice and a device go together.
type Verdict int

// Verdicts.
const (
	Unknown Verdict = iota // the device does not say what memory it has
	No
	Mapped // not all at once: the system reads the file again and again, which is slow
	Yes
)

// String returns the verdict for a table.
func (v Verdict) String() string {
	return [...]string{"not known", "does not fit", "from the file, slowly", "fits"}[v]
}

// On reports whether a device has room for a choice. The processor uses weights as they lie in a mapped file, of which
// the system may drop what it needs; mapped says that there is such a file.
func (c Choice) On(info backend.Info, mapped bool) Verdict {
	free := info.MemoryFree
	if free == 0 {
		free = info.MemoryTotal
	}
	switch {
	case free == 0:
		return Unknown
	case c.Need <= free:
		return Yes
	case info.Class == backend.Host && mapped && c.Quant == "":
		return Mapped
	}
	return No
}

// Best returns the first of choices that a device has room for, and whether there is one.
func Best(choices []Choice, info backend.Info) (Choice, bool) {
	for _, c := range choices {
		if c.On(info, false) == Yes {
			return c, true
		}
	}
	return Choice{}, false
}
