// Package checkpoint is for models at rest: it reads and writes them.
//
// A [Checkpoint] is a config and tensors, in any of these forms: a folder of
// safetensors (also in bitsandbytes' 4 bits), a GGUF file, an embedded folder, or
// random weights by transformers' rules. [Quantized] packs the matrices of any
// checkpoint. Nothing here knows a device.
package checkpoint
