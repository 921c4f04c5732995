package hub

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"falconmamba/internal/disk"
)

// Fetch returns the path of a model on this machine: the folder of a snapshot, or a GGUF
// file in one. Of a split GGUF file it is one part, with the others beside it. What the
// cache does not have is downloaded. The name may leave out the GGUF file if the
// repository has only one and no safetensors.
func Fetch(ctx context.Context, name string, o Options) (string, error) {
	n, err := Parse(name)
	if err != nil {
		return "", err
	}
	if o, err = o.resolve(); err != nil {
		return "", err
	}
	return repository{Name: n, cache: o.Cache}.fetch(ctx, o, run)
}

// FetchAdapter returns the folder of a PEFT adapter on this machine, which is a repository of its own:
// ORG/NAME[@REVISION], with adapter_config.json and adapter_model.safetensors. What the cache does not
// have is downloaded, as by Fetch.
func FetchAdapter(ctx context.Context, name string, o Options) (string, error) {
	n, err := Parse(name)
	if err != nil {
		return "", err
	}
	if n.File != "" {
		return "", fmt.Errorf("%s names a file: want an adapter as ORG/NAME or ORG/NAME@REVISION", name)
	}
	if o, err = o.resolve(); err != nil {
		return "", err
	}
	return repository{Name: n, cache: o.Cache, adapter: true}.fetch(ctx, o, run)
}

// fetch returns what the cache has, else what run returns.
func (r repository) fetch(ctx context.Context, o Options,
	run func(context.Context, *fetch) (string, error)) (string, error) {
	n, cached := r.Name, r.commit()
	if p, ok := r.find(cached, o.Offline); ok {
		return p, nil
	}
	if o.Offline {
		return "", explain(ErrOffline, "%s is not in %s, and nothing is downloaded: "+
			"--offline or HF_HUB_OFFLINE says so", n, o.Cache)
	}
	p, err := run(ctx, &fetch{client: newClient(o), repository: r})
	if errors.Is(err, errUnreachable) {
		if p, ok := r.find(cached, true); ok {
			return p, nil
		}
	}
	return p, err
}

// A fetch downloads one model.
type fetch struct {
	*client
	repository
	*listing

	mu          sync.Mutex
	done, total int64
	shown       bool // only weights have a progress
}

// run downloads a model, or an adapter.
func run(ctx context.Context, f *fetch) (string, error) {
	w, err := f.choose(ctx)
	if err != nil {
		return "", err
	}
	return f.bring(ctx, w)
}

// A wanted is what of a repository a model is.
type wanted struct {
	where          string // the path of the model when it is there
	gguf           string // the file that it is, or nothing
	small, weights []string
}

// choose lists the repository, and says what of it is wanted. The weights of a folder may be those that an index names,
// see small.
func (f *fetch) choose(ctx context.Context) (w wanted, err error) {
	if f.listing, err = f.list(ctx, f.Name); err != nil {
		return w, err
	}
	if isHex(f.Revision, 40) && f.sha() != f.Revision {
		return w, explain(ErrCorrupt, "%s: %s answers with commit %s", f.Name, f.Endpoint, f.sha())
	}
	w.where = f.snapshot(f.sha())
	switch {
	case f.adapter:
		for _, name := range adapterFiles {
			if !f.has(name) {
				return w, f.noAdapter(name)
			}
		}
		w.small, w.weights = adapterFiles[:1], adapterFiles[1:]
	case f.tokenizer && (f.has(tokenizerFile) || f.has(weightsFile) || f.has(indexFile)):
	case f.File != "" || !f.has(weightsFile) && !f.has(indexFile):
		if w.gguf, err = f.pickGGUF(); err != nil {
			return w, err
		}
		for _, part := range parts(w.gguf) {
			if !f.has(part) {
				return w, explain(ErrNotFound, "%s: %s is part of a split file, and the repository has no %s",
					f.Name, w.gguf, part)
			}
		}
		w.weights, w.where = parts(w.gguf), filepath.Join(w.where, filepath.FromSlash(w.gguf))
	default:
		w.small = slices.DeleteFunc(slices.Clone(companions), func(name string) bool { return !f.has(name) })
		if !f.has(configFile) {
			return w, explain(ErrNotFound, "%s: the repository has no %s: it is no model that can be read here",
				f.Name, configFile)
		}
		if f.has(weightsFile) {
			w.weights = []string{weightsFile}
		} else {
			w.small = append(w.small, indexFile)
		}
	}
	return w, nil
}

