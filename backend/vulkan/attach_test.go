//go:build cgo && !darwin

package vulkan

import (
	"context"
	"encoding/binary"
	"errors"
	"runtime/debug"
	"slices"
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
func newProgram(t *testing.T) *program { return newProgramWith(t, false) }

// newProgramWith is newProgram, on request with all that NewSetup says.
func newProgramWith(t *testing.T, all bool) *program {
	t.Helper()
	openTest(t) // skips, or fails, where there is no device
	instance, lookup, err := sharedInstance()
	if err != nil {
		t.Fatal(err)
	}
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

	p := &program{}
	p.Handles = Handles{
		Instance: instance, PhysicalDevice: physical, QueueFamily: family, Lock: &p.mu,
		ProcAddr: unsafe.Pointer(lookup), APIVersion: vk.MakeVersion(1, 2, 0), Extensions: RequiredExtensions(),
		Features: RequiredFeatures(),
	}
	chain := unsafe.Pointer(&page[0])
	var extensions []string
	if all {
		p.APIVersion = vk.MakeVersion(1, 3, 0)
		s, err := NewSetup(p.Handles)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		p.Extensions, p.Features, chain = s.Extensions, s.Features, s.Chain
		for _, e := range s.Extensions {
			extensions = append(extensions, e+"\x00")
		}
	}

	bind(t, unsafe.Pointer(lookup), instance)
	// The binding frees arguments when the collector runs.
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	var dev vk.Device
	r := vk.CreateDevice(vk.PhysicalDevice(physical), &vk.DeviceCreateInfo{
		SType: vk.StructureTypeDeviceCreateInfo, PNext: chain,
		EnabledExtensionCount: uint32(len(extensions)), PpEnabledExtensionNames: extensions,
		QueueCreateInfoCount: 1,
		PQueueCreateInfos: []vk.DeviceQueueCreateInfo{{
			SType: vk.StructureTypeDeviceQueueCreateInfo, QueueFamilyIndex: family, QueueCount: 1,
			PQueuePriorities: []float32{1},
		}},
	}, nil, &dev)
	if r != vk.Success {
		t.Fatal(failure("vkCreateDevice", int32(r)))
	}
	t.Cleanup(func() { vk.DestroyDevice(dev, nil) })
	var queue vk.Queue
	vk.GetDeviceQueue(dev, family, 0, &queue)
	p.queue, p.Device, p.Queue = queue, unsafe.Pointer(dev), unsafe.Pointer(queue)
	return p
}

// bind fills the binding's function table, as a program does that draws.
func bind(t *testing.T, lookup, instance unsafe.Pointer) {
	t.Helper()
	vk.SetGetInstanceProcAddr(lookup)
	if err := errors.Join(vk.Init(), vk.InitInstance(vk.Instance(instance))); err != nil {
		t.Fatal(err)
	}
}

// A program's table of the binding stays its own: what its instance has enabled is there after devices were listed and
// opened.
func TestTableIsTheProgram(t *testing.T) {
	if err := openTest(t).Close(); err != nil {
		t.Fatal(err)
	}
	bind(t, unsafe.Pointer(loader.lookup), loader.instance)
	anotherInstance(t)                               // the program's comes first
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // the binding frees arguments when the collector runs
	var instance vk.Instance
	r := vk.CreateInstance(&vk.InstanceCreateInfo{
		SType: vk.StructureTypeInstanceCreateInfo, EnabledExtensionCount: 1,
		PpEnabledExtensionNames: []string{vk.KhrSurfaceExtensionName + "\x00"},
	}, nil, &instance)
	if r == vk.ErrorExtensionNotPresent {
		t.Skip("the loader has no VK_KHR_surface")
	}
	if r != vk.Success {
		t.Fatal(failure("vkCreateInstance", int32(r)))
	}
	t.Cleanup(func() { vk.DestroyInstance(instance, nil) })
	bind(t, unsafe.Pointer(loader.lookup), unsafe.Pointer(instance))
	call := func() { vk.DestroySurface(instance, vk.NullSurface, nil) } // nothing, by a call that is there
	call()
	if _, err := (driver{}).Devices(); err != nil {
		t.Fatal(err)
	}
	call()
	openTest(t)
	call()
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

// An attached device passes the suite, of which -short runs a case of every kind,
// with the least that a device can be opened with, beside a device of our own and
// while the program uses the queue; and both go on when the other is closed.
func TestAttach(t *testing.T) {
	p := newProgram(t)
	own := openTest(t)
	v := noise(70, 1)
	x := matrix(t, own, 7, 10, v)

	stop, done := make(chan struct{}), make(chan struct{})
	go func() { p.work(stop); close(done) }()
	suite := backendtest.Run[*testing.T]
	if testing.Short() {
		suite = backendtest.RunFew[*testing.T]
	}
	suite(t, func() (backend.Backend, error) {
		b, err := Attach(p.Handles)
		if err == nil {
			forTest(b)
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

// A device created with what NewSetup says has all that one of our own has.
func TestSetup(t *testing.T) {
	p := newProgramWith(t, true)
	own := openTest(t)
	b, err := Attach(p.Handles)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	if got, want := b.Info().Features, own.Info().Features; !slices.Equal(got, want) {
		t.Errorf("attached: %v, want %v", got, want)
	}
	x := matrix(t, b.(*device), 7, 10, noise(70, 1))
	submit(t, b.(*device), backend.Add{Dst: x, A: x, B: x})

	old := p.Handles
	old.APIVersion = vk.MakeVersion(1, 2, 0)
	s, err := NewSetup(old)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if slices.Contains(s.Features, "maintenance4") {
		t.Errorf("an instance of Vulkan 1.2 has %v", s.Features)
	}
	if _, err := NewSetup(Handles{}); err == nil {
		t.Error("NewSetup of nothing")
	}
}

// An attached device is batch invariant where it is asked to be, as one that was opened.
func TestAttachInvariant(t *testing.T) {
	p := newProgramWith(t, true)
	for _, asked := range []bool{false, true} {
		h := p.Handles
		h.BatchInvariant = asked
		attached, err := Attach(h)
		attached = own(t, attached, err)
		opened, err := driver{}.Open(0, backend.Options{BatchInvariant: asked})
		opened = own(t, opened, err)
		a, o := attached.(*device), opened.(*device)
		if got, want := a.Info().BatchInvariant, o.Info().BatchInvariant; got != asked || want != asked {
			t.Errorf("asked %t: attached %t, opened %t", asked, got, want)
		}
		if a.target.BatchInvariant != o.target.BatchInvariant || a.subgroup != o.subgroup ||
			a.target.SubgroupMin != o.target.SubgroupMin || a.target.SubgroupMax != o.target.SubgroupMax {
			t.Errorf("asked %t: kernels are chosen for %+v, opened for %+v", asked, a.target, o.target)
		}
	}
}

// A counter is a queue's lock that counts what is in the queue before each
// submission of a backend.
type counter struct {
	sync.Mutex
	d    *device
	sent int
	most uint64
}

func (c *counter) Lock() {
	c.Mutex.Lock()
	if c.d != nil { // which its caller has locked
		c.d.idle()
		c.sent++
		c.most = max(c.most, c.d.last-c.d.reached)
	}
}

// measured tests that with a Slice a plan of one piece is measured and divided as well, and what it took tells how long
// the next plan takes.
func measured(t *testing.T, h Handles) {
	h.Lock, h.Slice = nil, 40*time.Nanosecond // shorter than anything that runs
	b, err := Attach(h)
	d := own(t, b, err).(*device) // closed last: what is made from it is closed when the test ends too
	if d.physical.timestamp_bits == 0 {
		t.Skip("the device has no timestamps: nothing is measured")
	}
	x := matrix(t, d, 1, 5, []float32{1, 2, 3, 4, 5})
	list := make([]backend.Op, 16)
	for i := range list {
		list[i] = backend.Add{Dst: x, A: x, B: x}
	}
	pl, err := d.Compile("one", list)
	plan := own(t, pl, err).(*plan)
	plan.Divide(1e-9)
	if err := plan.write(); err != nil {
		t.Fatal(err)
	}
	if len(plan.pieces) != 1 {
		t.Fatalf("%d pieces, want 1", len(plan.pieces))
	}
	for range 2 {
		ticket, err := plan.Submit()
		if err == nil {
			err = d.Wait(context.Background(), ticket)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(plan.pieces) == 1 || d.slower == 0 {
		t.Errorf("a plan that is too long for one piece is in %d; plans are %v times as slow as guessed",
			len(plan.pieces), d.slower)
	}
}

// With a Slice, what is in the queue takes no longer than that.
func TestSlice(t *testing.T) {
	p := newProgram(t)
	c := &counter{}
	h := p.Handles
	h.Lock, h.Slice = c, 40*time.Millisecond
	b, err := Attach(h)
	if err != nil {
		t.Fatal(err)
	}
	d := b.(*device)
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	const n, ops = 5, 16
	x := matrix(t, d, 1, n, []float32{1, 2, 3, 4, 5})
	list := make([]backend.Op, ops)
	for i := range list {
		list[i] = backend.Add{Dst: x, A: x, B: x}
	}
	pl, err := d.Compile("slices", list)
	plan := own(t, pl, err).(*plan)
	for _, run := range []struct {
		seconds float64 // of the plan
		sent    int
		most    uint64 // before a submission
	}{
		{0.080, 8, 1}, // pieces of a quarter of a slice, two of them in the queue
		{0.001, 1, 2},
		{1, ops, 0}, // a dispatch is not divided: each alone
	} {
		if err := d.Wait(context.Background(), backend.Ticket(d.last)); err != nil {
			t.Fatal(err)
		}
		plan.Divide(run.seconds)
		if err := plan.write(); err != nil {
			t.Fatal(err)
		}
		before := d.last
		plan.last = 0 // as if it had not run: it stays as it is divided
		c.d, c.sent, c.most = d, 0, 0
		ticket, err := plan.Submit()
		if err != nil {
			t.Fatal(err)
		}
		c.d = nil
		if c.sent != run.sent || c.most > run.most {
			t.Errorf("a plan of %v s: %d submissions with up to %d before them, want %d with %d",
				run.seconds, c.sent, c.most, run.sent, run.most)
		}
		if got := uint64(ticket) - before; got != uint64(run.sent) {
			t.Errorf("a plan of %v s took %d tickets, want %d", run.seconds, got, run.sent)
		}
	}
	want := []float64{1, 2, 3, 4, 5}
	for i := range want {
		want[i] *= 1 << (3 * ops)
	}
	near(t, "after three runs", values(t, x), want)

	measured(t, h)

	h.Slice = -1
	if _, err := Attach(h); err == nil {
		t.Error("a Slice of -1 was taken")
	}
}

// Locate finds a tensor, and nothing that is not there.
func TestLocate(t *testing.T) {
	d := openTest(t)
	x := matrix(t, d, 4, 8, make([]float32, 32))
	r, err := Locate(x.RowRange(1, 3))
	if want := (Region{x.Buf.(*buffer).handle, 4 * (3 + 10), 4 * (10 + 8)}); err != nil || r != want {
		t.Errorf("%v, %v, want %v", r, err, want)
	}
	if _, err := Locate(backend.Tensor{}); err == nil {
		t.Error("a tensor that is absent was found")
	}
	b, err := d.Alloc(64, backend.Device)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Locate(backend.Matrix(b, 32, backend.F32, 3, 4)); err == nil {
		t.Error("a tensor beyond its buffer was found")
	}
	b.Close()
	if _, err := Locate(backend.Matrix(b, 0, backend.F32, 1, 4)); !errors.Is(err, backend.ErrClosed) {
		t.Errorf("a tensor in a closed buffer: %v", err)
	}
}

func TestAttachRefuses(t *testing.T) {
	p := newProgram(t)
	for _, c := range []struct {
		name, want string
		change     func(*Handles)
	}{
		{"no device", "Handles.Device is nil", func(h *Handles) { h.Device = nil }},
		{"no loader", "Handles.ProcAddr is nil", func(h *Handles) { h.ProcAddr = nil }},
		{"no timelines", "timelineSemaphore is not among Handles.Features",
			func(h *Handles) { h.Features = OptionalFeatures() }},
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
