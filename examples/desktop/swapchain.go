package main

import (
	"errors"
	"fmt"

	vk "github.com/goki/vulkan"
)

// A swapchain is the images of the window in its present size. The program
// writes pixels in a buffer and copies them, so that a queue that computes will
// do.
type swapchain struct {
	g             *gpu
	chain         vk.Swapchain
	width, height int
	images        []vk.Image
	drawn         []vk.Semaphore // of each image: what its presentation waits for
	acquired      vk.Semaphore   // of the frame at hand
	red, blue     uint32         // bits that the channels of a pixel are shifted by
}

// errNoSize says that the window has no pixels: it is minimised.
var errNoSize = errors.New("the window has no size")

// newSwapchain makes one of the size that the window has; width and height are
// for window systems that leave it to the program.
func (g *gpu) newSwapchain(width, height int) (*swapchain, error) {
	s := &swapchain{g: g}
	err := settingUp(func() error { return s.open(uint32(width), uint32(height)) })
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *swapchain) open(width, height uint32) error {
	g := s.g
	var can vk.SurfaceCapabilities
	if err := check("vkGetPhysicalDeviceSurfaceCapabilities",
		vk.GetPhysicalDeviceSurfaceCapabilities(g.physical, g.surface, &can)); err != nil {
		return err
	}
	can.Deref()
	can.CurrentExtent.Deref()
	can.MinImageExtent.Deref()
	can.MaxImageExtent.Deref()
	size := can.CurrentExtent
	if size.Width == vk.MaxUint32 { // the program chooses
		size.Width = min(max(width, can.MinImageExtent.Width), can.MaxImageExtent.Width)
		size.Height = min(max(height, can.MinImageExtent.Height), can.MaxImageExtent.Height)
	}
	if size.Width == 0 || size.Height == 0 {
		return errNoSize
	}
	if can.SupportedUsageFlags&vk.ImageUsageFlags(vk.ImageUsageTransferDstBit) == 0 {
		return fmt.Errorf("%s cannot copy to the window", g.name)
	}
	format, err := s.format()
	if err != nil {
		return err
	}
	count := can.MinImageCount + 1
	if can.MaxImageCount != 0 {
		count = min(count, can.MaxImageCount)
	}
	alpha := vk.CompositeAlphaOpaqueBit
	if can.SupportedCompositeAlpha&vk.CompositeAlphaFlags(alpha) == 0 {
		alpha = vk.CompositeAlphaInheritBit
	}
	var chain vk.Swapchain
	r := vk.CreateSwapchain(g.device, &vk.SwapchainCreateInfo{
		SType: vk.StructureTypeSwapchainCreateInfo, Surface: g.surface, MinImageCount: count,
		ImageFormat: format.Format, ImageColorSpace: format.ColorSpace, ImageExtent: size, ImageArrayLayers: 1,
		ImageUsage: vk.ImageUsageFlags(vk.ImageUsageTransferDstBit), ImageSharingMode: vk.SharingModeExclusive,
		PreTransform: can.CurrentTransform, CompositeAlpha: alpha,
		PresentMode: vk.PresentModeFifo, // the display's rate; every driver has it
		Clipped:     vk.True,
	}, nil, &chain)
	if err := check("vkCreateSwapchain", r); err != nil {
		return err
	}
	s.chain, s.width, s.height = chain, int(size.Width), int(size.Height)
	var n uint32
	vk.GetSwapchainImages(g.device, chain, &n, nil)
	s.images = make([]vk.Image, n)
	if err := check("vkGetSwapchainImages", vk.GetSwapchainImages(g.device, chain, &n, s.images)); err != nil {
		return err
	}
	if s.acquired, err = g.semaphore(); err != nil {
		return err
	}
	for range s.images {
		drawn, err := g.semaphore()
		if err != nil {
			return err
		}
		s.drawn = append(s.drawn, drawn)
	}
	return nil
}

// format chooses one of 8 bits a channel that is copied to as it is.
func (s *swapchain) format() (vk.SurfaceFormat, error) {
	var n uint32
	vk.GetPhysicalDeviceSurfaceFormats(s.g.physical, s.g.surface, &n, nil)
	list := make([]vk.SurfaceFormat, n)
	vk.GetPhysicalDeviceSurfaceFormats(s.g.physical, s.g.surface, &n, list)
	for _, f := range list {
		f.Deref()
		switch f.Format {
		case vk.FormatB8g8r8a8Unorm:
			s.red, s.blue = 16, 0
			return f, nil
		case vk.FormatR8g8b8a8Unorm:
			s.red, s.blue = 0, 16
			return f, nil
		}
	}
	return vk.SurfaceFormat{}, fmt.Errorf("%s has no format of 8 bits a channel for the window", s.g.name)
}

func (g *gpu) semaphore() (vk.Semaphore, error) {
	var s vk.Semaphore
	r := vk.CreateSemaphore(g.device, &vk.SemaphoreCreateInfo{SType: vk.StructureTypeSemaphoreCreateInfo}, nil, &s)
	return s, check("vkCreateSemaphore", r)
}

// close frees the swapchain, which the queue may still be presenting.
func (s *swapchain) close() {
	if s == nil {
		return
	}
	s.g.idle()
	for _, x := range append(s.drawn, s.acquired) {
		vk.DestroySemaphore(s.g.device, x, nil)
	}
	vk.DestroySwapchain(s.g.device, s.chain, nil)
}
