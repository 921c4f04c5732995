package peft

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"falconmamba/checkpoint/safetensors"
	"falconmamba/internal/regular"
)

// Files of an adapter.
const (
	configFile  = "adapter_config.json"
	weightsFile = "adapter_model.safetensors"
	pickleFile  = "adapter_model.bin"
)

// An Adapter is an open one. Its methods but Close may be called by several goroutines at once.
type Adapter struct {
	Base     string    // the model that it was trained on, as the config calls it; may be empty
	Products []Product // by module
	Whole    []Whole   // by name

	config *config
	path   string // of the file with the numbers
	file   *os.File
}

// A Product is what is added to one matrix.
type Product struct {
	Module     string // of the model: "backbone.layers.0.mixer.in_proj"
	Rows, Cols int    // of the matrix
	Rank       int    // of the product

	embedding bool // its factors are stored transposed
	a, b      safetensors.Tensor
}

// A Whole is a tensor that takes the place of one of the model's.
type Whole struct {
	Name  string // "lm_head.weight"
	Shape []int  // not to be changed

	tensor safetensors.Tensor
}

// maxRank bounds the rank of a product whose matrix has fewer rows or columns, so that its factors take no more
// memory than a matrix would.
const maxRank = 1 << 10

// Open opens the adapter in the folder dir. Its numbers are read when they are asked for.
func Open(dir string) (*Adapter, error) {
	st, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, missing(fmt.Sprintf("no adapter at %s: want a folder with %s and %s", dir, configFile, weightsFile))
	case err != nil:
		return nil, err
	case !st.IsDir():
		return nil, fmt.Errorf("%s is a file: want the folder of an adapter, with %s and %s",
			dir, configFile, weightsFile)
	}
	at := filepath.Join(dir, configFile)
	text, err := regular.Read(at, maxConfig)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, missing(fmt.Sprintf("no %s: not the folder of a PEFT adapter", at))
	case err != nil:
		return nil, fmt.Errorf("%s: %w", at, err)
	}
	a := &Adapter{path: filepath.Join(dir, weightsFile)}
	if a.config, err = parseConfig(text); err != nil {
		return nil, fmt.Errorf("%s: %w", at, err)
	}
	if a.Base = a.config.Base; strings.ContainsFunc(a.Base, unprintable) {
		a.Base = strconv.Quote(a.Base)
	}
	if err := a.open(); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// missing says that there is no adapter where one should be.
type missing string

func (e missing) Error() string        { return string(e) }
func (e missing) Is(target error) bool { return target == fs.ErrNotExist }

// open opens the file of numbers and pairs what is in it.
func (a *Adapter) open() (err error) {
	a.file, err = regular.Open(a.path)
	if errors.Is(err, fs.ErrNotExist) {
		return a.noWeights()
	} else if err != nil {
		return err
	}
	st, err := a.file.Stat()
	if err != nil {
		return err
	}
	h, err := safetensors.ReadHeader(a.file, st.Size())
	if err == nil {
		err = a.pair(h.Tensors)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", a.path, err)
	}
	return nil
}

func (a *Adapter) noWeights() error {
	pickle := filepath.Join(filepath.Dir(a.path), pickleFile)
	if _, err := os.Lstat(pickle); err == nil {
		return fmt.Errorf("%s: an adapter in pickle form is not read: load it with PEFT, and save it with "+
			"safe_serialization=True", pickle)
	}
	return fmt.Errorf("no %s beside %s", a.path, configFile)
}

