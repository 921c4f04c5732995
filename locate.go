package falconmamba

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"falconmamba/checkpoint"
	"falconmamba/checkpoint/hub"
)

// Locate returns the path of a model on this machine: name itself, unless that
// is no file but a model of the Hugging Face hub (ORG/NAME[@REVISION][:FILE]),
// which is downloaded if the cache does not have it.
func Locate(ctx context.Context, name string, o hub.Options) (string, error) {
	return locate(ctx, name, o, hub.Fetch)
}

// LocateTokenizer is Locate where the tokenizer alone is wanted: of a model of the hub no weights are downloaded, but
// for a GGUF file, which has it within. What it returns may be a folder that has a tokenizer and nothing else.
func LocateTokenizer(ctx context.Context, name string, o hub.Options) (string, error) {
	return locate(ctx, name, o, hub.FetchTokenizer)
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
