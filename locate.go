package falconmamba

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"falconmamba/checkpoint"
	"falconmamba/checkpoint/hub"
	"falconmamba/text/tokenizer"
)

// Locate returns the path of a model on this machine: name itself, unless that
// is no file but a model of the Hugging Face hub (ORG/NAME[@REVISION][:FILE]),
// which is downloaded if the cache does not have it.
func Locate(ctx context.Context, name string, o hub.Options) (string, error) {
	return locate(ctx, name, o, hub.Fetch)
}

func locate(ctx context.Context, name string, o hub.Options,
	fetch func(context.Context, string, hub.Options) (string, error)) (string, error) {
	if strings.HasPrefix(name, "random:") {
		return name, nil
	}
	if _, err := os.Lstat(name); err == nil {
		return name, nil
	}
	if _, err := hub.Parse(name); err != nil {
		return name, nil // the error is left to whoever opens the path
	}
	path, err := fetch(ctx, name, o)
	if err != nil {
		return "", fmt.Errorf("no folder or file %s, and as a model of the hub: %w", name, err)
	}
	return path, nil
}

// peek is locate where weights of the hub that the cache does not have may stay there: then it returns files, and no
// path.
func peek(ctx context.Context, name string, o hub.Options,
	fetch func(context.Context, string, hub.Options) (string, *hub.Distant, error)) (path string, files *hub.Distant,
	err error) {
	path, err = locate(ctx, name, o, func(ctx context.Context, name string, o hub.Options) (path string, err error) {
		path, files, err = fetch(ctx, name, o)
		return path, err
	})
	return path, files, err
}

// PeekFiles is OpenFiles for who wants to know what a model is: of one of the hub that the cache does not have, no
// weights are downloaded, but their headers, within ctx.
func PeekFiles(ctx context.Context, name string, o checkpoint.Options, h hub.Options) (checkpoint.Checkpoint, error) {
	if err := locateAdapters(ctx, &o, h); err != nil {
		return nil, err
	}
	path, files, err := peek(ctx, name, h, hub.Peek)
	switch {
	case err != nil:
		return nil, err
	case files == nil:
		return checkpoint.Open(path, o)
	}
	ck, err := openDistant(files, o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return ck, nil
}

// openDistant opens files whose weights are on the hub.
func openDistant(files *hub.Distant, o checkpoint.Options) (checkpoint.Checkpoint, error) {
	if files.GGUF == "" {
		return checkpoint.OpenFS(files, o)
	}
	f, err := files.Open(files.GGUF)
	if err != nil {
		return nil, err
	}
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return checkpoint.OpenGGUFHead(files.GGUF, f.(io.ReaderAt), st.Size(), o)
}

// OpenTokenizer reads a model's tokenizer by name, as Open finds it, and nothing else of the model. Of one of the hub
// that the cache does not have the files of the tokenizer are downloaded, or the header of a GGUF file is read.
func OpenTokenizer(ctx context.Context, name string, h hub.Options) (_ *tokenizer.Tokenizer, err error) {
	path, files, err := peek(ctx, name, h, hub.FetchTokenizer)
	if err != nil {
		return nil, err
	}
	if st, err := os.Stat(path); err == nil && st.IsDir() {
		return tokenizer.Load(os.DirFS(path), ".")
	}
	var ck checkpoint.Checkpoint
	if files != nil {
		ck, err = openDistant(files, checkpoint.Options{})
	} else {
		ck, err = checkpoint.Open(path, checkpoint.Options{})
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, ck.Close()) }()
	if ck.Files() == nil {
		return nil, fmt.Errorf("%s has no tokenizer", name)
	}
	return tokenizer.Load(ck.Files(), ".")
}

// LocateAdapter returns the folder of a LoRA adapter on this machine: name itself, unless that is no folder but one of
// the Hugging Face hub (ORG/NAME[@REVISION]), which is downloaded if the cache does not have it.
func LocateAdapter(ctx context.Context, name string, o hub.Options) (string, error) {
	if _, err := os.Lstat(name); err == nil {
		return name, nil
	}
	if _, err := hub.Parse(name); err != nil {
		return name, nil // the error is left to whoever opens the path
	}
	path, err := hub.FetchAdapter(ctx, name, o)
	if err != nil {
		return "", fmt.Errorf("no folder %s, and as an adapter of the hub: %w", name, err)
	}
	return path, nil
}

// OpenFiles opens the files of a model by name, as Open does, without loading it. The paths of adapters may be names of
// the hub, see LocateAdapter.
func OpenFiles(ctx context.Context, name string, o checkpoint.Options, h hub.Options) (checkpoint.Checkpoint, error) {
	path, err := Locate(ctx, name, h)
	if err != nil {
		return nil, err
	}
	if err := locateAdapters(ctx, &o, h); err != nil {
		return nil, err
	}
	return checkpoint.Open(path, o)
}

// OpenFilesFS is OpenFiles for a model at the root of a file system.
func OpenFilesFS(ctx context.Context, fsys fs.FS, o checkpoint.Options, h hub.Options) (checkpoint.Checkpoint, error) {
	if err := locateAdapters(ctx, &o, h); err != nil {
		return nil, err
	}
	return checkpoint.OpenFS(fsys, o)
}

// locateAdapters makes folders of the names of adapters.
func locateAdapters(ctx context.Context, o *checkpoint.Options, h hub.Options) (err error) {
	o.Adapters = slices.Clone(o.Adapters)
	for i := range o.Adapters {
		if o.Adapters[i].Path, err = LocateAdapter(ctx, o.Adapters[i].Path, h); err != nil {
			return err
		}
	}
	return nil
}
