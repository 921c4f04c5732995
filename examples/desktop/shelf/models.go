// Package shelf finds the models and the devices that there are to choose from.
package shelf

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"falconmamba"
	"falconmamba/checkpoint"
	"falconmamba/checkpoint/hub"
)

// A Model is one that can be opened.
type Model struct {
	Name  string // what falconmamba.Open takes; "" is the one that is part of the program
	Label string
	About string // its size
}

// Embedded is the model that is part of the program.
var Embedded = Model{Label: "Shakespeare", About: "small, part of this program"}

// Models returns the embedded model, what the cache of the Hugging Face hub has, and what lies in folders: models, or
// folders of models. Nothing is downloaded, and what is no Mamba model is left out; errors say why a folder, or the
// cache, could not be read.
func Models(ctx context.Context, folders []string, cache hub.Options) ([]Model, error) {
	list := []Model{Embedded}
	var errs []error
	cached, err := hub.List(cache)
	if err != nil {
		errs = append(errs, err)
	}
	for _, c := range cached {
		for _, r := range c.Revisions {
			for _, name := range within(r.Folder) {
				list = add(ctx, list, name, c.Name)
			}
		}
	}
	for _, f := range folders {
		if _, err := os.Stat(f); err != nil {
			errs = append(errs, err)
			continue
		}
		for _, name := range within(f) {
			list = add(ctx, list, name, "")
		}
		below, _ := filepath.Glob(filepath.Join(escape(f), "*"))
		for _, d := range below {
			if info, err := os.Stat(d); err == nil && info.IsDir() {
				for _, name := range within(d) {
					list = add(ctx, list, name, "")
				}
			}
		}
	}
	return list, errors.Join(errs...)
}

// escape makes a path a pattern that matches it alone.
func escape(path string) string {
	if filepath.Separator == '\\' {
		return path // Windows has no escapes, and no *, ? in names
	}
	return strings.NewReplacer("*", `\*`, "?", `\?`, "[", `\[`, `\`, `\\`).Replace(path)
}

// within returns what could be a model: path itself, or the GGUF files in that folder.
func within(path string) (names []string) {
	info, err := os.Stat(path)
	if err != nil {
		return nil
	}
	if !info.IsDir() {
		return []string{path}
	}
	if _, err := os.Stat(filepath.Join(path, "config.json")); err == nil || !errors.Is(err, fs.ErrNotExist) {
		names = append(names, path)
	}
	files, _ := os.ReadDir(path)
	for _, f := range files {
		if strings.EqualFold(filepath.Ext(f.Name()), ".gguf") && !laterPart(f.Name()) {
			names = append(names, filepath.Join(path, f.Name()))
		}
	}
	return names
}

// laterPart reports whether a file is a part of a split model that is not its first.
func laterPart(name string) bool {
	var part, of int
	at := strings.LastIndex(name, "-of-")
	if at < 6 {
		return false
	}
	n, _ := fmt.Sscanf(name[at-6:], "-%05d-of-%05d", &part, &of)
	return n == 2 && part > 1
}

// add appends the model of a path, if it is one that is not there yet. Its header is read, no weights.
func add(ctx context.Context, list []Model, path, name string) []Model {
	if slices.ContainsFunc(list, func(m Model) bool { return m.Name == path }) {
		return list
	}
	ck, err := falconmamba.OpenFiles(ctx, path, checkpoint.Options{}, hub.Options{Offline: true})
	if err != nil {
		return list
	}
	defer ck.Close()
	var bytes int64
	for _, t := range ck.Tensors() {
		bytes += t.Bytes
	}
	file := filepath.Base(path)
	switch {
	case name == "":
		name = file
	case strings.EqualFold(filepath.Ext(file), ".gguf"):
		name += ":" + file
	}
	return append(list, Model{path, name, fmt.Sprintf("%d layers, %s", ck.Config().NumHiddenLayers, size(bytes))})
}

// size writes bytes for people.
func size(bytes int64) string {
	const mega = 1e6
	if bytes < 1000*mega {
		return fmt.Sprintf("%.1f MB", float64(bytes)/mega)
	}
	return fmt.Sprintf("%.1f GB", float64(bytes)/mega/1000)
}
