package checkpoint

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"falconmamba/backend"
	"falconmamba/internal/nearest"
	"falconmamba/internal/regular"
)

// Files of a checkpoint folder.
const (
	configFile     = "config.json"
	generationFile = "generation_config.json"
	weightsFile    = "model.safetensors"
	indexFile      = "model.safetensors.index.json"
)

// Limits of the JSON files of a folder, in bytes. An index has as many tensors as headers may have, of all shards
// together; the others have some thousand bytes.
const (
	maxIndex = 8 << 20
	maxJSON  = 1 << 20
)

// Options say how a checkpoint is opened. The zero value opens any.
type Options struct {
	// What random: models are made with. Type 0 is the config's type, and bf16
	// where it names none.
	Seed uint64
	Type backend.DType

	// MixerRMSEps, if not 0, takes the place of the config's: GGUF files do not
	// say it.
	MixerRMSEps float64

	// NoMap reads files instead of mapping them. The system ends a program that
	// touches a mapped file which was truncated meanwhile: on Unix by SIGBUS, of which
	// Go's runtime makes "unexpected fault address" and a dump of all goroutines. Windows
	// refuses to truncate a file that is mapped, and ends the program alike only where
	// the file lies on a server that is gone. Reading takes the memory of a tensor, of a
	// GGUF file that of the whole, and more time.
	NoMap bool

	// Adapters are added to the weights in this order, see Adapted; before they are packed.
	Adapters []Adapter

	// Quant, if not 0, is a block type that the matrices are packed as while they
	// are read, see Quantized.
	Quant backend.DType

	// QuantMore, if not 0, is what QuantMix calls More.
	QuantMore backend.DType
}

// Open opens a model by name:
//
//	DIR                       a folder with config.json and model.safetensors,
//	                          or shards and model.safetensors.index.json
//	FILE.gguf                 a GGUF file, see OpenGGUF
//	random:7b                 random weights of a known size, see Preset
//	random:PATH/config.json   random weights for any config
func Open(name string, o Options) (Checkpoint, error) {
	ck, err := openStored(name, o)
	return o.packed(ck, err)
}

// packed is ck with the adapters, and with its matrices as Options.Quant asks. It owns ck.
func (o Options) packed(ck Checkpoint, err error) (Checkpoint, error) {
	if err == nil && len(o.Adapters) > 0 {
		var changed Checkpoint
		if changed, err = Adapted(ck, o.Adapters); err != nil {
			return nil, errors.Join(err, ck.Close())
		}
		ck = changed
	}
	if err != nil || o.Quant == 0 {
		return ck, err
	}
	q, err := quantizedAs(ck, QuantMix{o.Quant, o.QuantMore})
	if err != nil {
		return nil, errors.Join(err, ck.Close())
	}
	return q, nil
}

// A missingError says that nothing has the name of a model: it is an fs.ErrNotExist.
type missingError string

func (e missingError) Error() string        { return string(e) }
func (e missingError) Is(target error) bool { return target == fs.ErrNotExist }

// openStored opens a model as it is stored.
func openStored(name string, o Options) (Checkpoint, error) {
	if spec, ok := strings.CutPrefix(name, "random:"); ok {
		return OpenRandom(spec, o)
	}
	st, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, missingError(fmt.Sprintf("no model at %s: want a GGUF file, or a folder with %s and %s%s",
			name, configFile, weightsFile, neighbour(name)))
	case err != nil:
		return nil, err
	case !st.IsDir() && isGGUF(name):
		return OpenGGUF(name, o)
	case !st.IsDir():
		return nil, fmt.Errorf("%s is a file, but not GGUF: want a GGUF file or the folder that holds %s and %s",
			name, configFile, weightsFile)
	}
	f := &folder{fsys: os.DirFS(name), dir: name, open: openMapped}
	if o.NoMap {
		f.open = openReader
	}
	if err := f.load(); err != nil {
		f.Close()
		return nil, err
	}
	if o.MixerRMSEps != 0 {
		f.config.MixerRMSEps = o.MixerRMSEps
	}
	return f, nil
}

