package main

import (
	"encoding/binary"
	"slices"
)

// Numbers of the SPIR-V specification: operations that a device may contract, in
// order, and what forbids it.
const (
	opFAdd             = 129
	opFSub             = 131
	opFMul             = 133
	opFDiv             = 136
	opVectorTimesScale = 142
	opDot              = 148
	decNoContraction   = 42
)

// precise returns a module in which no float operation may be contracted, if it
// says so of one. spirv-opt 2025.1 forgets it in the copies that it makes of a
// loop's body: then a product and a sum are rounded once in one place of a kernel
// and twice in another.
func precise(code []byte) ([]byte, error) {
	if _, err := parse(code); err != nil {
		return nil, err
	}
	w := make([]uint32, len(code)/4)
	for i := range w {
		w[i] = binary.LittleEndian.Uint32(code[4*i:])
	}
	kept := map[uint32]bool{}
	var results []uint32
	end := 0 // of the decorations
	for i := spirvHeaderWords; i < len(w); i += int(w[i] >> 16) {
		switch in := w[i : i+int(w[i]>>16)]; in[0] & 0xffff {
		case opDecorate:
			if in[2] == decNoContraction {
				kept[in[1]] = true
			}
			end = i + len(in)
		case opFAdd, opFSub, opFMul, opFDiv, opVectorTimesScale, opDot:
			if len(in) > 2 {
				results = append(results, in[2])
			}
		}
	}
	if len(kept) == 0 {
		return code, nil
	}
	var more []byte
	for _, id := range results {
		if !kept[id] {
			for _, word := range []uint32{3<<16 | opDecorate, id, decNoContraction} {
				more = binary.LittleEndian.AppendUint32(more, word)
			}
		}
	}
	return slices.Insert(slices.Clone(code), 4*end, more...), nil
}
