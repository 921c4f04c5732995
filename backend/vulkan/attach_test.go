//go:build cgo && !darwin

package vulkan

import (
	"encoding/binary"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"

	vk "github.com/goki/vulkan"

	"falconmamba/backend"
	"falconmamba/backend/backendtest"
	"falconmamba/internal/mmap"
)

// A program is one that has opened a Vulkan device of its own, with no more than
// RequiredFeatures.
type program struct {
	Handles
	mu    sync.Mutex // of the queue
	queue vk.Queue
}

// newProgram opens the first device, as a program would that uses the binding.
func newProgram(t *testing.T) *program {
	t.Helper()
	openTest(t) // skips, or fails, where there is no device
	instance, lookup, err := acquire()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(release)
	list, err := candidates(instance, lookup)
	if err != nil {
		t.Fatal(err)
	}
	physical, family := list[0].handle, uint32(list[0].physical.family)

	// VkPhysicalDeviceTimelineSemaphoreFeatures, in memory that is not Go's.
	m, err := mmap.Alloc(4096)
	m = own(t, m, err)
	page := m.Bytes()
	binary.NativeEndian.PutUint32(page, 1000207000)
	binary.NativeEndian.PutUint32(page[16:], 1)

	// The binding frees arguments when the collector runs.
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	var dev vk.Device
	r := vk.CreateDevice(physical, &vk.DeviceCreateInfo{
		SType: vk.StructureTypeDeviceCreateInfo, PNext: unsafe.Pointer(&page[0]),
		QueueCreateInfoCount: 1,
		PQueueCreateInfos: []vk.DeviceQueueCreateInfo{{
			SType: vk.StructureTypeDeviceQueueCreateInfo, QueueFamilyIndex: family, QueueCount: 1, PQueuePriorities: []float32{1},
		}},
	}, nil, &dev)
	if r != vk.Success {
		t.Fatal(failure("vkCreateDevice", int32(r)))
	}
	t.Cleanup(func() { vk.DestroyDevice(dev, nil) })
	p := &program{}
	vk.GetDeviceQueue(dev, family, 0, &p.queue)
	p.Handles = Handles{
		Instance: unsafe.Pointer(instance), PhysicalDevice: unsafe.Pointer(physical), Device: unsafe.Pointer(dev),
		Queue: unsafe.Pointer(p.queue), QueueFamily: family, Lock: &p.mu, ProcAddr: unsafe.Pointer(lookup),
		APIVersion: vk.MakeVersion(1, 2, 0), Extensions: RequiredExtensions(), Features: RequiredFeatures(),
	}
	return p
}

// work uses the program's queue until stop is closed.
func (p *program) work(stop chan struct{}) {
	for {
		select {
		case <-stop:
			return
		case <-time.After(time.Millisecond):
		}
		p.mu.Lock()
		vk.QueueWaitIdle(p.queue)
		p.mu.Unlock()
	}
}

// An attached device passes the suite with the least that a device can be
// opened with, beside a device of our own and while the program uses the queue;
// and both go on when the other is closed.
func TestAttach(t *testing.T) {
	p := newProgram(t)
	own := openTest(t)
	v := noise(70, 1)
	x := matrix(t, own, 7, 10, v)

	stop, done := make(chan struct{}), make(chan struct{})
	go func() { p.work(stop); close(done) }()
	backendtest.Run(t, func() (backend.Backend, error) {
		b, err := Attach(p.Handles)
		if err == nil {
			b.(*device).spans = *spans
			if f := b.Info().Features; strings.Contains(strings.Join(f, " "), "16") {
				t.Errorf("a device without features has %v", f)
			}
		}
		return b, err
	})
	close(stop)
	<-done

	for range 2 {
		b, err := Attach(p.Handles)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := b.Close(); err != nil {
				t.Error(err)
			}
		})
		y := matrix(t, b.(*device), 7, 10, v)
		submit(t, own, backend.Add{Dst: x, A: x, B: x})
		submit(t, b.(*device), backend.Add{Dst: y, A: y, B: y})
	}
	want := make([]float64, len(v))
	for i := range v {
		want[i] = 4 * float64(v[i])
	}
	near(t, "beside attached devices", values(t, x), want)
}

func TestAttachRefuses(t *testing.T) {
	p := newProgram(t)
	for _, c := range []struct {
		name, want string
		change     func(*Handles)
	}{
		{"no device", "Handles.Device is nil", func(h *Handles) { h.Device = nil }},
		{"no loader", "Handles.ProcAddr is nil", func(h *Handles) { h.ProcAddr = nil }},
		{"no timelines", "timelineSemaphore is not among Handles.Features", func(h *Handles) { h.Features = OptionalFeatures() }},
		{"an old instance", "has Vulkan 1.1, want 1.2", func(h *Handles) { h.APIVersion = vk.MakeVersion(1, 1, 0) }},
		{"a family that is not there", "queue family 77", func(h *Handles) { h.QueueFamily = 77 }},
	} {
		h := p.Handles
		c.change(&h)
		b, err := Attach(h)
		if err == nil || !strings.Contains(err.Error(), c.want) || b != nil {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}
