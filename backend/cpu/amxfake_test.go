//go:build amxfake

package cpu

import (
	"slices"
	"testing"
)

// With the stand-in for AMX all tests of this package run its kernels, where there is what else they want.
func TestStandIn(t *testing.T) {
	all := kernelsHere()
	if !slices.ContainsFunc(all, func(k *kernels) bool { return k.name == "avx512bf16" }) {
		t.Skipf("no kernels for AMX: they want AVX512_BF16, and the best here are %s", all[0].name)
	}
	if all[0].name != "amx" {
		t.Errorf("the best kernels are %s, want amx", all[0].name)
	}
}
