package checkpoint

import (
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"falconmamba/backend"
	"falconmamba/backend/quant"
	"falconmamba/checkpoint/peft"
	"falconmamba/internal/nearest"
)

// An Adapter is a LoRA adapter in PEFT's form that is added to a model's weights.
type Adapter struct {
	Path  string  // of the folder with adapter_config.json and adapter_model.safetensors
	Scale float64 // what it is multiplied by, beside its own scale; 0 is 1
}

// ParseAdapter reads NAME or NAME=SCALE, where NAME is a folder, or ORG/NAME of the hub. A folder may have an equals
// sign in its name.
func ParseAdapter(text string) (Adapter, error) {
	a := Adapter{Path: text, Scale: 1}
	_, err := os.Lstat(text)
	if i := strings.LastIndexByte(text, '='); i >= 0 && err != nil {
		a.Path = text[:i]
		a.Scale, err = strconv.ParseFloat(text[i+1:], 64)
		if err != nil || math.IsNaN(a.Scale) || math.IsInf(a.Scale, 0) || a.Scale == 0 {
			return a, fmt.Errorf("%.200s: want NAME or NAME=SCALE, with a scale such as 0.5, and not 0", text)
		}
	}
	if a.Path == "" {
		return a, fmt.Errorf("%q: want the folder of an adapter, or its name in the hub", text)
	}
	return a, nil
}

// Adapted returns ck with adapters added to its matrices, one by one as they are read: in float32, and rounded once to
// the type that the matrix has. What is stored in blocks is unpacked for it and packed again. Where nothing is added,
// tensors stay where they are.
//
// An adapter must fit: every part of it belongs to a tensor of the model, of the same shape, and every module that its
// config names is in it. Where the head is tied to the embedding, and only one of them is changed or each in its own
// way, the head becomes a tensor of its own: this is what PEFT computes before it merges.
//
// Closing what is returned closes ck.
func Adapted(ck Checkpoint, adapters []Adapter) (Checkpoint, error) {
	a := &adapted{Checkpoint: ck, config: ck.Config(), changes: map[string]*change{}}
	for _, one := range adapters {
		if err := a.add(one); err != nil {
			return nil, errors.Join(err, a.closeAdapters())
		}
	}
	a.finish()
	return a, nil
}

// adapted is a checkpoint seen through its adapters.
type adapted struct {
	Checkpoint
	config   *Config
	adapters []scaledAdapter
	changes  map[string]*change // by the name of the tensor
	tensors  []TensorInfo
	byName   map[string]int
	notes    []string
	mapped   bool // most of the files is used as it lies
}

type scaledAdapter struct {
	*peft.Adapter
	scale float64
}

// A change says what a tensor becomes.
type change struct {
	from    string // of the checkpoint: another one for a head that was tied
	whole   *peft.Whole
	wholeOf *peft.Adapter
	terms   []term // added, in this order
}

type term struct {
	*peft.Product
	of    *peft.Adapter
	scale float32
}

const (
	embeddingName = "backbone.embeddings.weight"
	headName      = "lm_head.weight"
)

