package main

import (
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"
	"unsafe"

	"github.com/go-gl/glfw/v3.3/glfw"
	vk "github.com/goki/vulkan"

	"falconmamba/backend"
	"falconmamba/backend/vulkan"
)

// A gpu is a Vulkan device that the program has opened for its window, and that
// the model runs on as well.
type gpu struct {
	instance vk.Instance
	surface  vk.Surface
	physical vk.PhysicalDevice
	family   uint32 // of the queue: it computes and presents
	device   vk.Device
	queue    vk.Queue
	name     string
	all      []candidate // devices that can draw to the window, the best first
	tick     float64     // ns of a timestamp, 0 where the queue takes none

	// mu is held for all that is done with the queue. The backend takes it for
	// each of its submissions, never while the device works.
	mu sync.Mutex
}

// settingUp runs f with the garbage collector off. The Vulkan binding keeps the C
// copies of slices and nested structs only until the next collection, even if
// the call that they are for is not over. So what is set up once is set up under
// this, and what every frame needs is C (frame.c).
func settingUp(f func() error) error {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	return f()
}

// A failure is what a call returned that is not VK_SUCCESS.
type failure struct {
	call   string
	result vk.Result
}

func (f *failure) Error() string { return fmt.Sprintf("%s: %v", f.call, vk.Error(f.result)) }

func check(call string, r vk.Result) error {
	if r == vk.Success {
		return nil
	}
	return &failure{call, r}
}

const apiVersion = 1<<22 | 3<<12 // Vulkan 1.3; the device may have less, down to 1.2

// openGPU opens a device that can draw to the window and run the model: the one called name, or the best.
func openGPU(w *glfw.Window, name string) (*gpu, error) {
	g := &gpu{}
	if err := settingUp(func() error { return g.open(w, name) }); err != nil {
		g.close()
		return nil, err
	}
	return g, nil
}

func (g *gpu) open(w *glfw.Window, name string) error {
	if !glfw.VulkanSupported() {
		return errors.New("no Vulkan loader: install a GPU driver (on Debian libvulkan1 and mesa-vulkan-drivers)")
	}
	vk.SetGetInstanceProcAddr(glfw.GetVulkanGetInstanceProcAddress())
	if err := vk.Init(); err != nil {
		return err
	}
	extensions := w.GetRequiredInstanceExtensions()
	if len(extensions) == 0 {
		return errors.New("no Vulkan driver that can draw to a window: install one for your GPU (on Debian " +
			"mesa-vulkan-drivers)")
	}
	var instance vk.Instance
	r := vk.CreateInstance(&vk.InstanceCreateInfo{
		SType:                   vk.StructureTypeInstanceCreateInfo,
		PApplicationInfo:        &vk.ApplicationInfo{SType: vk.StructureTypeApplicationInfo, ApiVersion: apiVersion},
		EnabledExtensionCount:   uint32(len(extensions)),
		PpEnabledExtensionNames: terminated(extensions),
	}, nil, &instance)
	if r == vk.ErrorIncompatibleDriver {
		return errors.New("no Vulkan driver: install one for your GPU (on Debian mesa-vulkan-drivers)")
	}
	if err := check("vkCreateInstance", r); err != nil {
		return err
	}
	g.instance = instance
	if err := vk.InitInstance(instance); err != nil {
		return err
	}
	if err := g.makeSurface(w); err != nil {
		return err
	}
	return g.choose(name)
}

// makeSurface makes the surface of the window anew. GLFW's binding returns the
// address of a variable that nothing keeps: another reason to be settingUp.
func (g *gpu) makeSurface(w *glfw.Window) error {
	if g.surface != vk.NullSurface {
		vk.DestroySurface(g.instance, g.surface, nil)
		g.surface = vk.NullSurface
	}
	at, err := w.CreateWindowSurface(g.instance, nil)
	if err != nil {
		return fmt.Errorf("the window has no Vulkan surface: %w", err)
	}
	g.surface = vk.SurfaceFromPointer(at)
	return nil
}

// A candidate is a device that can draw to the window.
type candidate struct {
	physical vk.PhysicalDevice
	family   uint32
	name     string
	rank     int
	tick     float64
}

// choose takes the device called name, or the best that will do.
func (g *gpu) choose(name string) error {
	var n uint32
	vk.EnumeratePhysicalDevices(g.instance, &n, nil)
	list := make([]vk.PhysicalDevice, n)
	if r := vk.EnumeratePhysicalDevices(g.instance, &n, list); r != vk.Success || n == 0 {
		return errors.New("no Vulkan driver: install one for your GPU (on Debian mesa-vulkan-drivers)")
	}
	var why []string
	for _, p := range list {
		var about vk.PhysicalDeviceProperties
		vk.GetPhysicalDeviceProperties(p, &about)
		about.Deref()
		about.Limits.Deref()
		c := candidate{physical: p, name: vk.ToString(about.DeviceName[:])}
		family, stamps, err := g.familyOf(p)
		if err != nil {
			why = append(why, c.name+" "+err.Error())
			continue
		}
		c.family = family
		c.rank = map[vk.PhysicalDeviceType]int{vk.PhysicalDeviceTypeDiscreteGpu: 3,
			vk.PhysicalDeviceTypeIntegratedGpu: 2, vk.PhysicalDeviceTypeVirtualGpu: 1}[about.DeviceType]
		if stamps {
			c.tick = float64(about.Limits.TimestampPeriod)
		}
		g.all = append(g.all, c)
	}
	slices.SortStableFunc(g.all, func(a, b candidate) int { return b.rank - a.rank })
	for _, c := range g.all {
		if name == "" || c.name == name {
			g.physical, g.family, g.name, g.tick = c.physical, c.family, c.name, c.tick
			return nil
		}
	}
	if len(g.all) > 0 {
		return fmt.Errorf("the device %s is gone", name)
	}
	return fmt.Errorf("no Vulkan device can draw to the window: %s", strings.Join(why, "; "))
}

