package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"falconmamba"
	"falconmamba/checkpoint"
	"falconmamba/internal/disk"
	"falconmamba/internal/quantity"
)

// keepQuant returns the GGUF file that --keep-quant has of the model as o packs it, and writes it if it is not there.
// Its name has the fingerprint of what it was made of: another revision of a model, or other adapters, have another.
func (f *ModelFlags) keepQuant(ctx context.Context, program string, stderr io.Writer,
	o *falconmamba.Options) (path string, err error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("--keep-quant: no folder for caches: %w", err)
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
	dir := filepath.Join(cache, "falconmamba", "quant")
	path = filepath.Join(dir, fmt.Sprintf("%s-%s.gguf", print, f.Quant))
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
