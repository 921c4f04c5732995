//go:build cgo && linux

package vulkan

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"falconmamba/backend"
)

// twice makes the loader find lavapipe twice, or the drivers that the environment names: two GPUs of one name.
func twice(t *testing.T) {
	t.Helper()
	manifests, _ := filepath.Glob("/usr/share/vulkan/icd.d/lvp_icd*.json")
	for _, name := range []string{"VK_ICD_FILENAMES", "VK_DRIVER_FILES"} { // the loader prefers the second
		if v := os.Getenv(name); v != "" {
			manifests = filepath.SplitList(v)
		}
	}
	if len(manifests) == 0 {
		t.Skip("no lavapipe in /usr/share/vulkan/icd.d, and no driver in VK_DRIVER_FILES")
	}
	manifest, err := os.ReadFile(manifests[0])
	if err != nil {
		t.Fatal(err)
	}
	again := filepath.Join(t.TempDir(), "again.json")
	if err := os.WriteFile(again, manifest, 0o600); err != nil {
		t.Fatal(err)
	}
	anotherInstance(t)
	all := strings.Join(append(manifests, again), string(filepath.ListSeparator))
	t.Setenv("VK_ICD_FILENAMES", all)
	t.Setenv("VK_DRIVER_FILES", all)
}

// Two GPUs of one name are two devices: each is found by its number, keeps its own memory, takes nothing of the
// other's, and outlives it.
func TestTwoOfOneName(t *testing.T) {
	twice(t)
	infos, err := driver{}.Devices()
	if err != nil || len(infos) < 2 {
		t.Fatalf("Devices: %v, %v", infos, err)
	}
	var list []*device
	for n, info := range infos[:2] {
		if info.Device != infos[0].Device || info.Name != []string{"vulkan:0", "vulkan:1"}[n] {
			t.Fatalf("device %d is %s, %s; the first is %s", n, info.Name, info.Device, infos[0].Device)
		}
		b, err := driver{}.Open(n, backend.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := b.Info().Name; got != info.Name {
			t.Errorf("%s opened as %s", info.Name, got)
		}
		list = append(list, forTest(b))
	}
	first, second := list[0], list[1]
	x := backend.Matrix(mustAlloc(t, first), 0, backend.F32, 1, 4)
	y := backend.Matrix(mustAlloc(t, second), 0, backend.F32, 1, 4)
	upload(t, x, 1, 2, 3, 4)
	upload(t, y, 5, 6, 7, 8)
	once(t, first, backend.Add{Dst: x, A: x, B: x})
	if p, err := second.Compile("mixed", []backend.Op{backend.Add{Dst: y, A: x, B: y}}); err == nil {
		p.Close()
		t.Error("a plan took another device's memory")
	}
	if got := values(t, x); got[0] != 2 || got[3] != 8 {
		t.Errorf("the first has %v", got)
	}
	x.Buf.Close()
	if err := first.Close(); err != nil {
		t.Errorf("Close of the first: %v", err)
	}
	once(t, second, backend.Add{Dst: y, A: y, B: y})
	if got := values(t, y); got[0] != 10 || got[3] != 16 {
		t.Errorf("after the first is closed the second has %v", got)
	}
	y.Buf.Close()
	if err := second.Close(); err != nil {
		t.Errorf("Close of the second: %v", err)
	}
}

// once runs ops by a plan that is closed before the device is.
func once(t *testing.T, d *device, ops ...backend.Op) {
	t.Helper()
	p, err := d.Compile(t.Name(), ops)
	if err != nil {
		t.Fatal(err)
	}
	ticket, err := p.Submit()
	if err == nil {
		err = d.Wait(context.Background(), ticket)
	}
	if err := errors.Join(err, p.Close()); err != nil {
		t.Fatal(err)
	}
}

// mustAlloc returns four words of a device's memory.
func mustAlloc(t *testing.T, d *device) backend.Buffer {
	t.Helper()
	b, err := d.Alloc(16, backend.Device)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func upload(t *testing.T, x backend.Tensor, v ...float32) {
	t.Helper()
	if err := x.Buf.Upload(0, encode(v)); err != nil {
		t.Fatal(err)
	}
}
