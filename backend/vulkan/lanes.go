//go:build cgo && !darwin

package vulkan

import (
	"encoding/binary"
	"fmt"

	"falconmamba/backend"
	"falconmamba/backend/gpu"
)

// probe finds how lanes hold the fragments of cooperative matrices, before the first
// plan: programs that share the queue do not expect work on it sooner. The device is
// locked.
func (d *device) probe() error {
	if d.probed {
		return nil
	}
	t := &d.target
	for _, f := range t.Fragments {
		rows, cols := t.LanesShape()
		b, err := d.newBuffer(int64(4*rows*cols), onHost)
		if err != nil {
			return err
		}
		op := gpu.LanesProbe{Dst: backend.Matrix(b, 0, backend.I32, rows, cols), Fragment: f}
		if t.Supports(op) {
			err = d.once(fmt.Sprintf("lanes of %d×%d×%d", f.M, f.N, f.K), op)
		}
		answer := make([]int32, rows*cols)
		for i := range answer {
			answer[i] = int32(binary.NativeEndian.Uint32(b.host[4*i:]))
		}
		b.free()
		if err != nil {
			return err
		}
		if l, ok := gpu.LanesOf(f, answer, cols); ok {
			if t.Lanes == nil {
				t.Lanes = map[gpu.Fragment]gpu.Lanes{}
			}
			t.Lanes[f] = l
		}
	}
	d.probed = true
	return nil
}

// once runs op and waits for it. The device is locked.
func (d *device) once(name string, op backend.Op) error {
	whole, err := d.machine().NewPlan(name, []backend.Op{op})
	if err != nil {
		return gpu.Errorf("vulkan", "%s: %w", name, err)
	}
	p, err := d.record(whole)
	if err != nil {
		return gpu.Errorf("vulkan", "%s: %w", name, err)
	}
	t, err := d.submit(p.pieces, p.Seconds)
	if err == nil {
		err = d.await(t)
	}
	p.free()
	return err
}
