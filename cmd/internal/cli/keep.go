package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"falconmamba"
	"falconmamba/checkpoint"
	"falconmamba/checkpoint/gguf"
	"falconmamba/internal/disk"
	"falconmamba/internal/quantity"
)

// keepQuant returns the GGUF file that --keep-quant has of the model as o packs it, and writes it if it is not there.
// Its name has the fingerprint of what it was made of: another revision of a model, or other adapters, have another
// file.
func (f *ModelFlags) keepQuant(ctx context.Context, program string, stderr io.Writer,
	o *falconmamba.Options) (path string, err error) {
	dir, err := keptDir()
	if err != nil {
		return "", fmt.Errorf("--keep-quant: %w", err)
	}
	stored := o.Checkpoint
	stored.Quant, stored.QuantMore = 0, 0
	ck, err := OpenCheckpoint(ctx, f.Model, stored, o.Hub)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, ck.Close()) }()
	print, err := checkpoint.Fingerprint(ck)
	if err != nil {
		return "", err
	}
	path = filepath.Join(dir, fmt.Sprintf("%s-%s%s", print, f.Quant, keptSuffix))
	if st, err := os.Stat(path); err == nil && st.Mode().IsRegular() {
		return path, nil
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", fmt.Errorf("--keep-quant: %w", err)
	}
	packed, err := checkpoint.Quantized(ck, o.Checkpoint.Quant)
	if err != nil {
		return "", err
	}
	var size int64
	for _, s := range checkpoint.Summarize(packed.Tensors()) {
		size += s.Bytes
	}
	if free, ok := disk.Free(dir); ok && uint64(size) > free {
		return "", fmt.Errorf("--keep-quant: %v are to be kept in %s, where %v are free: leave it out",
			quantity.Bytes(size), dir, quantity.Bytes(free))
	}
	p := NewProgress(stderr, "packing")
	_, err = checkpoint.WriteGGUF(ctx, path, ck, checkpoint.GGUFOptions{Type: o.Checkpoint.Quant,
		More: o.Checkpoint.QuantMore, Name: ModelName(f.Model), Progress: p.Bytes})
	p.Done()
	if err != nil && !errors.Is(err, fs.ErrExist) { // another process was faster
		return "", err
	}
	fmt.Fprintf(stderr, "%s: kept as %s\n", program, path)
	return path, nil
}

// keptSuffix ends the names of files that --keep-quant has written.
const keptSuffix = ".gguf"

// keptDir is the folder of these files.
func keptDir() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no folder for caches: %w", err)
	}
	return filepath.Join(cache, "falconmamba", "quant"), nil
}

// A Kept is a file that --keep-quant has written.
type Kept struct {
	Name  string // of the file, without what it ends with: the fingerprint of the model and the type
	Path  string
	Model string // what it was made of, as the file says; may be empty
	Bytes int64
	Made  time.Time
}

// KeptQuants returns the files of --keep-quant, by name.
func KeptQuants() (all []Kept, err error) {
	dir, err := keptDir()
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), keptSuffix)
		info, infoErr := e.Info()
		if !ok || infoErr != nil || !info.Mode().IsRegular() {
			continue
		}
		k := Kept{Name: name, Path: filepath.Join(dir, e.Name()), Bytes: info.Size(), Made: info.ModTime()}
		if f, err := gguf.Open(k.Path); err == nil {
			if v, ok := f.Key("general.name"); ok {
				k.Model, _ = v.Text()
			}
			err = f.Close()
			if err != nil {
				return nil, err
			}
		}
		all = append(all, k)
	}
	return all, err
}

// FindKept returns the file of --keep-quant whose name begins so.
func FindKept(begin string) (Kept, error) {
	all, err := KeptQuants()
	if err != nil {
		return Kept{}, err
	}
	var found []Kept
	for _, k := range all {
		if k.Name == begin {
			return k, nil
		}
		if begin != "" && strings.HasPrefix(k.Name, begin) {
			found = append(found, k)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return Kept{}, fmt.Errorf("%s is neither ORG/NAME nor a file of --keep-quant: fmgen models lists what there is",
			begin)
	}
	return Kept{}, fmt.Errorf("%s begins the names of %d files of --keep-quant: want one", begin, len(found))
}
