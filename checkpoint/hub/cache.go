package hub

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"falconmamba/internal/disk"
	"falconmamba/internal/regular"
)

// Files of a model.
const (
	configFile    = "config.json"
	tokenizerFile = "tokenizer.json"
	weightsFile   = "model.safetensors"
	indexFile     = "model.safetensors.index.json"
)

// tokenizerFiles are those of a model's tokenizer, the one without which there is none last.
var tokenizerFiles = []string{"tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
	"chat_template.jinja", tokenizerFile}

// companions are the small files of a model, wanted where a repository has them.
var companions = append([]string{configFile, "generation_config.json"}, tokenizerFiles...)

// adapterFiles are those of an adapter, the weights last.
var adapterFiles = []string{"adapter_config.json", "adapter_model.safetensors"}

// A repository is one model's folder in the cache, or an adapter's, or a model's of which the tokenizer is wanted.
type repository struct {
	Name
	cache              string
	adapter, tokenizer bool
}

func (r repository) dir() string             { return filepath.Join(r.cache, r.folder()) }
func (r repository) blob(hash string) string { return filepath.Join(r.dir(), "blobs", hash) }
func (r repository) lock(hash string) string {
	return filepath.Join(r.cache, ".locks", r.folder(), hash+".lock")
}
func (r repository) snapshot(c string) string { return filepath.Join(r.dir(), "snapshots", c) }
func (r repository) ref() string {
	return filepath.Join(r.dir(), "refs", filepath.FromSlash(r.Revision))
}

// commit returns the commit that the cache has for the revision, or nothing.
func (r repository) commit() string {
	if isHex(r.Revision, 40) {
		return r.Revision
	}
	text, err := regular.Read(r.ref(), 4096)
	if c := strings.TrimSpace(string(text)); err == nil && isHex(c, 40) {
		return c
	}
	return ""
}

// find returns the model's path if the cache has all of it. With lax, what the
// model cannot do without is enough.
func (r repository) find(commit string, lax bool) (string, bool) {
	if commit == "" {
		return "", false
	}
	dir := r.snapshot(commit)
	if r.adapter {
		return dir, isFile(filepath.Join(dir, adapterFiles[0])) && isFile(filepath.Join(dir, adapterFiles[1]))
	}
	if r.tokenizer && isFile(filepath.Join(dir, tokenizerFile)) {
		return dir, true
	}
	if r.File == "" && isFile(filepath.Join(dir, configFile)) &&
		(lax || isFile(filepath.Join(dir, tokenizerFile))) && hasWeights(dir) {
		return dir, true
	}
	if r.File != "" && strings.HasSuffix(strings.ToLower(r.File), ggufExt) {
		p := filepath.Join(dir, filepath.FromSlash(r.File))
		return p, areFiles(parts(p))
	}
	// Whether a file is the only one, only the server knows, unless it is named.
	if r.File == "" && !lax {
		return "", false
	}
	var found []string
	fs.WalkDir(os.DirFS(dir), ".", func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(strings.ToLower(p), ggufExt) && (r.File == "" || r.picks(p)) {
			found = append(found, filepath.Join(dir, filepath.FromSlash(p)))
		}
		return nil
	})
	if len(found) > 1 {
		found = firsts(found)
	}
	if len(found) == 1 && areFiles(parts(found[0])) {
		return found[0], true
	}
	return "", false
}

// hasWeights reports whether all safetensors files of a folder are there.
func hasWeights(dir string) bool {
	if isFile(filepath.Join(dir, weightsFile)) {
		return true
	}
	shards, err := readIndex(filepath.Join(dir, indexFile))
	return err == nil && !slices.ContainsFunc(shards, func(s string) bool { return !isFile(filepath.Join(dir, s)) })
}

// maxIndex bounds an index file, in bytes: 60,000 tensors, far more than a model has.
const maxIndex = 8 << 20

// readIndex returns the files that an index names.
func readIndex(file string) ([]string, error) {
	text, err := regular.Read(file, maxIndex)
	if err != nil {
		return nil, err
	}
	shards, err := parseIndex(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return shards, nil
}

func parseIndex(text []byte) ([]string, error) {
	var index struct {
		WeightMap map[string]string `json:"weight_map"`
	}
	if err := json.Unmarshal(text, &index); err != nil {
		return nil, err
	}
	var shards []string
	for tensor, name := range index.WeightMap {
		if !local(name) || path.Base(name) != name {
			return nil, fmt.Errorf("tensor %.60q is in %.60q: want the name of a file in the same folder", tensor, name)
		}
		shards = append(shards, name)
	}
	if len(shards) == 0 {
		return nil, errors.New("weight_map names no files")
	}
	slices.Sort(shards)
	return slices.Compact(shards), nil
}

func areFiles(paths []string) bool {
	return !slices.ContainsFunc(paths, func(p string) bool { return !isFile(p) })
}

// isFile follows links. A file without contents is what a full disk or a lost write has left: no
// file that is looked for is empty.
func isFile(p string) bool {
	st, err := os.Stat(p)
	return err == nil && st.Mode().IsRegular() && st.Size() > 0
}

// published counts the calls of publish, for names of their own.
var published atomic.Int64

// publish makes a blob appear in the snapshot.
func (r repository) publish(commit string, f remote, link func(old, new string) error) error {
	at := filepath.Join(r.snapshot(commit), filepath.FromSlash(f.name))
	blob := r.blob(f.hash)
	if st, err := os.Stat(at); err == nil && st.Size() == f.size {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(at), 0o777); err != nil {
		return err
	}
	// Another process, or another call of this one, may do the same now: a rename
	// replaces in one step.
	tmp := fmt.Sprintf("%s.%d.%d.tmp", at, os.Getpid(), published.Add(1))
	os.Remove(tmp)
	target, err := filepath.Rel(filepath.Dir(at), blob)
	if err == nil {
		err = link(target, tmp)
	}
	if err == nil { // a system may make links and follow none, as Windows does where that is turned off
		if _, err = os.Stat(tmp); err != nil {
			os.Remove(tmp)
		}
	}
	if err != nil {
		err = os.Link(blob, tmp)
	}
	if err != nil {
		return os.Rename(blob, at)
	}
	if err := disk.Rename(tmp, at); err != nil {
		os.Remove(tmp)
		return err
	}
	return nil
}

// point makes the revision name the commit.
func (r repository) point(commit string) error {
	if isHex(r.Revision, 40) || r.commit() == commit {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(r.ref()), 0o777); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(r.ref()), ".ref-*")
	if err != nil {
		return err
	}
	_, err = tmp.WriteString(commit)
	if err := errors.Join(err, tmp.Chmod(0o644), tmp.Close()); err != nil {
		os.Remove(tmp.Name())
		return err
	}
	if err := disk.Rename(tmp.Name(), r.ref()); err != nil {
		os.Remove(tmp.Name())
		return err
	}
	return nil
}