// pair makes products of the tensors of a file.
func (a *Adapter) pair(tensors []safetensors.Tensor) error {
	products := map[string]*Product{}
	whole := map[string]Whole{}
	for _, t := range tensors {
		switch {
		case strings.ContainsFunc(t.Name, unprintable):
			return fmt.Errorf("tensor %.100q: its name has characters that cannot be shown: no model has such a one",
				t.Name)
		case wordSizes[t.DType] == 0:
			return fmt.Errorf("tensor %.100q is stored as %s: want F32, F16 or BF16", t.Name, t.DType)
		}
		module, part, embedding := split(t.Name)
		switch part {
		case "":
			if strings.Contains(t.Name, ".lora_") {
				return fmt.Errorf("tensor %.100q is no part of LoRA's formula that is known here: %s",
					t.Name, "merge the adapter into its model with PEFT (merge_and_unload), and save that")
			}
			name := wholeName(t.Name)
			if _, twice := whole[name]; twice {
				return fmt.Errorf("tensor %.100q is there twice, under several names", name)
			}
			whole[name] = Whole{Name: name, Shape: t.Shape, tensor: t}
			continue
		case "magnitude":
			return fmt.Errorf("tensor %.100q is of DoRA, which is not read: merge the adapter into its model with "+
				"PEFT (merge_and_unload), and save that", t.Name)
		}
		if len(t.Shape) != 2 {
			return fmt.Errorf("tensor %.100q has shape %v: want a matrix; layers of other kinds are not adapted here",
				t.Name, t.Shape)
		}
		p := products[module]
		if p == nil {
			p = &Product{Module: module, embedding: embedding}
			products[module] = p
		}
		to := &p.a
		if part == "B" {
			to = &p.b
		}
		if to.Name != "" || p.embedding != embedding {
			return fmt.Errorf("tensors %.100q and %.100q are of one factor",
				cmp.Or(to.Name, p.a.Name, p.b.Name), t.Name)
		}
		*to = t
	}
	for _, p := range products {
		if err := p.complete(); err != nil {
			return err
		}
		a.Products = append(a.Products, *p)
	}
	for _, w := range whole {
		a.Whole = append(a.Whole, w)
	}
	slices.SortFunc(a.Products, func(x, y Product) int { return cmp.Compare(x.Module, y.Module) })
	slices.SortFunc(a.Whole, func(x, y Whole) int { return cmp.Compare(x.Name, y.Name) })
	if len(a.Products)+len(a.Whole) == 0 {
		return errors.New("has no tensors: an adapter that changes nothing")
	}
	return nil
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) }

// split returns the module that a tensor is of, and which factor it is: A or B, "magnitude" of DoRA, or nothing.
func split(name string) (module, part string, embedding bool) {
	name = strings.TrimPrefix(name, "base_model.model.")
	for _, s := range []struct {
		suffix, part string
		embedding    bool
	}{
		{".lora_A.weight", "A", false}, {".lora_B.weight", "B", false},
		{".lora_embedding_A", "A", true}, {".lora_embedding_B", "B", true},
	} {
		if module, ok := strings.CutSuffix(name, s.suffix); ok {
			return module, s.part, s.embedding
		}
	}
	if strings.Contains(name, ".lora_magnitude_vector") {
		return "", "magnitude", false
	}
	return "", "", false
}

// wholeName is what the model calls a tensor that an adapter has whole.
func wholeName(name string) string {
	name = strings.TrimPrefix(name, "base_model.model.")
	for _, wrap := range []string{".base_layer", ".modules_to_save.default", ".modules_to_save"} {
		if i := strings.LastIndexByte(name, '.'); i >= 0 && strings.HasSuffix(name[:i], wrap) {
			name = strings.TrimSuffix(name[:i], wrap) + name[i:]
		}
	}
	return name
}

// complete checks that the factors of a product fit, and finds its sizes.
func (p *Product) complete() error {
	switch {
	case p.a.Name == "":
		return fmt.Errorf("tensor %.100q has no A beside it: the adapter is not whole", p.b.Name)
	case p.b.Name == "":
		return fmt.Errorf("tensor %.100q has no B beside it: the adapter is not whole", p.a.Name)
	case p.a.Shape[0] != p.b.Shape[1]:
		return fmt.Errorf("%.100s has A %v and B %v: their ranks differ", p.Module, p.a.Shape, p.b.Shape)
	}
	p.Rank, p.Rows, p.Cols = p.a.Shape[0], p.b.Shape[0], p.a.Shape[1]
	if p.embedding {
		p.Rows, p.Cols = p.Cols, p.Rows
	}
	if most := max(maxRank, min(p.Rows, p.Cols)); p.Rank < 1 || p.Rank > most {
		return fmt.Errorf("%.100s has rank %d, of a matrix of %d × %d: want 1 to %d",
			p.Module, p.Rank, p.Rows, p.Cols, most)
	}
	return nil
}

// Scale returns what a product is multiplied by, or how its rank contradicts the config. It tries patterns, which takes
// time where they are many: ask for it where the model has the module.
func (a *Adapter) Scale(p *Product) (float64, error) {
	scale, err := a.config.scale(p.Module, p.Rank)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", a.path, err)
	}
	return scale, nil
}

// Path is where the numbers are, for errors.
func (a *Adapter) Path() string { return a.path }

// Asks reports whether target_modules, with what narrows it, asks for a module by the name that PEFT has for it. An
// expression that is not understood asks for nothing; nor does all-linear, which PEFT saves as a list.
func (a *Adapter) Asks(module string) bool { return a.config.asks(module) }

// Ties reports whether the adapter says that what it adds to the embedding is added to a tied head too.
func (a *Adapter) Ties() bool { return a.config.TieWeights }

// Close closes the file.
func (a *Adapter) Close() error {
	if a.file == nil {
		return nil
	}
	return a.file.Close()
}
