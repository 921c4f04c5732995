package checkpoint

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"

	"falconmamba/backend"
	"falconmamba/backend/quant"
	"falconmamba/checkpoint/safetensors"
	"falconmamba/internal/disk"
	"falconmamba/internal/regular"
)

// SaveOptions say how Save writes a checkpoint.
type SaveOptions struct {
	Type     backend.DType // f32, f16 or bf16; 0 keeps the types of tensors, if all are of these three
	MaxShard int64         // bytes of tensors in one file; 0 is 5 GB, as in transformers
}

// alongside are the files that are copied with a model, where it has them.
var alongside = []string{
	"tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
	"vocab.json", "merges.txt", "chat_template.jinja", "chat_template.json",
}

// Save writes c to the folder dir, as transformers' save_pretrained does: one
// model.safetensors, or shards with an index. It is for programs that embed the
// package and for round trips in tests; fmgen convert writes GGUF.
//
// config.json comes last, so an unfinished folder does not open. A folder that already
// holds a model is refused. One tensor is in memory at a time. Conversion rounds to
// nearest, ties to even.
func Save(dir string, c Checkpoint, o SaveOptions) (err error) {
	if o.Type != 0 && torchNames[o.Type] == "" {
		return fmt.Errorf("saving as %v: want f32, f16 or bf16", o.Type)
	}
	if o.MaxShard < 0 {
		return fmt.Errorf("saving in shards of %d bytes: want a positive number, or 0 for 5 GB", o.MaxShard)
	}
	if o.MaxShard == 0 {
		o.MaxShard = 5e9
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for _, name := range []string{configFile, weightsFile, indexFile} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return fmt.Errorf("%s is there already: save to a folder without a model", filepath.Join(dir, name))
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	w := &saver{dir: dir, from: c, to: o.Type}
	defer func() {
		if err != nil {
			w.undo()
		}
	}()
	if err := w.weights(o.MaxShard); err != nil {
		return err
	}
	for _, name := range alongside {
		if err := w.copy(name); err != nil {
			return err
		}
	}
	text, err := c.Generation().JSON()
	if err != nil {
		return fmt.Errorf("%s: %w", generationFile, err)
	}
	if err := w.file(generationFile, text); err != nil {
		return err
	}
	config := *c.Config()
	if o.Type != 0 {
		config.Type = o.Type
	}
	if text, err = config.JSON(); err != nil {
		return fmt.Errorf("%s: %w", configFile, err)
	}
	return w.file(configFile, text)
}

type saver struct {
	dir  string
	from Checkpoint
	to   backend.DType // 0 keeps
	made []string
}

// undo removes what was written before an error.
func (w *saver) undo() {
	for _, path := range w.made {
		os.Remove(path)
	}
}

// plan puts the tensors into files of at most maxShard bytes; a tensor that is
// larger has a file of its own.
func (w *saver) plan(maxShard int64) (shards [][]safetensors.Tensor, total, parameters int64) {
	room := int64(0)
	for _, info := range w.from.Tensors() {
		t := w.typeOf(info)
		name := savedName(info.Name)
		size := info.Elements() * int64(t.Size())
		if len(shards) == 0 || size > room {
			shards, room = append(shards, nil), maxShard
		}
		last := &shards[len(shards)-1]
		*last = append(*last, safetensors.Tensor{Name: name, DType: safetensorsNames[t], Shape: info.Shape})
		room -= size
		total += size
		parameters += info.Elements()
	}
	return shards, total, parameters
}

var safetensorsNames = map[backend.DType]string{backend.F32: "F32", backend.F16: "F16", backend.BF16: "BF16"}

func (w *saver) typeOf(info TensorInfo) backend.DType {
	if w.to != 0 {
		return w.to
	}
	return info.Type
}

func (w *saver) weights(maxShard int64) error {
	for _, info := range w.from.Tensors() {
		if safetensorsNames[w.typeOf(info)] == "" {
			return fmt.Errorf("tensor %s: type %v is not saved: ask for f32, f16 or bf16", info.Name, w.typeOf(info))
		}
	}
	shards, total, parameters := w.plan(maxShard)
	weightMap := map[string]string{}
	for i, tensors := range shards {
		name := weightsFile
		if len(shards) > 1 {
			name = fmt.Sprintf("model-%05d-of-%05d.safetensors", i+1, len(shards))
		}
		path := filepath.Join(w.dir, name)
		if err := safetensors.WriteFile(path, 0o666, map[string]string{"format": "pt"}, tensors, w.tensor); err != nil {
			return err
		}
		w.made = append(w.made, path)
		for _, t := range tensors {
			weightMap[t.Name] = name
		}
	}
	if len(shards) == 1 {
		return nil
	}
	text, err := json.MarshalIndent(map[string]any{
		"metadata":   map[string]int64{"total_parameters": parameters, "total_size": total},
		"weight_map": weightMap,
	}, "", "  ")
	if err != nil {
		return fmt.Errorf("%s: %w", indexFile, err)
	}
	return w.file(indexFile, append(text, '\n'))
}

// savedName is the name in the file. A = −exp(A_log) is saved as A_log.
func savedName(name string) string {
	if p, ok := strings.CutSuffix(name, ".mixer.A"); ok {
		return p + ".mixer.A_log"
	}
	return name
}

// tensor writes one tensor's data in the type it is to have.
func (w *saver) tensor(out io.Writer, t safetensors.Tensor) error {
	name := t.Name
	if _, ok := w.from.Lookup(name); !ok {
		name = decayName(name)
	}
	info, _ := w.from.Lookup(name)
	to := w.typeOf(info)
	if m := mergerOf(w.from, name); m != nil && to != info.Type {
		const part = 1 << 22 // elements: a multiple of every block
		for at, n := 0, int(info.Elements()); at < n; at += part {
			dst := quant.New(to, min(part, n-at))
			if err := m.merge(dst, name, at, min(part, n-at)); err != nil {
				return err
			}
			if _, err := out.Write(dst.Data); err != nil {
				return err
			}
		}
		return nil
	}
	in, err := w.from.Read(name)
	if err != nil {
		return err
	}
	defer in.Release()
	if to == in.Type && name == t.Name {
		_, err := out.Write(in.Data)
		return err
	}
	const block = 1 << 14
	x, p := make([]float32, block), make([]byte, block*to.Size())
	for n := int64(0); n < in.Elements(); n += block {
		x := x[:min(block, in.Elements()-n)]
		if err := in.Packed().Decode(x, int(n)); err != nil {
			return err
		}
		if name != t.Name {
			for i, a := range x {
				x[i] = float32(math.Log(-float64(a)))
			}
		}
		p := p[:len(x)*to.Size()]
		if err := Narrow(p, x, to); err != nil {
			return err
		}
		if _, err := out.Write(p); err != nil {
			return err
		}
	}
	return nil
}

// maxCopied bounds what is copied, in bytes: a tokenizer.json may have as many.
const maxCopied = 32 << 20

// copy copies a file that lies beside the weights, if it is there.
func (w *saver) copy(name string) error {
	files := w.from.Files()
	if files == nil {
		return nil
	}
	text, err := regular.ReadFS(files, name, maxCopied)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	return w.file(name, text)
}

// file writes a small file, complete or not at all.
func (w *saver) file(name string, text []byte) error {
	path := filepath.Join(w.dir, name)
	f, err := disk.NewDraft(path, 0o666)
	if err != nil {
		return err
	}
	defer f.Discard()
	if _, err := f.Write(text); err != nil {
		return err
	}
	if err := f.Publish(true); err != nil {
		return err
	}
	w.made = append(w.made, path)
	return nil
}
