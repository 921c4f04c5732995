//go:build metalfake

package fakemetal

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
)

//go:embed kernel
var support embed.FS

// kernelFlags compile a kernel. The thread sanitizer's calls go to runtime.c,
// which wants every read, that of x += 1 too; what a kernel leaves without a
// value is a pattern and not by chance zero.
var kernelFlags = []string{
	"-x", "c++", "-std=c++17", "-O1", "-fPIC", "-fsanitize=thread",
	"-mllvm", "-tsan-instrument-func-entry-exit=0",
	"-mllvm", "-tsan-instrument-atomics=0",
	"-mllvm", "-tsan-instrument-read-before-write=1",
	"-ftrivial-auto-var-init=pattern", "-ffp-contract=off", "-fno-lax-vector-conversions",
	"-Xclang", "-cl-single-precision-constant", "-fno-exceptions", "-fno-rtti",
	"-Wno-everything", "-Werror=return-type",
}

var runtimeFlags = []string{"-O3", "-fPIC", "-Wall", "-Wextra", "-Werror"}

// A toolbox is the cache folder with what kernels are compiled with.
type toolbox struct {
	clang   string
	dir     string // of compiled kernels
	include string // kernel/ as files
	runtime string // the object file of runtime.c
	version string // of everything that a compiled kernel depends on but its source
}

var tools = sync.OnceValues(func() (*toolbox, error) {
	t := &toolbox{}
	for _, name := range []string{"clang-16", "clang"} {
		if path, err := exec.LookPath(name); err == nil {
			t.clang = path
			break
		}
	}
	if t.clang == "" {
		return nil, errors.New("clang-16 is not installed: make deps installs it")
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	h := sha256.New()
	fmt.Fprintln(h, t.clang, kernelFlags, runtimeFlags)
	err = fs.WalkDir(support, "kernel", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := support.ReadFile(path)
		fmt.Fprintf(h, "%s %d\n%s", path, len(b), b)
		return err
	})
	if err != nil {
		return nil, err
	}
	t.version = fmt.Sprintf("%x", h.Sum(nil)[:8])
	t.dir = filepath.Join(cache, "falconmamba", "fakemetal-"+t.version)
	t.include = filepath.Join(t.dir, "kernel")
	t.runtime = filepath.Join(t.dir, "runtime.o")
	return t, t.unpack()
})

// unpack writes the support files and compiles the runtime, unless they are
// there. Several processes may do so at once.
func (t *toolbox) unpack() error {
	if _, err := os.Stat(t.runtime); err == nil {
		return nil
	}
	err := fs.WalkDir(support, "kernel", func(path string, d fs.DirEntry, err error) error {
		to := filepath.Join(t.dir, filepath.FromSlash(path))
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(to, 0o755)
		}
		b, err := support.ReadFile(path)
		if err != nil {
			return err
		}
		return writeFile(to, b)
	})
	if err != nil {
		return err
	}
	return t.run(t.runtime, append(runtimeFlags, "-c", filepath.Join(t.include, "runtime.c"))...)
}

// run runs clang with an output that appears whole or not at all.
func (t *toolbox) run(output string, args ...string) error {
	temp, err := os.CreateTemp(filepath.Dir(output), ".new-*")
	if err != nil {
		return err
	}
	temp.Close()
	defer os.Remove(temp.Name())
	var text bytes.Buffer
	cmd := exec.Command(t.clang, append(args, "-o", temp.Name())...)
	cmd.Stdout, cmd.Stderr = &text, &text
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s", bytes.TrimSpace(text.Bytes()))
	}
	return os.Rename(temp.Name(), output)
}

func writeFile(path string, b []byte) error {
	temp, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(b)
	if err := errors.Join(err, temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}

// check has the compiler read a program without values for its function
// constants, and remembers that it did.
func check(p *program) error {
	t, err := tools()
	if err != nil {
		return err
	}
	base, args := t.place(p, nil)
	if _, err := os.Stat(base + ".ok"); err == nil {
		return nil
	}
	source, remove, err := p.save(base)
	if err != nil {
		return err
	}
	defer remove()
	return t.run(base+".ok", append(args, "-I", t.include, "-fsyntax-only", source)...)
}

// save writes the program to a file of this process alone: others may be
// compiling the same.
func (p *program) save(base string) (path string, remove func(), err error) {
	f, err := os.CreateTemp(filepath.Dir(base), filepath.Base(base)+"-*.cc")
	if err != nil {
		return "", nil, err
	}
	_, err = f.WriteString(p.text)
	return f.Name(), func() { os.Remove(f.Name()) }, errors.Join(err, f.Close())
}

// place is where a program with the values of its function constants is kept,
// without a suffix, and the flags that it is compiled with.
func (t *toolbox) place(p *program, values map[int]string) (base string, args []string) {
	var defines []string
	for _, c := range p.constants {
		value, set := values[c.id]
		if !set {
			value = "0"
		}
		defines = append(defines, fmt.Sprintf("-DFM_CONSTANT_%d=%s", c.id, value),
			fmt.Sprintf("-DFM_DEFINED_%d=%t", c.id, set))
	}
	h := sha256.New()
	fmt.Fprintln(h, defines)
	io.WriteString(h, p.text)
	return filepath.Join(t.dir, fmt.Sprintf("%s-%x", p.kernel, h.Sum(nil)[:8])),
		append(slices.Clone(kernelFlags), defines...)
}

// build compiles a program with the values of its function constants and
// returns the library's path. What was built before is taken from the cache.
func build(p *program, values map[int]string) (string, error) {
	t, err := tools()
	if err != nil {
		return "", err
	}
	base, args := t.place(p, values)
	so := base + ".so"
	if _, err := os.Stat(so); err == nil {
		return so, nil
	}
	source, remove, err := p.save(base)
	if err != nil {
		return "", err
	}
	defer remove()
	object := source + ".o"
	if err := t.run(object, append(args, "-I", t.include, "-c", source)...); err != nil {
		return "", err
	}
	defer os.Remove(object)
	return so, t.run(so, "-shared", "-Wl,-Bsymbolic", object, t.runtime, "-lm")
}
