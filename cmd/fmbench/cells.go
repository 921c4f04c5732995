package main

import (
	"fmt"

	"falconmamba/checkpoint"
	"falconmamba/cmd/internal/cli"
	"falconmamba/internal/quantity"
)

// modelInfo is what reports say of a model.
type modelInfo struct {
	name, typ string
	size      quantity.Bytes
	params    quantity.Count
}

func modelOf(name string, tensors []checkpoint.TensorInfo, params int64) modelInfo {
	m := modelInfo{name: cli.ModelName(name), params: quantity.Count(params)}
	shares := checkpoint.Summarize(tensors)
	m.typ = shares[0].Type.String()
	for _, s := range shares {
		m.size += quantity.Bytes(s.Bytes)
	}
	return m
}

// A percent is a part of 1.
type percent float64

func (p percent) String() string { return fmt.Sprintf("%.1f %%", 100*float64(p)) }

// digits is a figure that is compared to many digits.
type digits float64

func (d digits) String() string { return fmt.Sprintf("%.6f", float64(d)) }

// diverges is the token from which two texts differ, −1 for none.
type diverges int

func (d diverges) String() string {
	if d < 0 {
		return "never"
	}
	return fmt.Sprint("token ", int(d))
}

// orNone leaves the cell of a device without threads empty.
func orNone(n int) any {
	if n == 0 {
		return nil
	}
	return n
}

func orEmpty(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// fixed is a figure with two digits behind the point.
type fixed float64

func (f fixed) String() string { return fmt.Sprintf("%.2f", float64(f)) }