// neighbour says what lies where a model was looked for that has nearly its name.
func neighbour(path string) string {
	dir, base := filepath.Split(filepath.Clean(path))
	entries, _ := os.ReadDir(filepath.Join(dir, "."))
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return nearest.Did(dir, base, names)
}

// OpenFS opens the checkpoint at the root of fsys, such as an embedded one.
// Tensors are copied out of it one at a time.
func OpenFS(fsys fs.FS, o Options) (Checkpoint, error) {
	f := &folder{fsys: fsys, open: openReader}
	if err := f.load(); err != nil {
		f.Close()
		return nil, err
	}
	if o.MixerRMSEps != 0 {
		f.config.MixerRMSEps = o.MixerRMSEps
	}
	return o.packed(f, nil)
}

// path is how errors call a file of the folder.
func (f *folder) path(name string) string { return filepath.Join(f.dir, name) }

// load opens everything and checks that it fits together.
func (f *folder) load() error {
	text, err := f.text(configFile)
	if errors.Is(err, fs.ErrNotExist) {
		return f.noConfig()
	} else if err != nil {
		return err
	}
	if f.config, err = ParseConfig(text); err != nil {
		return fmt.Errorf("%s: %w", f.path(configFile), err)
	}
	switch text, err := f.text(generationFile); {
	case errors.Is(err, fs.ErrNotExist):
		f.generation = defaultGeneration(f.config)
	case err != nil:
		return err
	default:
		if f.generation, err = ParseGenerationConfig(text, f.config); err != nil {
			return fmt.Errorf("%s: %w", f.path(generationFile), err)
		}
	}
	if err := f.openShards(); err != nil {
		return err
	}
	if err := f.check(); err != nil {
		return err
	}
	if text, err := f.text("adapter_config.json"); err == nil {
		f.warnings = append(f.warnings, fmt.Sprintf("a PEFT adapter%s lies beside the model and is not applied: "+
			"name it, as --adapter does, where the model is not merged with it already", adapterOf(text)))
	}
	return nil
}

// text reads a JSON file of the folder.
func (f *folder) text(name string) ([]byte, error) {
	most := int64(maxJSON)
	if name == indexFile {
		most = maxIndex
	}
	text, err := regular.ReadFS(f.fsys, name, most)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", f.path(name), err)
	}
	return text, err
}

// openShards opens model.safetensors, or the shards that the index names.
func (f *folder) openShards() error {
	_, err := fs.Stat(f.fsys, weightsFile)
	if err == nil {
		return f.addShard(weightsFile)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w", f.path(weightsFile), err)
	}
	text, err := f.text(indexFile)
	if errors.Is(err, fs.ErrNotExist) {
		return f.noWeights()
	} else if err != nil {
		return err
	}
	weightMap, err := parseIndex(text)
	if err != nil {
		return fmt.Errorf("%s: %w", f.path(indexFile), err)
	}
	var names []string
	for _, name := range weightMap {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if err := f.addShard(name); err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("%s names %s, which is not there", f.path(indexFile), name)
			}
			return err
		}
	}
	return nil // what the files hold counts
}

// parseIndex reads model.safetensors.index.json: which file holds a tensor.
func parseIndex(text []byte) (map[string]string, error) {
	raw, err := parseObject(text)
	if err != nil {
		return nil, err
	}
	if !given(raw, "weight_map") {
		return nil, errors.New("has no weight_map")
	}
	var weightMap map[string]string
	if err := decode(raw, "weight_map", &weightMap); err != nil {
		return nil, err
	}
	if len(weightMap) == 0 {
		return nil, errors.New("weight_map is empty")
	}
	for _, tensor := range sortedKeys(weightMap) {
		name := weightMap[tensor]
		if !filepath.IsLocal(name) || strings.ContainsAny(name, `/\:`) || name == "." {
			return nil, fmt.Errorf("tensor %q is in %q: want the name of a file in the same folder", tensor, name)
		}
	}
	return weightMap, nil
}
