// Package peft reads LoRA adapters as Hugging Face's library PEFT saves them: a folder with
// adapter_config.json and adapter_model.safetensors. An adapter adds to some matrices of a
// model the product of two narrow ones (Hu et al., LoRA, 2021):
//
//	W[out,in] + scale·B[out,rank]·A[rank,in]      of a linear layer
//	W[ids,width] + scale·(B[width,rank]·A[rank,ids])ᵀ   of an embedding
//
// with scale = lora_alpha/rank, or lora_alpha/√rank where use_rslora says so. It may hold
// whole tensors too (modules_to_save), which take the place of the model's.
//
// What else PEFT can train is refused by name: it would be another formula. A folder is not
// trusted. What the headers say is checked when it is opened, numbers when they are read.
package peft
