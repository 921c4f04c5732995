// Gen compiles the kernels of package shaders: GLSL to SPIR-V and MSL, and a Go
// table of what the SPIR-V says of them. `make generate` runs it, by
// scripts/generate.sh, which brings the pinned compilers.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"sync"

	"falconmamba/shaders"
)

func main() {
	dir := flag.String("dir", "shaders", "the folder of the sources")
	tools := flag.String("tools", ".tools/shader", "the folder of glslc, spirv-val, spirv-opt and spirv-cross")
	flag.Parse()
	if err := generate(*dir, *tools); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// generate compiles every source in dir and replaces spv, msl, kernels.go and calls.go.
// It writes only once everything has compiled.
func generate(dir, tools string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.comp"))
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fmt.Errorf("%s has no .comp files", dir)
	}
	var all []variant
	for _, f := range files {
		vs, err := variants(f)
		if err != nil {
			return err
		}
		all = append(all, vs...)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].name < all[j].name })
	for i := 1; i < len(all); i++ {
		if all[i].name == all[i-1].name {
			return fmt.Errorf("%s and %s both make kernel %s", all[i-1].file, all[i].file, all[i].name)
		}
	}

	out := compileAll(all, tools)
	var errs []error
	for _, o := range out {
		errs = append(errs, o.err)
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return write(dir, out)
}

// A product is what one variant became.
type product struct {
	kernel *shaders.Kernel
	spirv  []byte
	msl    []byte
	err    error
}

func compileAll(all []variant, tools string) []product {
	out := make([]product, len(all))
	var wg sync.WaitGroup
	next := make(chan int)
	for range runtime.NumCPU() {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range next {
				p, err := compile(all[i], tools)
				if err != nil {
					err = fmt.Errorf("%s (%s): %w", all[i].name, all[i].file, err)
				}
				out[i] = p
				out[i].err = err
			}
		}()
	}
	for i := range all {
		next <- i
	}
	close(next)
	wg.Wait()
	return out
}

// compile makes one kernel. The module that Metal's source is made from, and
// that reflection reads names from, is not optimised: the optimiser drops them.
func compile(v variant, tools string) (product, error) {
	tmp, err := os.MkdirTemp("", "shader")
	if err != nil {
		return product{}, err
	}
	defer os.RemoveAll(tmp)
	plain, fast, metal := filepath.Join(tmp, "plain.spv"), filepath.Join(tmp, "fast.spv"), filepath.Join(tmp, "k.metal")

	args := []string{"--target-env=" + v.target, "-Werror", "-o", plain}
	for _, d := range v.defines {
		args = append(args, "-D"+d)
	}
	steps := [][]string{
		append(append([]string{"glslc"}, args...), v.file),
		{"spirv-val", "--target-env", v.target, plain},
		{"spirv-opt", "--target-env=" + v.target, "-O", plain, "-o", fast},
	}
	if v.metal && v.byHand == "" {
		steps = append(steps, []string{"spirv-cross", "--msl", "--msl-version", "30000", "--msl-decoration-binding",
			"--msl-force-native-arrays", "--rename-entry-point", "main", v.name, "comp", plain, "--output", metal})
	}
	run := func(tool string, args ...string) error {
		if said, err := exec.Command(filepath.Join(tools, tool), args...).CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%s", tool, err, bytes.TrimSpace(said))
		}
		return nil
	}
	for _, s := range steps {
		if err := run(s[0], s[1:]...); err != nil {
			return product{}, err
		}
	}

	var p product
	if p.spirv, err = os.ReadFile(fast); err != nil {
		return p, err
	}
	if p.spirv, err = precise(p.spirv); err != nil {
		return p, err
	}
	if err := os.WriteFile(fast, p.spirv, 0o600); err != nil {
		return p, err
	}
	if err := run("spirv-val", "--target-env", v.target, fast); err != nil {
		return p, err
	}
	named, err := os.ReadFile(plain)
	if err != nil {
		return p, err
	}
	if p.kernel, err = reflect(named); err != nil {
		return p, err
	}
	p.kernel.Name, p.kernel.Metal = v.name, v.metal
	p.kernel.Source = v.source
	if p.kernel.ParamSize > maxPushConstantBytes {
		return p, fmt.Errorf("parameters take %d bytes, want at most %d", p.kernel.ParamSize, maxPushConstantBytes)
	}
	switch {
	case v.byHand != "":
		p.msl, err = byHand(v, p.kernel)
	case v.metal:
		p.msl, err = os.ReadFile(metal)
	}
	return p, err
}