// add opens an adapter and finds the tensors that it changes.
func (a *adapted) add(o Adapter) error {
	scale := o.Scale
	if scale == 0 {
		scale = 1
	}
	if math.IsNaN(scale) || math.Abs(scale) > 1e6 {
		return fmt.Errorf("adapter %s at scale %g: want a number such as 0.5 or 1", o.Path, scale)
	}
	files, err := peft.Open(o.Path)
	if err != nil {
		return err
	}
	a.adapters = append(a.adapters, scaledAdapter{files, scale})
	counts, seen := map[string]int{}, map[string]bool{}
	for i := range files.Products {
		p := &files.Products[i]
		name := canonical(p.Module + ".weight")
		if err := a.fits(files, name, p.Module, []int{p.Rows, p.Cols}); err != nil {
			return err
		}
		if seen[name] {
			return fmt.Errorf("%s: adapts %s twice, under several names", files.Path(), name)
		}
		seen[name] = true
		own, err := files.Scale(p)
		if err != nil {
			return err
		}
		factor := own * scale
		if math.Abs(factor) > math.MaxFloat32 {
			return fmt.Errorf("%s: %s would be multiplied by %g, at the scale of %g: want a smaller one",
				files.Path(), p.Module, factor, scale)
		}
		c := a.change(name)
		c.terms = append(c.terms, term{p, files, float32(factor)})
		counts[part(name)]++
	}
	for i := range files.Whole {
		w := &files.Whole[i]
		name := canonical(w.Name)
		if err := a.fits(files, name, w.Name, w.Shape); err != nil {
			return err
		}
		// PEFT saves the embedding and the head too where it adapts one of them, as they were.
		if same, err := a.same(files, name, w); err != nil {
			return err
		} else if same {
			continue
		}
		switch c := a.changes[name]; {
		case c != nil && c.whole != nil:
			return fmt.Errorf("%s: tensor %s takes the place of the model's, which another adapter does already",
				files.Path(), w.Name)
		case scale != 1:
			return fmt.Errorf("%s: tensor %s takes the place of the model's, so there is no scale but 1 for the "+
				"adapter, and %g was asked for", files.Path(), w.Name, scale)
		}
		c := a.change(name)
		c.whole, c.wholeOf = w, files
		counts[part(name)+" (whole)"]++
	}
	if len(counts) == 0 {
		return fmt.Errorf("%s: changes nothing: its tensors are the model's own", files.Path())
	}
	if err := a.lacks(files, seen); err != nil {
		return err
	}
	ends := counts[part(headName)] + counts[part(embeddingName)] +
		counts[part(headName)+" (whole)"] + counts[part(embeddingName)+" (whole)"]
	if files.Ties() && a.config.Tied() && ends > 0 {
		return fmt.Errorf("%s: ensure_weight_tying, for a head that is tied to the embedding, is not read: "+
			"merge the adapter into its model with PEFT (merge_and_unload), and save that", files.Path())
	}
	a.notes = append(a.notes, describe(o.Path, files.Base, scale, counts))
	return nil
}

// change returns what becomes of a tensor.
func (a *adapted) change(name string) *change {
	if a.changes[name] == nil {
		a.changes[name] = &change{from: name}
	}
	return a.changes[name]
}

// fits reports how a part of an adapter, which it calls so, has no tensor of the model that it belongs to.
func (a *adapted) fits(files *peft.Adapter, name, called string, shape []int) error {
	info, ok := a.Checkpoint.Lookup(name)
	if name == headName && !ok {
		info, ok = a.Checkpoint.Lookup(embeddingName)
	}
	switch {
	case !ok:
		var names []string
		for _, t := range a.Checkpoint.Tensors() {
			names = append(names, strings.TrimSuffix(t.Name, ".weight"))
		}
		return fmt.Errorf("%s: %.100s is no part of the model%s", files.Path(), called,
			nearest.Did("", strings.TrimSuffix(called, ".weight"), names))
	case !slices.Equal(info.Shape, shape):
		return fmt.Errorf("%s: %.100s is for a tensor of %v, the model's has %v: the adapter is of another model%s",
			files.Path(), called, shape, info.Shape, ofBase(files.Base))
	}
	return nil
}

// same reports whether a whole tensor is the model's own. One that the model has in blocks never is.
func (a *adapted) same(files *peft.Adapter, name string, w *peft.Whole) (bool, error) {
	info, ok := a.Checkpoint.Lookup(name)
	if !ok {
		info, _ = a.Checkpoint.Lookup(embeddingName)
	}
	if info.Type.Block() > 1 {
		return false, nil
	}
	own, theirs := make([]float32, mergeSpan), make([]float32, mergeSpan)
	for at := 0; at < int(info.Elements()); at += len(own) {
		n := min(len(own), int(info.Elements())-at)
		own, theirs = own[:n], theirs[:n]
		p := quant.Packed{Type: info.Type, Data: make([]byte, info.Type.RowBytes(n))}
		if err := a.Checkpoint.ReadAt(info.Name, p.Data, info.Type.RowBytes(at)); err != nil {
			return false, err
		}
		if err := p.Decode(own, 0); err != nil {
			return false, err
		}
		if err := files.ReadWhole(theirs, w, at); err != nil {
			return false, err
		}
		if !slices.Equal(own, theirs) {
			return false, nil
		}
	}
	return true, nil
}

func ofBase(base string) string {
	if base == "" {
		return ""
	}
	return fmt.Sprintf(", which it calls %.100s", base)
}

