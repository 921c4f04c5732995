// Package tiny is a small trained FalconMamba as an embedded checkpoint: 2.5
// million parameters in bfloat16 that write in the manner of Shakespeare. It
// adds 5 MB to a program that imports it. README.md says how it was trained.
package tiny

import (
	"embed"
	"io/fs"
)

//go:embed config.json generation_config.json model.safetensors tokenizer.json tokenizer_config.json
var files embed.FS

// FS returns the checkpoint's folder.
func FS() fs.FS { return files }
