//go:build cgo && !darwin

package vulkan

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"falconmamba/backend"
	"falconmamba/backend/vulkan/internal/fault"
)

// faulty opens a device whose calls can be made to fail.
func faulty(t *testing.T) (*program, func() (*device, error)) {
	t.Helper()
	p := newProgram(t)
	p.ProcAddr = fault.Through(p.ProcAddr)
	t.Cleanup(fault.Heal)
	return p, func() (*device, error) {
		b, err := Attach(p.Handles)
		if err != nil {
			return nil, err
		}
		return b.(*device), nil
	}
}

// Every call that a driver may fail gives an error that names it, wraps the
// sentinel that fits, and leaves nothing behind.
func TestFaults(t *testing.T) {
	_, open := faulty(t)
	for _, c := range []struct {
		call   string
		result int
		want   error
	}{
		{"vkAllocateMemory", fault.OutOfDeviceMemory, backend.ErrOutOfMemory},
		{"vkMapMemory", fault.OutOfHostMemory, backend.ErrOutOfMemory},
		{"vkCreateBuffer", fault.OutOfHostMemory, backend.ErrOutOfMemory},
		{"vkBindBufferMemory", fault.OutOfDeviceMemory, backend.ErrOutOfMemory},
		{"vkCreateShaderModule", fault.OutOfHostMemory, backend.ErrOutOfMemory},
		{"vkCreateComputePipelines", fault.Unknown, nil},
		{"vkCreatePipelineLayout", fault.OutOfHostMemory, backend.ErrOutOfMemory},
		{"vkCreatePipelineCache", fault.OutOfHostMemory, backend.ErrOutOfMemory},
		{"vkCreateDescriptorPool", fault.OutOfDeviceMemory, backend.ErrOutOfMemory},
		{"vkAllocateDescriptorSets", fault.OutOfDeviceMemory, backend.ErrOutOfMemory},
		{"vkCreateCommandPool", fault.OutOfHostMemory, backend.ErrOutOfMemory},
		{"vkAllocateCommandBuffers", fault.OutOfHostMemory, backend.ErrOutOfMemory},
		{"vkEndCommandBuffer", fault.OutOfHostMemory, backend.ErrOutOfMemory},
		{"vkCreateSemaphore", fault.OutOfHostMemory, backend.ErrOutOfMemory},
		{"vkCreateQueryPool", fault.OutOfDeviceMemory, backend.ErrOutOfMemory},
		{"vkQueueSubmit", fault.OutOfDeviceMemory, backend.ErrOutOfMemory},
		{"vkQueueSubmit", fault.DeviceLost, backend.ErrDeviceLost},
		{"vkWaitSemaphores", fault.DeviceLost, backend.ErrDeviceLost},
	} {
		// At each time that the call is made, until a session passes.
		failed := 0
		for skip := 0; ; skip++ {
			if skip == 100 {
				t.Fatalf("%s fails without being made to", c.call)
			}
			if !fault.Fail(c.call, c.result, skip) {
				t.Fatalf("package fault does not know %s", c.call)
			}
			err := life(open)
			fault.Heal()
			if err == nil {
				break
			}
			failed++
			if !strings.HasPrefix(err.Error(), "vulkan: ") && !strings.Contains(err.Error(), ": vulkan: ") {
				t.Errorf("%s: %q does not say who failed", c.call, err)
			}
			said := err.Error()
			if c.call == "vkCreateShaderModule" { // made with the pipeline
				said = strings.ReplaceAll(said, "vkCreateComputePipelines", c.call)
			}
			if c.call == "vkCreateDescriptorPool" || c.call == "vkCreateCommandPool" { // with what they are for
				said = c.call
			}
			if !strings.Contains(said, c.call) || c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("%s failed: %v, want it named and to be %v", c.call, err, c.want)
			}
		}
		if failed == 0 {
			t.Errorf("%s is never called", c.call)
		}
	}
}

// life is the use of a device from beginning to end. Its error is the first.
func life(open func() (*device, error)) (err error) {
	keep := func(e error) bool {
		if err == nil {
			err = e
		}
		return e == nil
	}
	d, e := open()
	if !keep(e) {
		return err
	}
	d.unified = false // by way of the staging ring
	defer func() {
		if e := d.Close(); err == nil {
			err = e
		} else if errors.Is(err, backend.ErrDeviceLost) && !errors.Is(e, backend.ErrDeviceLost) {
			err = errors.New("vulkan: Close of a lost device says " + e.Error())
		}
	}()
	x, e := d.Alloc(64, backend.Device)
	if !keep(e) {
		return err
	}
	defer func() { keep(x.Close()) }()
	keep(x.Upload(0, make([]byte, 64)))
	m := backend.Matrix(x, 0, backend.F32, 2, 4)
	w, e := d.NewWeight(backend.WeightDesc{Name: "w", Type: backend.F32, Rows: 4, Cols: 4}, make([]byte, 64))
	if !keep(e) {
		return err
	}
	defer func() { keep(w.Close()) }()
	y := backend.Matrix(x, 32, backend.F32, 2, 4)
	p, e := d.Compile("life", []backend.Op{backend.MatMul{Dst: y, Src: m, Weight: w}})
	if !keep(e) {
		return err
	}
	defer func() { keep(p.Close()) }()
	if d.physical.timestamp_bits != 0 {
		_, e := d.Profile(context.Background(), p)
		keep(e)
	}
	ticket, e := p.Submit()
	if !keep(e) {
		return err
	}
	keep(d.Wait(context.Background(), ticket))
	keep(x.Download(0, make([]byte, 64)))
	return err
}