// names lists the devices that can draw to the window.
func (g *gpu) names() (list []string) {
	for _, c := range g.all {
		list = append(list, c.name)
	}
	return list
}

// familyOf returns a queue family that computes and presents to the window, and
// whether it takes timestamps.
func (g *gpu) familyOf(p vk.PhysicalDevice) (family uint32, stamps bool, err error) {
	var n uint32
	vk.EnumerateDeviceExtensionProperties(p, "", &n, nil)
	extensions := make([]vk.ExtensionProperties, n)
	vk.EnumerateDeviceExtensionProperties(p, "", &n, extensions)
	presents := false
	for _, e := range extensions {
		e.Deref()
		presents = presents || vk.ToString(e.ExtensionName[:]) == vk.KhrSwapchainExtensionName
	}
	if !presents {
		return 0, false, errors.New("presents nothing")
	}
	vk.GetPhysicalDeviceQueueFamilyProperties(p, &n, nil)
	families := make([]vk.QueueFamilyProperties, n)
	vk.GetPhysicalDeviceQueueFamilyProperties(p, &n, families)
	for i, f := range families {
		f.Deref()
		var yes vk.Bool32
		vk.GetPhysicalDeviceSurfaceSupport(p, uint32(i), g.surface, &yes)
		if yes.B() && vk.QueueFlagBits(f.QueueFlags)&vk.QueueComputeBit != 0 {
			return uint32(i), f.TimestampValidBits == 64, nil
		}
	}
	return 0, false, errors.New("has no queue that computes and presents to this window")
}

// attach creates the device with what the model's kernels can use and what the
// window needs, and makes a backend of it. No frame is to wait longer than slice
// for what the model does.
func (g *gpu) attach(slice time.Duration, spans bool) (b backend.Backend, err error) {
	h := vulkan.Handles{
		Instance: unsafe.Pointer(g.instance), PhysicalDevice: unsafe.Pointer(g.physical), QueueFamily: g.family,
		ProcAddr: glfw.GetVulkanGetInstanceProcAddress(), APIVersion: apiVersion,
		Lock: &g.mu, Slice: slice, Spans: spans,
	}
	setup, err := vulkan.NewSetup(h)
	if err != nil {
		return nil, err
	}
	defer setup.Close()
	h.Extensions, h.Features = setup.Extensions, setup.Features
	extensions := append([]string{vk.KhrSwapchainExtensionName}, setup.Extensions...)
	err = settingUp(func() error {
		var device vk.Device
		r := vk.CreateDevice(g.physical, &vk.DeviceCreateInfo{
			SType: vk.StructureTypeDeviceCreateInfo, PNext: setup.Chain,
			QueueCreateInfoCount: 1,
			PQueueCreateInfos: []vk.DeviceQueueCreateInfo{{
				SType: vk.StructureTypeDeviceQueueCreateInfo, QueueFamilyIndex: g.family, QueueCount: 1,
				PQueuePriorities: []float32{1},
			}},
			EnabledExtensionCount: uint32(len(extensions)), PpEnabledExtensionNames: terminated(extensions),
		}, nil, &device)
		var queue vk.Queue // a local, since the binding passes its address to C
		if r == vk.Success {
			vk.GetDeviceQueue(device, g.family, 0, &queue)
		}
		g.device, g.queue = device, queue
		return check("vkCreateDevice", r)
	})
	if err != nil {
		return nil, err
	}
	h.Device, h.Queue = unsafe.Pointer(g.device), unsafe.Pointer(g.queue)
	return vulkan.Attach(h)
}

// idle waits until the queue has nothing to do.
func (g *gpu) idle() {
	g.mu.Lock()
	defer g.mu.Unlock()
	vk.QueueWaitIdle(g.queue)
}

func (g *gpu) close() {
	if g.device != nil {
		vk.DestroyDevice(g.device, nil)
	}
	if g.surface != vk.NullSurface {
		vk.DestroySurface(g.instance, g.surface, nil)
	}
	if g.instance != nil {
		vk.DestroyInstance(g.instance, nil)
	}
}

// terminated returns names as C has them.
func terminated(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = strings.TrimRight(n, "\x00") + "\x00"
	}
	return out
}
