//go:build metalfake

package fakemetal

import (
	"testing"

	"falconmamba/shaders"
)

// TestGeneratedKernels compiles every kernel of the project.
func TestGeneratedKernels(t *testing.T) {
	for _, k := range shaders.Kernels() {
		if !k.Metal {
			continue
		}
		t.Run(k.Name, func(t *testing.T) {
			source, err := k.MSL()
			if err != nil {
				t.Fatal(err)
			}
			p, err := translate(source)
			if err != nil {
				t.Fatal(err)
			}
			if p.kernel != k.Name {
				t.Errorf("the kernel is called %s", p.kernel)
			}
			if err := check(p); err != nil {
				t.Error(err)
			}
		})
	}
}