// byHand returns MSL that is written by hand. Behind its includes, whose names
// are Apple's, stands what it is to take from the GLSL of the same kernel:
// constants under their names (a driver gives them values as it does for
// SPIRV-Cross's sources), the members of its parameters, and the variant's
// defines.
func byHand(v variant, k *shaders.Kernel) ([]byte, error) {
	text, err := os.ReadFile(v.byHand)
	if err != nil {
		return nil, err
	}
	head, body, ok := bytes.Cut(text, []byte("using namespace metal;\n"))
	if !ok {
		return nil, fmt.Errorf("%s: no using namespace metal", v.byHand)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "// %s, generated from %s by shaders/internal/gen; DO NOT EDIT.\n\n%susing namespace metal;\n\n",
		v.name, filepath.Base(v.byHand), head)
	for _, d := range v.defines {
		name, value, _ := strings.Cut(d, "=")
		fmt.Fprintf(&b, "#define %s %s\n", name, value)
	}
	for _, c := range k.Constants {
		name := c.Name
		if c.ID == 0 {
			name = "SIZE"
		}
		fmt.Fprintf(&b, "#ifndef SPIRV_CROSS_CONSTANT_ID_%d\n#define SPIRV_CROSS_CONSTANT_ID_%d %du\n#endif\n",
			c.ID, c.ID, c.Default)
		fmt.Fprintf(&b, "#define %s SPIRV_CROSS_CONSTANT_ID_%d\n", name, c.ID)
	}
	b.WriteString("#define PARAMS")
	types := map[shaders.ParamType]string{shaders.Uint: "uint", shaders.Int: "int", shaders.Float: "float"}
	for _, p := range k.Params {
		fmt.Fprintf(&b, " %s %s;", types[p.Type], p.Name)
	}
	b.WriteString("\n")
	return append(b.Bytes(), bytes.ReplaceAll(body, []byte("void KERNEL("), []byte("void "+v.name+"("))...), nil
}

// write replaces what an earlier run made, removing what no source makes any
// more.
func write(dir string, out []product) error {
	files := map[string][]byte{}
	kernels := make([]*shaders.Kernel, len(out))
	for i, p := range out {
		kernels[i] = p.kernel
		files[filepath.Join(dir, "spv", p.kernel.Name+".spv")] = p.spirv
		if p.kernel.Metal {
			files[filepath.Join(dir, "msl", p.kernel.Name+".metal")] = p.msl
		}
	}
	table, err := format.Source(goTable(kernels))
	if err != nil {
		return err
	}
	files[filepath.Join(dir, "kernels.go")] = table
	if files[filepath.Join(dir, "calls.go")], err = goCalls(dir, kernels); err != nil {
		return err
	}

	for _, pattern := range []string{"spv/*.spv", "msl/*.metal"} {
		old, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return err
		}
		for _, f := range old {
			if _, kept := files[f]; !kept {
				if err := os.Remove(f); err != nil {
					return err
				}
			}
		}
	}
	for f, b := range files {
		if old, err := os.ReadFile(f); err == nil && bytes.Equal(old, b) {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(f), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(f, b, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// goTable writes the Go file with the table of kernels.
func goTable(kernels []*shaders.Kernel) []byte {
	var b bytes.Buffer
	b.WriteString("// Code generated by shaders/internal/gen from the SPIR-V of *.comp; DO NOT EDIT.\n\npackage " +
		"shaders\n\nvar kernels = []Kernel{\n")
	types := map[shaders.ParamType]string{shaders.Uint: "Uint", shaders.Int: "Int", shaders.Float: "Float",
		shaders.Bool: "Bool"}
	for _, k := range kernels {
		fmt.Fprintf(&b, "{\nName: %q, Source: %q,\n", k.Name, k.Source)
		b.WriteString("Bindings: []Binding{")
		for _, x := range k.Bindings {
			fmt.Fprintf(&b, "{%q, %t, %t},", x.Name, x.Read, x.Write)
		}
		b.WriteString("},\nParams: []Param{")
		for _, x := range k.Params {
			fmt.Fprintf(&b, "{%q, %s, %d},", x.Name, types[x.Type], x.Offset)
		}
		fmt.Fprintf(&b, "},\nParamSize: %d,\n", k.ParamSize)
		fmt.Fprintf(&b, "Workgroup: [3]int{%d, %d, %d}, SizeIDs: [3]int{%d, %d, %d},\n",
			k.Workgroup[0], k.Workgroup[1], k.Workgroup[2], k.SizeIDs[0], k.SizeIDs[1], k.SizeIDs[2])
		b.WriteString("Constants: []Constant{")
		for _, x := range k.Constants {
			fmt.Fprintf(&b, "{%q, %s, %d, %d},", x.Name, types[x.Type], x.ID, x.Default)
		}
		fmt.Fprintf(&b, "},\nShared: %d, Needs: %#x, Metal: %t,", k.Shared, uint32(k.Needs), k.Metal)
		if k.Needs != 0 {
			fmt.Fprintf(&b, " // %s", k.Needs)
		}
		b.WriteString("\n},\n")
	}
	b.WriteString("}\n")
	return b.Bytes()
}
