// Package checkpoint reads models at rest, and writes them.
//
// A [Checkpoint] is a config and tensors, whatever they are stored in: a folder
// of safetensors (bitsandbytes' 4-bit ones too), a GGUF file, an embedded folder,
// or random weights made by the reference's rules. [Quantized] packs the matrices
// of any of them. Nothing here knows a device.
package checkpoint