// lacks refuses an adapter that has not all that its config asks for; it adapts the tensors of those names. An adapter
// of the model without a head calls modules otherwise: layers.0.mixer.in_proj.
func (a *adapted) lacks(files *peft.Adapter, adapts map[string]bool) error {
	var lacking []string
	lack := func(name string) {
		if module := strings.TrimSuffix(name, ".weight"); !adapts[name] && files.Asks(module) {
			lacking = append(lacking, module)
		}
	}
	for _, t := range a.Checkpoint.Tensors() {
		if isMatrix(t.Name) {
			lack(t.Name)
		}
	}
	if a.config.Tied() {
		lack(headName)
	}
	if len(lacking) > 0 {
		return fmt.Errorf("%s: has nothing for %s%s, which its config names under target_modules: "+
			"the adapter is not whole", files.Path(), lacking[0], andMore(len(lacking)-1))
	}
	return nil
}

// describe says what an adapter changes, for people.
func describe(path, base string, scale float64, counts map[string]int) string {
	var parts []string
	for _, name := range sortedKeys(counts) {
		parts = append(parts, fmt.Sprintf("%d %s", counts[name], name))
	}
	if base != "" {
		base = fmt.Sprintf(" (of %.100s)", base)
	}
	return fmt.Sprintf("adapter %s%s at scale %g is added to %s", path, base, scale, strings.Join(parts, ", "))
}

// finish lists the tensors, and says what follows from the changes.
func (a *adapted) finish() {
	a.untie()
	a.tensors = slices.Clone(a.Checkpoint.Tensors())
	if c, untied := a.changes[headName]; untied && c.from != headName {
		info, _ := a.Checkpoint.Lookup(embeddingName)
		info.Name = headName
		a.tensors = append(a.tensors, info)
	}
	a.byName = map[string]int{}
	repacked := map[backend.DType]int{}
	var total, changed int64
	for i, t := range a.tensors {
		a.byName[t.Name] = i
		total += t.Bytes
		if a.merges(t.Name) {
			changed += t.Bytes
			if t.Type.Block() > 1 {
				repacked[t.Type]++
			}
		}
	}
	a.mapped = changed <= total/2
	for t := backend.F32; t.Valid(); t++ {
		if n := repacked[t]; n > 0 {
			a.notes = append(a.notes, fmt.Sprintf("%d matrices of %v were unpacked, adapted, and packed again, "+
				"which loses a little more: adapt the unquantised model where there is one", n, t))
		}
	}
}

// untie makes the head a tensor of its own where it was the embedding and one of them is changed.
func (a *adapted) untie() {
	head, embedding := a.changes[headName], a.changes[embeddingName]
	if !a.config.Tied() || head == nil && embedding == nil {
		return
	}
	a.change(headName).from = embeddingName
	own, tied := *a.config, false
	own.TieWordEmbeddings = &tied
	a.config = &own
	what := "the embedding and the head, each in its own way"
	switch {
	case head == nil:
		what = "the embedding alone"
	case embedding == nil:
		what = "the head alone"
	}
	a.notes = append(a.notes, "the head was tied to the embedding, and the adapters change "+what+
		": the head is a tensor of its own now, as PEFT computes before it merges")
}

func (a *adapted) Config() *Config       { return a.config }
func (a *adapted) Tensors() []TensorInfo { return a.tensors }
func (a *adapted) Notes() []string       { return append(slices.Clone(Notes(a.Checkpoint)), a.notes...) }

func (a *adapted) Lookup(name string) (TensorInfo, bool) {
	i, ok := a.byName[name]
	if !ok {
		return TensorInfo{}, false
	}
	return a.tensors[i], true
}

// Mappings offers the files to a device only where most of them is used as it lies: what
// is read once should not stay in memory.
func (a *adapted) Mappings() [][]byte {
	if !a.mapped {
		return nil
	}
	return a.Checkpoint.Mappings()
}

func (a *adapted) Close() error { return errors.Join(a.closeAdapters(), a.Checkpoint.Close()) }

func (a *adapted) closeAdapters() error {
	var errs []error
	for _, one := range a.adapters {
		errs = append(errs, one.Close())
	}
	return errors.Join(errs...)
}
