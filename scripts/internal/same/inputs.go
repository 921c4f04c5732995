package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// marks are files that only one folder has, wherever it is in the repository.
var marks = []string{
	"odd/golden.json", // fixtures, a folder each
	"chatml.jinja",    // chat templates
	"training.json",   // the embedded model
}

// makeInputs makes the folder in: links to every fixture, template and the
// embedded model under their names, the last as embedded, and checkpoints as
// bitsandbytes saves them.
func makeInputs(in string) error {
	if err := os.Mkdir(in, 0o755); err != nil {
		return err
	}
	list, err := exec.Command("git", "ls-files").Output()
	if err != nil {
		return fmt.Errorf("git ls-files: %w", err)
	}
	files := strings.Fields(string(list))
	for _, mark := range marks {
		dir := ""
		for _, file := range files {
			if found, ok := strings.CutSuffix(file, "/"+mark); ok {
				dir = found
			}
		}
		if dir == "" {
			return fmt.Errorf("no folder of the repository has %s", mark)
		}
		if dir, err = filepath.Abs(dir); err != nil {
			return err
		}
		if mark == "training.json" {
			err = os.Symlink(dir, filepath.Join(in, "embedded"))
		} else {
			err = linkAll(dir, in)
		}
		if err != nil {
			return err
		}
	}
	for _, b := range []bitsAndBytes{{"nf4", nf4, false}, {"fp4", fp4, false}, {"nested", nf4, true}} {
		if err := b.make(filepath.Join(in, "sharded"), filepath.Join(in, b.name)); err != nil {
			return fmt.Errorf("%s: %w", b.name, err)
		}
	}
	return nil
}

// linkAll links to the fixtures and templates in dir.
func linkAll(dir, in string) error {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if err == nil && (e.IsDir() || filepath.Ext(e.Name()) == ".jinja") {
			err = os.Symlink(filepath.Join(dir, e.Name()), filepath.Join(in, e.Name()))
		}
	}
	return err
}

var (
	nf4 = []float32{-1, -0.6961928, -0.52507305, -0.3949175, -0.28444138, -0.18477343, -0.091050036, 0, 0.0795803,
		0.1609302, 0.2461123, 0.33791524, 0.44070983, 0.562617, 0.72295684, 1}
	fp4 = []float32{0, 0.0052083333, 0.6666667, 1, 0.33333334, 0.5, 0.16666667, 0.25, 0, -0.0052083333, -0.6666667, -1,
		-0.33333334, -0.5, -0.16666667, -0.25}
)

// bitsAndBytes is a way to save matrices in 4 bits.
type bitsAndBytes struct {
	name   string
	book   []float32
	nested bool // the scales are packed too
}

// A tensor is what a safetensors header says of one.
type tensor struct {
	Type    string `json:"dtype"`
	Shape   []int  `json:"shape"`
	Offsets [2]int `json:"data_offsets"`
}

// make makes a checkpoint of that of a fixture, whose in_proj and out_proj it
// replaces by made-up ones of the same shapes.
func (b bitsAndBytes) make(from, to string) error {
	if err := os.Mkdir(to, 0o755); err != nil {
		return err
	}
	for _, name := range []string{"config.json", "generation_config.json"} {
		if err := os.Symlink(filepath.Join(from, name), filepath.Join(to, name)); err != nil {
			return err
		}
	}
	shards, err := filepath.Glob(filepath.Join(from, "model*.safetensors"))
	if err != nil {
		return err
	}
	header := map[string]tensor{}
	var data []byte
	add := func(name, typ string, shape []int, bytes []byte) {
		header[name] = tensor{typ, shape, [2]int{len(data), len(data) + len(bytes)}}
		data = append(data, bytes...)
	}
	for _, shard := range shards {
		file, err := os.ReadFile(shard)
		if err != nil {
			return err
		}
		size := 8 + binary.LittleEndian.Uint64(file)
		var tensors map[string]json.RawMessage
		if err := json.Unmarshal(file[8:size], &tensors); err != nil {
			return err
		}
		for _, name := range slices.Sorted(maps.Keys(tensors)) {
			if name == "__metadata__" {
				continue
			}
			var t tensor
			if err := json.Unmarshal(tensors[name], &t); err != nil {
				return err
			}
			if match, _ := path.Match("*.mixer.*_proj.weight", name); match && len(t.Shape) == 2 && t.Shape[1]%64 == 0 {
				b.add(add, name, t.Shape)
			} else {
				add(name, t.Type, t.Shape, file[size:][t.Offsets[0]:t.Offsets[1]])
			}
		}
	}
	text, err := json.Marshal(header)
	if err != nil {
		return err
	}
	file := binary.LittleEndian.AppendUint64(nil, uint64(len(text)))
	return os.WriteFile(filepath.Join(to, "model.safetensors"), append(append(file, text...), data...), 0o644)
}

// add adds a matrix in blocks of 64 and what belongs to it.
func (b bitsAndBytes) add(add func(name, typ string, shape []int, bytes []byte), name string, shape []int) {
	kind := "nf4"
	if b.book[0] == 0 {
		kind = "fp4"
	}
	n := shape[0] * shape[1]
	codes := make([]byte, n/2)
	for i := range codes {
		codes[i] = byte(i*37 + i/5 + i/311)
	}
	add(name, "U8", []int{len(codes), 1}, codes)
	add(name+".quant_map", "F32", []int{16}, floats(16, func(i int) float32 { return b.book[i] }))
	state := map[string]any{"quant_type": kind, "blocksize": 64, "dtype": "bfloat16", "shape": shape}
	blocks := n / 64
	if b.nested {
		scales := make([]byte, blocks)
		for i := range scales {
			scales[i] = byte(i * 11)
		}
		outer := (blocks + 255) / 256
		add(name+".absmax", "U8", []int{blocks}, scales)
		add(name+".nested_absmax", "F32", []int{outer},
			floats(outer, func(i int) float32 { return 0.02 / float32(i+1) }))
		add(name+".nested_quant_map", "F32", []int{256},
			floats(256, func(i int) float32 { return float32(i-128) / 128 }))
		state["nested_blocksize"], state["nested_dtype"], state["nested_offset"] = 256, "float32", 0.05
	} else {
		add(name+".absmax", "F32", []int{blocks}, floats(blocks, func(i int) float32 { return 0.02 * float32(i%7+1) }))
	}
	text, _ := json.Marshal(state) // of what has no way to fail
	add(name+".quant_state.bitsandbytes__"+kind, "U8", []int{len(text)}, text)
}

// floats are n numbers as they are in a file.
func floats(n int, value func(int) float32) (all []byte) {
	for i := range n {
		all = binary.LittleEndian.AppendUint32(all, math.Float32bits(value(i)))
	}
	return all
}