// bring downloads what is wanted. A snapshot counts as whole when its weights are there: they come last.
func (f *fetch) bring(ctx context.Context, w wanted) (string, error) {
	if err := f.small(ctx, &w); err != nil {
		return "", err
	}
	f.shown = true
	if err := f.download(ctx, w.weights); err != nil {
		return "", err
	}
	return w.where, f.sayFull(f.point(f.sha()))
}

// small downloads what lies beside the weights, and says which these are.
func (f *fetch) small(ctx context.Context, w *wanted) (err error) {
	if err := f.download(ctx, w.small); err != nil || w.weights != nil {
		return err
	}
	w.weights, err = f.shards()
	return err
}

// runTokenizer brings what a tokenizer is read of. A revision goes on naming the commit that the cache has more of.
func (f *fetch) runTokenizer(ctx context.Context, where string) (string, error) {
	if !f.has(tokenizerFile) {
		return "", explain(ErrNotFound, "%s: the repository has no %s: its model has no tokenizer that can be read",
			f.Name, tokenizerFile)
	}
	files := slices.DeleteFunc(slices.Clone(tokenizerFiles), func(name string) bool { return !f.has(name) })
	if err := f.download(ctx, files); err != nil || f.repository.commit() != "" {
		return where, err
	}
	return where, f.sayFull(f.point(f.sha()))
}

// noAdapter says what a repository lacks to be an adapter.
func (f *fetch) noAdapter(name string) error {
	switch {
	case name != adapterFiles[0] && f.has("adapter_model.bin"):
		return explain(ErrNotFound, "%s: the adapter is there in pickle form alone, adapter_model.bin, which is not "+
			"read: load it with PEFT, and save it with safe_serialization=True", f.Name)
	case f.has(configFile):
		return explain(ErrNotFound, "%s: the repository has no %s: it is a model, not an adapter", f.Name, name)
	}
	return explain(ErrNotFound, "%s: the repository has no %s: it is no adapter", f.Name, name)
}

// sha is the commit that the server has for the revision.
func (f *fetch) sha() string { return f.listing.commit }

func (f *fetch) has(name string) bool {
	_, ok := f.files[name]
	return ok
}

// pickGGUF returns the GGUF file that the name means; of a split one the first
// part, or the one that is named.
func (f *fetch) pickGGUF() (string, error) {
	var all, fit []string
	for name := range f.files {
		if strings.HasSuffix(strings.ToLower(name), ggufExt) {
			all = append(all, name)
			if f.File == "" || f.picks(name) {
				fit = append(fit, name)
			}
		}
	}
	slices.Sort(all)
	slices.Sort(fit)
	if all = firsts(all); len(fit) > 1 {
		fit = firsts(fit)
	}
	switch {
	case len(fit) == 1:
		return fit[0], nil
	case len(all) == 0 && f.has("pytorch_model.bin"), len(all) == 0 && f.has("pytorch_model.bin.index.json"):
		return "", explain(ErrNotFound, "%s: the repository has its weights in pickle form alone, "+
			"which is not read: save the model again with safe_serialization=True", f.Name)
	case len(all) == 0 && f.has(adapterFiles[0]):
		return "", explain(ErrNotFound, "%s: the repository has an adapter, not a model: name its model, "+
			"and this one as an adapter (--adapter)", f.Name)
	case len(all) == 0:
		return "", explain(ErrNotFound, "%s: the repository has no %s and no GGUF file", f.Name, weightsFile)
	case len(fit) == 0:
		return "", explain(ErrNotFound, "%s: the repository has no GGUF file %s: it has %s", f.Name, f.File, some(all))
	}
	return "", explain(ErrNotFound, "%s: the repository has several GGUF files: name one behind a colon, of %s",
		f.Name, some(fit))
}

// some is a list for an error.
func some(names []string) string {
	const most = 12
	s := strings.Join(names[:min(len(names), most)], ", ")
	if len(names) > most {
		s += fmt.Sprintf(" and %d more", len(names)-most)
	}
	return s
}

// shards returns the files that the index names.
func (f *fetch) shards() ([]string, error) {
	shards, err := readIndex(filepath.Join(f.snapshot(f.sha()), indexFile))
	if err != nil {
		return nil, err
	}
	for _, s := range shards {
		if !f.has(s) {
			return nil, explain(ErrNotFound, "%s: %s names %s, which is not in the repository", f.Name, indexFile, s)
		}
	}
	return shards, nil
}

