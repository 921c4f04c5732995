package checkpoint

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// What other programs leave in a folder, and what is to be done about it.

// sameConv reports whether a tensor is a convolution as MLX saves it, [D K 1]: the same numbers
// in the same order as [D 1 K].
func sameConv(shape []int, spec TensorSpec) bool {
	return strings.HasSuffix(spec.Name, ".conv1d.weight") && len(shape) == 3 && shape[2] == 1 &&
		shape[0] == spec.Shape[0] && shape[1] == spec.Shape[2]
}

// quantMethods are how people call what config.json has under quant_method.
var quantMethods = map[string]string{"gptq": "GPTQ", "awq": "AWQ", "hqq": "HQQ", "aqlm": "AQLM", "eetq": "EETQ",
	"fp8": "FP8", "higgs": "HIGGS", "spqr": "SpQR", "vptq": "VPTQ"}

const bnbEight = "bitsandbytes (8 bits)"

// quantised says by what method the config claims to be quantised, or nothing. MLX names none,
// and says it under a key of its own.
func (f *folder) quantised() string {
	var q struct {
		Method string `json:"quant_method"`
		Eight  bool   `json:"load_in_8bit"`
	}
	err := decode(f.config.raw, "quantization_config", &q)
	switch name, known := quantMethods[strings.ToLower(q.Method)]; {
	case err == nil && q.Method == "bitsandbytes" && q.Eight:
		return bnbEight
	case err == nil && known:
		return name
	case err == nil && q.Method != "":
		return excerpt(json.RawMessage(q.Method))
	case given(f.config.raw, "quantization"):
		return "MLX"
	case given(f.config.raw, "quantization_config"):
		return "a method that it does not name"
	}
	return ""
}

// foreign is the error of a tensor that is not as it should be, with the reason where the weights
// were quantised by somebody else's method.
func (f *folder) foreign(where string, err error) error {
	switch method := f.quantised(); method {
	case "":
		return fmt.Errorf("%s: %w", where, err)
	case "bitsandbytes":
		return fmt.Errorf("%s: %w; the weights are quantised by bitsandbytes, whose 4 bits are read where every "+
			"tensor has its quant_state beside it: save the model again, or take the unquantised one", where, err)
	case bnbEight:
		return fmt.Errorf("%s: the weights are quantised by bitsandbytes, whose 8 bits are not read (%w): take the "+
			"unquantised model, its 4 bits, or a GGUF file of it", where, err)
	default:
		return fmt.Errorf("%s: the weights are quantised by %s, which is not read (%w): take the unquantised model, "+
			"or a GGUF file of it", where, method, err)
	}
}

// matching returns the files of the folder that fit a pattern of path.Match.
func (f *folder) matching(pattern string) []string {
	names, _ := fs.Glob(f.fsys, pattern)
	slices.Sort(names)
	return names
}

// unlisted says which shards an index does not know.
func (f *folder) unlisted() string {
	known := map[string]bool{}
	for _, s := range f.shards {
		known[s.name] = true
	}
	for _, name := range f.matching("model*.safetensors") {
		if !known[name] {
			return fmt.Sprintf("; %s lies there too, but %s does not name it: fetch the index anew", name, indexFile)
		}
	}
	return ""
}

// noConfig says what a folder is that is not that of a model.
func (f *folder) noConfig() error {
	if text, err := f.text("adapter_config.json"); err == nil {
		return fmt.Errorf("%s is a PEFT adapter%s, not a model: name its model, and this one as an adapter (--adapter)",
			f.path("."), adapterOf(text))
	}
	if files := f.matching("*.gguf"); len(files) > 0 {
		return fmt.Errorf("no %s, but %s: give that file", f.path(configFile), f.path(files[0]))
	}
	return fmt.Errorf("no %s: not the folder of a model", f.path(configFile))
}

// adapterOf says whose an adapter is.
func adapterOf(text []byte) string {
	var a struct {
		Base string `json:"base_model_name_or_path"`
	}
	if json.Unmarshal(text, &a) != nil || a.Base == "" {
		return ""
	}
	return " of " + excerpt(json.RawMessage(a.Base))
}

// noWeights says why a folder has no weights that are read.
func (f *folder) noWeights() error {
	for _, pattern := range []string{"pytorch_model.bin", "pytorch_model.bin.index.json", "pytorch_model*.bin"} {
		if files := f.matching(pattern); len(files) > 0 {
			return fmt.Errorf("%s: weights in pickle form are not read: save the model again with "+
				"safe_serialization=True", f.path(files[0]))
		}
	}
	if files := f.matching("model*.safetensors"); len(files) > 0 {
		return fmt.Errorf("no %s, but %s%s: fetch the index, which says what is where", f.path(indexFile), files[0],
			andMore(len(files)-1))
	}
	if files := f.matching("*.safetensors"); len(files) > 0 {
		return fmt.Errorf("no %s, but %s: want the weights under that name", f.path(weightsFile), path.Base(files[0]))
	}
	if files := f.matching("*.gguf"); len(files) > 0 {
		return fmt.Errorf("no %s, but %s: give that file", f.path(weightsFile), f.path(files[0]))
	}
	return fmt.Errorf("no %s and no %s", f.path(weightsFile), f.path(indexFile))
}
