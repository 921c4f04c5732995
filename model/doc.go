// Package model is FalconMamba: its checkpoints, its graph and its state.
//
// A [Checkpoint] is a model at rest, whatever format it is stored in: a folder
// of safetensors (bitsandbytes' 4-bit ones too), a GGUF file, an embedded
// folder, or random weights made by the reference's rules. [Quantized] packs
// any of them. Nothing here knows a device.
package model