// download brings files into the snapshot, several at once. The first error
// stops the others; what they have brought is there for another time.
func (f *fetch) download(ctx context.Context, names []string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	files, err := f.describeAll(ctx, names)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(f.dir(), "blobs"), 0o777); err != nil {
		return err
	}
	need, err := f.room(files)
	if err != nil {
		return err
	}
	if f.shown && f.Confirm != nil && need > 0 {
		if err := f.Confirm(f.plan(files, need)); err != nil {
			return err
		}
	}
	queue := make(chan remote, len(files))
	for _, file := range files {
		queue <- file
	}
	close(queue)
	var wg sync.WaitGroup
	var once sync.Once
	var failure error
	for range min(f.Parallel, len(files)) {
		wg.Go(func() {
			for file := range queue {
				if err := f.file(ctx, file); err != nil {
					once.Do(func() { failure = err; cancel() })
					return
				}
			}
		})
	}
	wg.Wait()
	return f.sayFull(failure)
}

// describeAll completes what the listing says of files.
func (f *fetch) describeAll(ctx context.Context, names []string) ([]remote, error) {
	ctx, cancel := f.timely(ctx, f.Name)
	defer cancel()
	files := make([]remote, len(names))
	for i, name := range names {
		var err error
		if files[i], err = f.describe(ctx, f.Name, f.sha(), f.files[name]); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// file brings one file.
func (f *fetch) file(ctx context.Context, file remote) error {
	path := filepath.Join(f.snapshot(f.sha()), filepath.FromSlash(file.name))
	if st, err := os.Stat(path); err == nil && st.Size() == file.size {
		f.progress(file.size, 0)
		return nil
	}
	if err := f.fill(ctx, file); err != nil {
		return err
	}
	return f.publish(f.sha(), file, f.link)
}

// A Plan says what is about to be downloaded.
type Plan struct {
	Name   string // of the model
	Folder string // where its files will be; the configs are
	Cache  string
	Files  []string // of weights, all of them
	Total  int64    // bytes of these
	Need   int64    // bytes of these that are still to come
	GGUF   []string // names of all GGUF files of the repository, the first of split ones
}

func (f *fetch) plan(files []remote, need int64) Plan {
	p := Plan{Name: f.Name.String(), Folder: f.snapshot(f.sha()), Cache: f.cache, Total: f.total, Need: need}
	for _, file := range files {
		p.Files = append(p.Files, file.name)
	}
	for name := range f.files {
		if strings.HasSuffix(strings.ToLower(name), ggufExt) {
			p.GGUF = append(p.GGUF, name)
		}
	}
	slices.Sort(p.GGUF)
	p.GGUF = firsts(p.GGUF)
	return p
}

// room checks that the files fit on the disk, and returns the bytes that are to come.
func (f *fetch) room(files []remote) (need int64, err error) {
	f.done, f.total = 0, 0
	for _, file := range files {
		f.total += file.size
		if f.total < 0 {
			return 0, explain(ErrCorrupt, "%s: the files have more bytes than there can be", f.Name)
		}
		have := int64(0)
		path, blob := filepath.Join(f.snapshot(f.sha()), filepath.FromSlash(file.name)), f.blob(file.hash)
		for _, p := range []string{path, blob, blob + partial} {
			if st, err := os.Stat(p); err == nil {
				have = max(have, min(st.Size(), file.size))
			}
		}
		need += file.size - have
	}
	if free, ok := disk.Free(f.dir()); ok && uint64(need) > free {
		return 0, explain(ErrDiskFull, "%s: %.1f GB are to be downloaded into %s, where %.1f GB are free",
			f.Name, float64(need)/1e9, f.cache, float64(free)/1e9)
	}
	return need, nil
}

// progress notes that n bytes more are there, and again bytes less.
func (f *fetch) progress(n, again int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.done += n - again
	if f.Progress != nil && f.shown {
		f.Progress(f.done, f.total)
	}
}

// sayFull says what a full disk is.
func (f *fetch) sayFull(err error) error {
	if err != nil && isDiskFull(err) {
		return explain(ErrDiskFull, "%s: no space is left in %s; what was downloaded stays, to go on from",
			f.Name, f.cache)
	}
	return err
}