// After a device is lost every call says so.
func TestLost(t *testing.T) {
	_, open := faulty(t)
	d, err := open()
	if err != nil {
		t.Fatal(err)
	}
	x, err := d.Alloc(64, backend.Device)
	if err != nil {
		t.Fatal(err)
	}
	m := backend.Matrix(x, 0, backend.F32, 1, 4)
	ops := []backend.Op{backend.Add{Dst: m, A: m, B: m}}
	p, err := d.Compile("add", ops)
	if err != nil {
		t.Fatal(err)
	}
	fault.Fail("vkQueueSubmit", fault.DeviceLost, 0)
	if _, err := p.Submit(); !errors.Is(err, backend.ErrDeviceLost) {
		t.Errorf("Submit: %v", err)
	}
	fault.Heal()
	_, submitted := p.Submit()
	_, allocated := d.Alloc(4, backend.Device)
	_, compiled := d.Compile("add", ops)
	_, profiled := d.Profile(context.Background(), p)
	_, weighed := d.NewWeight(backend.WeightDesc{Type: backend.F32, Rows: 1, Cols: 1}, make([]byte, 4))
	for call, err := range map[string]error{
		"Submit": submitted, "Alloc": allocated, "Compile": compiled, "Profile": profiled, "NewWeight": weighed,
		"Upload": x.Upload(0, make([]byte, 4)), "Download": x.Download(0, make([]byte, 4)),
		"Wait":       d.Wait(context.Background(), 0),
		"Plan.Close": p.Close(), "Buffer.Close": x.Close(), "Close": d.Close(),
	} {
		if !errors.Is(err, backend.ErrDeviceLost) && !strings.HasSuffix(call, "Close") {
			t.Errorf("%s: %v, want a lost device", call, err)
		}
	}
}

func TestSuits(t *testing.T) {
	d := openTest(t)
	if err := suits(d.physical); err != nil {
		t.Fatal(err)
	}
	whole := *d.physical
	defer func() { *d.physical = whole }()
	p := d.physical
	for want, change := range map[string]func(){
		"has Vulkan 1.1, want 1.2: update its driver":      func() { p.api = 1<<22 | 1<<12 },
		"has no timeline semaphores":                       func() { p.has = 0 },
		"has a maxPushConstantsSize of 64, want 128":       func() { p.max_push = 64 },
		"has a maxComputeSharedMemorySize of 1, want 1638": func() { p.max_shared = 1 },
		"has a maxStorageBufferRange of 5, want":           func() { p.max_range = 5 },
	} {
		change()
		if err := suits(p); err == nil || !strings.Contains(err.Error(), want) ||
			!strings.Contains(err.Error(), d.info.Device) {
			t.Errorf("%v, want %q", err, want)
		}
		*p = whole
	}
}

// Kernels that the device is not made for are refused by name, before the driver
// sees them.
func TestFits(t *testing.T) {
	d := openTest(t)
	whole := *d.physical
	defer func() { *d.physical = whole }()
	d.physical.max_invocations = 32
	m := matrix(t, d, 1, 4, make([]float32, 4))
	_, err := d.Compile("add", []backend.Op{backend.Add{Dst: m, A: m, B: m}})
	if !errors.Is(err, backend.ErrUnsupported) || !strings.Contains(err.Error(), "kernel add_f32 has workgroups of") {
		t.Errorf("%v, want the kernel and its workgroups", err)
	}
}

// Without a driver there is no device, and Open says what to install; without a
// loader likewise.
func TestNothingInstalled(t *testing.T) {
	if os.Getenv("FM_TEST_ALONE") != "" {
		infos, err := driver{}.Devices()
		_, opened := driver{}.Open(0, backend.Options{})
		t.Logf("%d devices, %v\nOpen: %v", len(infos), err, opened)
		return
	}
	openTest(t)
	run := func(env ...string) string {
		t.Helper()
		c := exec.Command(os.Args[0], "-test.run=TestNothingInstalled$", "-test.v")
		c.Env = append(os.Environ(), append(env, "FM_TEST_ALONE=1")...)
		said, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, said)
		}
		return string(said)
	}
	said := run("VK_DRIVER_FILES=/nowhere.json", "VK_ICD_FILENAMES=/nowhere.json", "VK_INSTANCE_LAYERS=")
	if !strings.Contains(said, "0 devices, <nil>") || !strings.Contains(said, errNoDriver.Error()) {
		t.Errorf("without a driver: %s", said)
	}

	cc := "gcc"
	if _, err := exec.LookPath(cc); err != nil {
		t.Skipf("no C compiler to hide the loader with: %v", err)
	}
	lib := t.TempDir() + "/hide.so"
	build := exec.Command(cc, "-shared", "-fPIC", "-x", "c", "-", "-o", lib)
	build.Stdin = strings.NewReader(`
#define _GNU_SOURCE
#include <dlfcn.h>
#include <string.h>
void *dlopen(const char *name, int flags) {
	if (name && strstr(name, "libvulkan")) name = "/nowhere/libvulkan.so.1";
	void *(*real)(const char *, int) = (void *(*)(const char *, int))dlsym(RTLD_NEXT, "dlopen");
	return real(name, flags);
}`)
	if said, err := build.CombinedOutput(); err != nil {
		t.Skipf("the C compiler builds no library: %v\n%s", err, said)
	}
	said = run("LD_PRELOAD=" + lib)
	if !strings.Contains(said, "0 devices, <nil>") || !strings.Contains(said, "no Vulkan loader") ||
		!strings.Contains(said, "install a GPU driver") {
		t.Errorf("without a loader: %s", said)
	}
}
