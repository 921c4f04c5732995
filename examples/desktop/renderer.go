package main

// #include "frame.h"
import "C"

import (
	"errors"
	"image"
	"time"
	"unsafe"

	"github.com/go-gl/glfw/v3.3/glfw"
	vk "github.com/goki/vulkan"

	"falconmamba"
	"falconmamba/examples/desktop/face"
	"falconmamba/examples/desktop/screen"
)

// A renderer draws frames: the states of all layers into a picture, if there is a
// model, and then the window's pixels from that and the cells of a page.
type renderer struct {
	g       *gpu
	picture *picture // of the model's states, or nil

	setLayout    vk.DescriptorSetLayout
	layout       vk.PipelineLayout
	bands, pages vk.Pipeline
	pageSets     sets // of one
	commands     vk.CommandPool
	command      vk.CommandBuffer
	done         vk.Fence
	clock        vk.QueryPool // null where the queue takes no timestamps

	face         *face.Face
	atlas        *face.Atlas
	tiles        *buffer // of the atlas
	grid         *buffer // of the page
	canvas, shot *buffer // of the window's size
}

func newRenderer(g *gpu) (*renderer, error) {
	r := &renderer{g: g}
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
	return r.openCommands()
}

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

// use makes f the face that pages are drawn in.
func (r *renderer) use(f *face.Face) error {
	tiles, err := r.g.newBuffer(face.AtlasBytes(f), true)
	if err != nil {
		return err
	}
	r.tiles.close()
	r.face, r.tiles = f, tiles
	r.atlas = face.NewAtlas(f, unsafe.Slice((*byte)(tiles.host), tiles.size))
	return r.rebind()
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
	return r.rebind()
}

// rebind tells the page's shader where all is that is there.
func (r *renderer) rebind() error {
	states := r.tiles // without a picture any buffer will do: it is not read
	if r.picture != nil {
		states = r.picture.drawn
	}
	return settingUp(func() error {
		for i, b := range []*buffer{r.grid, r.tiles, states, r.canvas} {
			if b != nil {
				r.bind(r.pageSets.list[0], i, b.buf, 0, int64(b.size))
			}
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

// A frame is what draw draws.
type frame struct {
	*screen.Screen
	dark    bool
	session *falconmamba.Session // whose state is drawn, if the device's memory has it, or nil
	state   *falconmamba.State   // else a copy, or nil
	shot    bool                 // leave a copy of the pixels for taken
}

// draw draws a frame and shows it. The timing is zero if there was no image to draw to.
func (r *renderer) draw(sc *swapchain, x frame) (timing, error) {
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
	r.atlas.Fill(r.grid.words(), x.Page.Cells)
	f := r.frame(sc, x, index)
	if x.shot {
		f.shot = C.VkBuffer(unsafe.Pointer(r.shot.buf))
	}
	if r.picture != nil {
		if err := r.picture.follow(x); err != nil {
			return none, err
		}
	}
	begin := time.Now()
	if err := r.submit(f, x.session); err != nil {
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
	var sets *C.VkDescriptorSet
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	if r.picture != nil {
		if row, ok := r.picture.row(s); ok { // else this shows the last picture
			f.layers, f.states_push.row = C.uint32_t(len(r.picture.sets.list)), C.uint32_t(row)
			sets = (*C.VkDescriptorSet)(unsafe.Pointer(&r.picture.sets.list[0]))
		}
	}
	if err := check("frame_record", vk.Result(C.frame_record(f, sets))); err != nil {
		return err
	}
	return check("vkQueueSubmit", vk.Result(C.frame_submit(f)))
}

// frame fills in what C needs.
func (r *renderer) frame(sc *swapchain, x frame, index uint32) *C.frame {
	dark := C.uint32_t(0)
	if x.dark {
		dark = 1
	}
	f := &C.frame{
		command: C.VkCommandBuffer(unsafe.Pointer(r.command)), queue: C.VkQueue(unsafe.Pointer(r.g.queue)),
		fence:    C.VkFence(unsafe.Pointer(r.done)),
		acquired: C.VkSemaphore(unsafe.Pointer(sc.acquired)), drawn: C.VkSemaphore(unsafe.Pointer(sc.drawn[index])),
		image: C.VkImage(unsafe.Pointer(sc.images[index])), layout: C.VkPipelineLayout(unsafe.Pointer(r.layout)),
		states: C.VkPipeline(unsafe.Pointer(r.bands)), page: C.VkPipeline(unsafe.Pointer(r.pages)),
		page_set: C.VkDescriptorSet(unsafe.Pointer(r.pageSets.list[0])),
		canvas:   C.VkBuffer(unsafe.Pointer(r.canvas.buf)),
		clock:    C.VkQueryPool(unsafe.Pointer(r.clock)),
		page_push: C.page_push{
			width: C.uint32_t(sc.width), height: C.uint32_t(sc.height), cols: C.uint32_t(x.Page.Cols),
			cell_width: C.uint32_t(r.face.Width), cell_height: C.uint32_t(r.face.Height),
			red: C.uint32_t(sc.red), blue: C.uint32_t(sc.blue), dark: dark,
		},
	}
	if p := r.picture; p != nil {
		at := x.Pixels(r.face.Width, r.face.Height)
		push := &f.page_push
		push.left, push.top = C.uint32_t(at.Min.X), C.uint32_t(at.Min.Y)
		push.right, push.bottom = C.uint32_t(at.Max.X), C.uint32_t(at.Max.Y)
		push.layers, push.states = C.uint32_t(p.c.NumHiddenLayers), C.uint32_t(p.c.StateSize)
		push.columns = C.uint32_t(p.columns)
		f.states_push = C.states_push{channels: C.uint32_t(p.c.IntermediateSize), width: C.uint32_t(p.c.StateSize),
			columns: C.uint32_t(p.columns), dark: dark}
	}
	return f
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
	for _, b := range []*buffer{r.grid, r.canvas, r.shot, r.tiles} {
		b.close()
	}
	vk.DestroyQueryPool(d, r.clock, nil)
	vk.DestroyFence(d, r.done, nil)
	vk.DestroyCommandPool(d, r.commands, nil)
	vk.DestroyDescriptorPool(d, r.pageSets.pool, nil)
	vk.DestroyPipeline(d, r.pages, nil)
	vk.DestroyPipeline(d, r.bands, nil)
	vk.DestroyPipelineLayout(d, r.layout, nil)
	vk.DestroyDescriptorSetLayout(d, r.setLayout, nil)
}
