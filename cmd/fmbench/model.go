package main

import (
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

func (c *call) modelOf(name string, tensors []checkpoint.TensorInfo, params int64) modelInfo {
	m := modelInfo{name: cli.ModelName(name), params: quantity.Count(params)}
	for _, adapter := range c.o.adapters {
		m.name += " + " + cli.ModelName(adapter)
	}
	shares := checkpoint.Summarize(tensors)
	m.typ = shares[0].Type.String()
	for _, s := range shares {
		m.size += quantity.Bytes(s.Bytes)
	}
	return m
}
