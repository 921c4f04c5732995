package main

// #include "frame.h"
import "C"

import (
	"errors"
	"image"
	"sync"
	"time"
	"unsafe"

	"github.com/go-gl/glfw/v3.3/glfw"
	vk "github.com/goki/vulkan"

	"falconmamba"
	"falconmamba/backend/vulkan"
)

// A renderer draws frames: the states of all layers into a picture, a band for
// each, and then the window's pixels from that and the characters of a page.
type renderer struct {
	g       *gpu
	m       *falconmamba.Model
	states  *falconmamba.States // the memory that the bands are drawn from
	columns int                 // of a band
	leaving sync.WaitGroup      // memory that was states before

	setLayout    vk.DescriptorSetLayout
	layout       vk.PipelineLayout
	bands, pages vk.Pipeline
	descriptors  vk.DescriptorPool
	sets         []vk.DescriptorSet // of each layer, and of the page
	commands     vk.CommandPool
	command      vk.CommandBuffer
	done         vk.Fence
	clock        vk.QueryPool // null where the queue takes no timestamps

	font, picture      *buffer
	grid, canvas, shot *buffer // of the window's size
}

func newRenderer(g *gpu, m *falconmamba.Model) (*renderer, error) {
	r := &renderer{g: g, m: m, columns: min((m.Config().IntermediateSize+63)&^63, 1024)}
	if err := settingUp(r.open); err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

func (r *renderer) open() (err error) {
	lookup := C.PFN_vkGetInstanceProcAddr(glfw.GetVulkanGetInstanceProcAddress())
	if err := check("frame_load", vk.Result(C.frame_load(lookup, C.VkInstance(unsafe.Pointer(r.g.instance)),
		C.VkDevice(unsafe.Pointer(r.g.device))))); err != nil {
		return err
	}
	if err := r.openPipelines(); err != nil {
		return err
	}
	if err := r.openCommands(); err != nil {
		return err
	}
	c := r.m.Config()
	if r.picture, err = r.g.newBuffer(c.NumHiddenLayers*r.bandBytes(), false); err != nil {
		return err
	}
	if r.font, err = r.g.newBuffer(len(fontBytes()), true); err != nil {
		return err
	}
	copy(unsafe.Slice((*byte)(r.font.host), r.font.size), fontBytes())
	return r.follow()
}

func (r *renderer) bandBytes() int { return 4 * r.columns * r.m.Config().StateSize }

// bind makes binding i of set the bytes from at on of a VkBuffer. No frame is
// under way.
func (r *renderer) bind(set vk.DescriptorSet, i int, buf vk.Buffer, at, size int64) {
	vk.UpdateDescriptorSets(r.g.device, 1,
		[]vk.WriteDescriptorSet{{SType: vk.StructureTypeWriteDescriptorSet, DstSet: set, DstBinding: uint32(i),
			DescriptorCount: 1, DescriptorType: vk.DescriptorTypeStorageBuffer,
			PBufferInfo: []vk.DescriptorBufferInfo{{Buffer: buf, Offset: vk.DeviceSize(at),
				Range: vk.DeviceSize(size)}}}},
		0, nil)
}

// follow binds the memory that the states are in now.
func (r *renderer) follow() error {
	states, err := r.m.States()
	if err != nil {
		return err
	}
	if old := r.states; old != nil {
		r.leaving.Go(func() { old.Close() }) // it may wait for the device, which no frame is to
	}
	r.states = states
	return settingUp(func() error {
		for i, t := range states.SSM {
			at, err := vulkan.Locate(t)
			if err != nil {
				return err
			}
			r.bind(r.sets[i], 0, *(*vk.Buffer)(unsafe.Pointer(&at.Buffer)), at.Offset, at.Size)
			r.bind(r.sets[i], 1, r.picture.buf, int64(i*r.bandBytes()), int64(r.bandBytes()))
		}
		return nil
	})
}

// resize makes what depends on the window's size.
func (r *renderer) resize(width, height, cells int) (err error) {
	for _, b := range []*buffer{r.grid, r.canvas, r.shot} {
		b.close()
	}
	r.grid, r.canvas, r.shot = nil, nil, nil
	if r.grid, err = r.g.newBuffer(4*cells, true); err != nil {
		return err
	}
	if r.canvas, err = r.g.newBuffer(4*width*height, false); err != nil {
		return err
	}
	if r.shot, err = r.g.newBuffer(4*width*height, true); err != nil {
		return err
	}
	return settingUp(func() error {
		for i, b := range []*buffer{r.grid, r.font, r.picture, r.canvas} {
			r.bind(r.sets[len(r.sets)-1], i, b.buf, 0, int64(b.size))
		}
		return nil
	})
}

// errStale says that the swapchain no longer suits the window.
var errStale = errors.New("the swapchain is out of date")

// A timing is how long a frame took.
type timing struct {
	all  time.Duration // from when it wanted the queue to its end
	wait time.Duration // of that, for the queue and what was in it; all, where the device cannot tell
}

// draw draws a frame and shows it: the page, and the state of s. The timing is
// zero if there was no image to draw to. With shot it leaves a copy for taken.
func (r *renderer) draw(sc *swapchain, p *page, s *falconmamba.Session, shot bool) (timing, error) {
	var none timing
	var index uint32
	const patience = 100e6 // ns: a window that cannot be seen may get no image
	switch res := vk.AcquireNextImage(r.g.device, sc.chain, patience, sc.acquired, vk.NullFence, &index); res {
	case vk.Success, vk.Suboptimal:
	case vk.Timeout, vk.NotReady:
		return none, nil
	case vk.ErrorOutOfDate:
		return none, errStale
	default:
		return none, check("vkAcquireNextImage", res)
	}
	copy(r.grid.words(), p.cells)
	f := r.frame(sc, p, index)
	if shot {
		f.shot = C.VkBuffer(unsafe.Pointer(r.shot.buf))
	}
	if _, ok := r.states.Row(s); !ok {
		if err := r.follow(); err != nil {
			return none, err
		}
	}
	begin := time.Now()
	if err := r.submit(f, s); err != nil {
		return none, err
	}
	// The frame is complete when it is presented, so that this takes the queue for
	// a moment only, whatever the driver does in it.
	done := []vk.Fence{r.done}
	res := vk.WaitForFences(r.g.device, 1, done, vk.True, vk.MaxUint64)
	took := timing{all: time.Since(begin)}
	took.wait = took.all - r.own(f)
	if res == vk.Success {
		res = vk.ResetFences(r.g.device, 1, done)
	}
	if err := check("vkWaitForFences", res); err != nil {
		return none, err
	}
	r.g.mu.Lock()
	res = vk.Result(C.frame_present(f, C.VkSwapchainKHR(unsafe.Pointer(sc.chain)), C.uint32_t(index)))
	r.g.mu.Unlock()
	if res == vk.ErrorOutOfDate || res == vk.Suboptimal {
		return took, errStale
	}
	return took, check("vkQueuePresentKHR", res)
}

// own returns what the device itself spent on a frame that is complete.
func (r *renderer) own(f *C.frame) time.Duration {
	var stamps [2]C.uint64_t
	if f.clock == nil || C.frame_took(C.VkDevice(unsafe.Pointer(r.g.device)), f, &stamps[0]) != 0 {
		return 0
	}
	return time.Duration(float64(stamps[1]-stamps[0]) * r.g.tick)
}

// submit records the frame and submits it. It has the queue from the moment that
// it asks where the state of s is: so that is what the shaders find there.
func (r *renderer) submit(f *C.frame, s *falconmamba.Session) error {
	sets := (*C.VkDescriptorSet)(unsafe.Pointer(&r.sets[0]))
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	row, ok := r.states.Row(s)
	if !ok {
		f.layers = 0 // the next frame follows; this one shows the last picture
	}
	f.states_push.row = C.uint32_t(row)
	if err := check("frame_record", vk.Result(C.frame_record(f, sets))); err != nil {
		return err
	}
	return check("vkQueueSubmit", vk.Result(C.frame_submit(f)))
}

// frame fills in what C needs.
func (r *renderer) frame(sc *swapchain, p *page, index uint32) *C.frame {
	c := r.m.Config()
	return &C.frame{
		command: C.VkCommandBuffer(unsafe.Pointer(r.command)), queue: C.VkQueue(unsafe.Pointer(r.g.queue)),
		fence:    C.VkFence(unsafe.Pointer(r.done)),
		acquired: C.VkSemaphore(unsafe.Pointer(sc.acquired)), drawn: C.VkSemaphore(unsafe.Pointer(sc.drawn[index])),
		image: C.VkImage(unsafe.Pointer(sc.images[index])), layout: C.VkPipelineLayout(unsafe.Pointer(r.layout)),
		states: C.VkPipeline(unsafe.Pointer(r.bands)), page: C.VkPipeline(unsafe.Pointer(r.pages)),
		page_set: C.VkDescriptorSet(unsafe.Pointer(r.sets[len(r.sets)-1])),
		canvas:   C.VkBuffer(unsafe.Pointer(r.canvas.buf)),
		clock:    C.VkQueryPool(unsafe.Pointer(r.clock)),
		layers:   C.uint32_t(c.NumHiddenLayers),
		states_push: C.states_push{channels: C.uint32_t(c.IntermediateSize), width: C.uint32_t(c.StateSize),
			columns: C.uint32_t(r.columns)},
		page_push: C.page_push{
			width: C.uint32_t(sc.width), height: C.uint32_t(sc.height), cols: C.uint32_t(p.cols),
			scale: C.uint32_t(p.scale),
			left:  C.uint32_t(p.picture.Min.X), top: C.uint32_t(p.picture.Min.Y), right: C.uint32_t(p.picture.Max.X),
			bottom: C.uint32_t(p.picture.Max.Y),
			layers: C.uint32_t(c.NumHiddenLayers), states: C.uint32_t(c.StateSize), columns: C.uint32_t(r.columns),
			red: C.uint32_t(sc.red), blue: C.uint32_t(sc.blue),
		},
	}
}

// taken returns the pixels that the last draw with shot left.
func (r *renderer) taken(sc *swapchain) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, sc.width, sc.height))
	for i, w := range r.shot.words() {
		copy(out.Pix[4*i:], []byte{byte(w >> sc.red), byte(w >> 8), byte(w >> sc.blue), 255})
	}
	return out
}

func (r *renderer) close() {
	d := r.g.device
	r.g.idle()
	r.leaving.Wait()
	if r.states != nil {
		r.states.Close()
	}
	for _, b := range []*buffer{r.grid, r.canvas, r.shot, r.font, r.picture} {
		b.close()
	}
	vk.DestroyQueryPool(d, r.clock, nil)
	vk.DestroyFence(d, r.done, nil)
	vk.DestroyCommandPool(d, r.commands, nil)
	vk.DestroyDescriptorPool(d, r.descriptors, nil)
	vk.DestroyPipeline(d, r.pages, nil)
	vk.DestroyPipeline(d, r.bands, nil)
	vk.DestroyPipelineLayout(d, r.layout, nil)
	vk.DestroyDescriptorSetLayout(d, r.setLayout, nil)
}
