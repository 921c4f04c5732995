// Package model is FalconMamba: its checkpoints, its graph and its state.
//
// A [Checkpoint] is a model at rest, whatever format it is stored in: a folder
// of safetensors, an embedded one, or random weights made by the reference's
// rules. Nothing here knows a device.
package model
