package main

// #include "frame.h"
import "C"

import (
	_ "embed"
	"unsafe"

	vk "github.com/goki/vulkan"
)

// Made from the sources beside them by shaders/make.sh.
//
//go:embed shaders/states.spv
var statesCode []byte

//go:embed shaders/page.spv
var pageCode []byte

func (r *renderer) openPipelines() error {
	d := r.g.device
	var bindings []vk.DescriptorSetLayoutBinding
	for i := range 4 {
		bindings = append(bindings, vk.DescriptorSetLayoutBinding{Binding: uint32(i),
			DescriptorType:  vk.DescriptorTypeStorageBuffer,
			DescriptorCount: 1, StageFlags: vk.ShaderStageFlags(vk.ShaderStageComputeBit)})
	}
	var setLayout vk.DescriptorSetLayout
	res := vk.CreateDescriptorSetLayout(d,
		&vk.DescriptorSetLayoutCreateInfo{SType: vk.StructureTypeDescriptorSetLayoutCreateInfo,
			BindingCount: 4, PBindings: bindings}, nil, &setLayout)
	if err := check("vkCreateDescriptorSetLayout", res); err != nil {
		return err
	}
	r.setLayout = setLayout
	var layout vk.PipelineLayout
	res = vk.CreatePipelineLayout(d, &vk.PipelineLayoutCreateInfo{SType: vk.StructureTypePipelineLayoutCreateInfo,
		SetLayoutCount: 1, PSetLayouts: []vk.DescriptorSetLayout{setLayout}, PushConstantRangeCount: 1,
		PPushConstantRanges: []vk.PushConstantRange{{StageFlags: vk.ShaderStageFlags(vk.ShaderStageComputeBit),
			Size: C.sizeof_page_push}},
	}, nil, &layout)
	if err := check("vkCreatePipelineLayout", res); err != nil {
		return err
	}
	r.layout = layout
	var err error
	if r.bands, err = r.pipeline(statesCode); err != nil {
		return err
	}
	if r.pages, err = r.pipeline(pageCode); err != nil {
		return err
	}

	if r.pageSets, err = r.newSets(1); err != nil {
		return err
	}
	return nil
}

// A sets is descriptor sets of one pool.
type sets struct {
	pool vk.DescriptorPool
	list []vk.DescriptorSet
}

// newSets makes n descriptor sets.
func (r *renderer) newSets(n int) (sets, error) {
	d, s := r.g.device, sets{}
	var pool vk.DescriptorPool
	res := vk.CreateDescriptorPool(d, &vk.DescriptorPoolCreateInfo{SType: vk.StructureTypeDescriptorPoolCreateInfo,
		MaxSets: uint32(n), PoolSizeCount: 1,
		PPoolSizes: []vk.DescriptorPoolSize{{Type: vk.DescriptorTypeStorageBuffer, DescriptorCount: uint32(4 * n)}}},
		nil, &pool)
	if err := check("vkCreateDescriptorPool", res); err != nil {
		return s, err
	}
	s.pool = pool
	for range n {
		var set vk.DescriptorSet
		res := vk.AllocateDescriptorSets(d,
			&vk.DescriptorSetAllocateInfo{SType: vk.StructureTypeDescriptorSetAllocateInfo,
				DescriptorPool: pool, DescriptorSetCount: 1, PSetLayouts: []vk.DescriptorSetLayout{r.setLayout}}, &set)
		if err := check("vkAllocateDescriptorSets", res); err != nil {
			vk.DestroyDescriptorPool(d, pool, nil)
			return sets{}, err
		}
		s.list = append(s.list, set)
	}
	return s, nil
}

func (r *renderer) pipeline(code []byte) (vk.Pipeline, error) {
	d := r.g.device
	var module vk.ShaderModule
	res := vk.CreateShaderModule(d, &vk.ShaderModuleCreateInfo{SType: vk.StructureTypeShaderModuleCreateInfo,
		CodeSize: uint64(len(code)),
		PCode:    unsafe.Slice((*uint32)(unsafe.Pointer(&code[0])), len(code)/4)}, nil, &module)
	if err := check("vkCreateShaderModule", res); err != nil {
		return vk.NullPipeline, err
	}
	defer vk.DestroyShaderModule(d, module, nil)
	out := make([]vk.Pipeline, 1)
	res = vk.CreateComputePipelines(d, vk.NullPipelineCache, 1,
		[]vk.ComputePipelineCreateInfo{{SType: vk.StructureTypeComputePipelineCreateInfo, Layout: r.layout,
			Stage: vk.PipelineShaderStageCreateInfo{SType: vk.StructureTypePipelineShaderStageCreateInfo,
				Stage:  vk.ShaderStageComputeBit,
				Module: module, PName: "main\x00"}}}, nil, out)
	return out[0], check("vkCreateComputePipelines", res)
}

func (r *renderer) openCommands() error {
	d := r.g.device
	var pool vk.CommandPool
	res := vk.CreateCommandPool(d, &vk.CommandPoolCreateInfo{SType: vk.StructureTypeCommandPoolCreateInfo,
		QueueFamilyIndex: r.g.family,
		Flags:            vk.CommandPoolCreateFlags(vk.CommandPoolCreateResetCommandBufferBit)}, nil, &pool)
	if err := check("vkCreateCommandPool", res); err != nil {
		return err
	}
	r.commands = pool
	list := make([]vk.CommandBuffer, 1)
	res = vk.AllocateCommandBuffers(d, &vk.CommandBufferAllocateInfo{SType: vk.StructureTypeCommandBufferAllocateInfo,
		CommandPool: pool, CommandBufferCount: 1}, list)
	if err := check("vkAllocateCommandBuffers", res); err != nil {
		return err
	}
	r.command = list[0]
	var fence vk.Fence
	res = vk.CreateFence(d, &vk.FenceCreateInfo{SType: vk.StructureTypeFenceCreateInfo}, nil, &fence)
	r.done = fence
	if err := check("vkCreateFence", res); err != nil || r.g.tick == 0 {
		return err
	}
	var clock vk.QueryPool
	res = vk.CreateQueryPool(d, &vk.QueryPoolCreateInfo{SType: vk.StructureTypeQueryPoolCreateInfo,
		QueryType: vk.QueryTypeTimestamp, QueryCount: 2}, nil, &clock)
	r.clock = clock
	return check("vkCreateQueryPool", res)
}
