package main

import (
	"encoding/binary"
	"fmt"
	"math"

	"falconmamba/backend/gpu"
	"falconmamba/shaders"
)

// A launch gives kernels in Go what their GLSL reads.
type launch struct {
	params   map[string]uint32
	bindings map[string][]byte
}

func (l launch) at(name string, i uint32) float32 {
	return math.Float32frombits(binary.LittleEndian.Uint32(l.bindings[name][4*i:]))
}

func (l launch) set(name string, i uint32, v float32) {
	binary.LittleEndian.PutUint32(l.bindings[name][4*i:], math.Float32bits(v))
}

// rows is how many rows are live.
func (l launch) rows() uint32 {
	if off := l.params["live_off"]; off != shaders.Absent {
		return min(l.params["rows"], binary.LittleEndian.Uint32(l.bindings["Live"][4*off:]))
	}
	return l.params["rows"]
}

// kernels are those that this device has.
var kernels = map[string]func(launch){
	"add_f32": func(l launch) {
		p := l.params
		for r := range l.rows() {
			for c := range p["cols"] {
				a, b := l.at("A", p["a_off"]+r*p["a_stride"]+c), l.at("B", p["b_off"]+r*p["b_stride"]+c)
				l.set("Dst", p["dst_off"]+r*p["dst_stride"]+c, a+b)
			}
		}
	},
	"matmul_f32_f32": func(l launch) {
		p := l.params
		for r := range l.rows() {
			for o := range p["outs"] {
				sum := float32(0)
				if p["bias_off"] != shaders.Absent {
					sum = l.at("Bias", p["bias_off"]+o)
				}
				for c := range p["cols"] {
					sum += l.at("Src", p["src_off"]+r*p["src_stride"]+c) * l.at("Weight", o*4*p["pitch"]+c)
				}
				l.set("Dst", p["dst_off"]+r*p["dst_stride"]+o, sum)
			}
		}
	},
}

// run does a launch.
func run(x gpu.Launch[*memory]) error {
	kernel := kernels[x.Kernel.Name]
	if kernel == nil {
		return fmt.Errorf("this device has no kernel %s", x.Kernel.Name)
	}
	l := launch{map[string]uint32{}, map[string][]byte{}}
	for _, p := range x.Kernel.Params {
		l.params[p.Name] = binary.LittleEndian.Uint32(x.Params[p.Offset:])
	}
	for i, b := range x.Kernel.Bindings {
		o := x.Operands[i]
		l.bindings[b.Name] = x.Memory[i].bytes[o.At : o.At+o.Size]
	}
	kernel(l)
	return nil
}
