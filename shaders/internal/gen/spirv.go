package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"sort"

	"falconmamba/shaders"
)

// Numbers of the SPIR-V specification, version 1.6, section 3.
const (
	spirvMagic = 0x07230203

	opName                = 5
	opMemberName          = 6
	opExecutionMode       = 16
	opCapability          = 17
	opTypeBool            = 20
	opTypeInt             = 21
	opTypeFloat           = 22
	opTypeVector          = 23
	opTypeArray           = 28
	opTypeRuntimeArray    = 29
	opTypeStruct          = 30
	opTypePointer         = 32
	opConstant            = 43
	opConstantComposite   = 44
	opSpecConstantTrue    = 48
	opSpecConstantFalse   = 49
	opSpecConstant        = 50
	opSpecConstComposite  = 51
	opVariable            = 59
	opDecorate            = 71
	opMemberDecorate      = 72
	opExecutionModeID     = 331
	modeLocalSize         = 17
	modeLocalSizeID       = 38
	classWorkgroup        = 4
	classPushConstant     = 9
	classStorageBuffer    = 12
	decSpecID             = 1
	decBuiltIn            = 11
	decNonWritable        = 24
	decNonReadable        = 25
	decBinding            = 33
	decDescriptorSet      = 34
	decOffset             = 35
	builtInWorkgroupSize  = 25
	capabilityShader      = 1
	maxIDs                = 1 << 22 // the specification's universal limit
	maxStorageBindings    = 32
	maxPushConstantBytes  = 128 // the least that Vulkan 1.2 promises
	maxWorkgroupBytes     = 1 << 30
	maxTypeNesting        = 16
	spirvHeaderWords      = 5
	spirvHeaderBoundIndex = 3
)

// capabilities names what a kernel needs for each capability it declares.
var capabilities = map[uint32]shaders.Feature{
	capabilityShader: 0,
	9:                shaders.Float16,
	10:               shaders.Float64,
	11:               shaders.Int64,
	22:               shaders.Int16,
	39:               shaders.Int8,
	61:               shaders.Subgroup,
	62:               shaders.SubgroupVote,
	63:               shaders.SubgroupArithmetic,
	64:               shaders.SubgroupBallot,
	65:               shaders.SubgroupShuffle,
	66:               shaders.SubgroupShuffleRelative,
	67:               shaders.SubgroupClustered,
	4433:             shaders.Storage16,
	4434:             shaders.Storage16,
	4428:             shaders.Shared16, // WorkgroupMemoryExplicitLayoutKHR
	4430:             shaders.Shared16, // …16BitAccessKHR
	4448:             shaders.Storage8,
	4449:             shaders.Storage8,
	5116:             shaders.BFloat16,
	5118:             shaders.BFloat16Matrix,
	5345:             shaders.MemoryModel,
	5346:             shaders.MemoryModelDevice,
	6016:             shaders.DotProduct,
	6017:             shaders.DotProduct,
	6018:             shaders.DotProduct,
	6019:             shaders.DotProduct,
	6022:             shaders.CooperativeMatrix,
}

// A module is the part of a SPIR-V module that reflection reads.
type module struct {
	names     map[uint32]string
	members   map[[2]uint32]string // struct, member → name
	dec       map[[2]uint32]uint32 // target, decoration → operand
	memberDec map[[3]uint32]uint32 // struct, member, decoration → operand
	types     map[uint32][]uint32  // result → whole instruction
	consts    map[uint32][]uint32  // result → whole instruction
	vars      [][]uint32           // whole OpVariable instructions
	sizes     map[uint32]int       // of types, once known
	localSize [3]uint32
	localID   [3]uint32
	needs     shaders.Feature
}

// reflect reads what drivers must know of a compute kernel out of its SPIR-V.
func reflect(code []byte) (*shaders.Kernel, error) {
	m, err := parse(code)
	if err != nil {
		return nil, err
	}
	k := &shaders.Kernel{Needs: m.needs, SizeIDs: [3]int{-1, -1, -1}}
	for _, read := range []func(*shaders.Kernel) error{m.constants, m.workgroup, m.bindings, m.params, m.shared} {
		if err := read(k); err != nil {
			return nil, err
		}
	}
	return k, nil
}

func parse(code []byte) (*module, error) {
	if len(code)%4 != 0 || len(code) < 4*spirvHeaderWords {
		return nil, fmt.Errorf("%d bytes are no SPIR-V module", len(code))
	}
	w := make([]uint32, len(code)/4)
	for i := range w {
		w[i] = binary.LittleEndian.Uint32(code[4*i:])
	}
	if w[0] != spirvMagic {
		return nil, fmt.Errorf("magic number is %#x, want %#x", w[0], spirvMagic)
	}
	if w[spirvHeaderBoundIndex] > maxIDs {
		return nil, fmt.Errorf("bound is %d, want at most %d", w[spirvHeaderBoundIndex], maxIDs)
	}
	m := &module{
		names: map[uint32]string{}, members: map[[2]uint32]string{},
		dec: map[[2]uint32]uint32{}, memberDec: map[[3]uint32]uint32{},
		types: map[uint32][]uint32{}, consts: map[uint32][]uint32{}, sizes: map[uint32]int{},
	}
	for i := spirvHeaderWords; i < len(w); {
		op, n := w[i]&0xffff, int(w[i]>>16)
		if n == 0 || i+n > len(w) {
			return nil, fmt.Errorf("instruction at word %d has length %d of %d left", i, n, len(w)-i)
		}
		if err := m.instruction(op, w[i:i+n]); err != nil {
			return nil, fmt.Errorf("instruction at word %d: %w", i, err)
		}
		i += n
	}
	return m, nil
}

// least is how many words an instruction that reflection reads must have.
var least = map[uint32]int{
	opName: 3, opMemberName: 4, opExecutionMode: 3, opCapability: 2, opTypeBool: 2, opTypeInt: 4, opTypeFloat: 3,
	opTypeVector: 4, opTypeArray: 4, opTypeRuntimeArray: 3, opTypeStruct: 2, opTypePointer: 4, opConstant: 4,
	opConstantComposite: 3, opSpecConstantTrue: 3, opSpecConstantFalse: 3, opSpecConstant: 4,
	opSpecConstComposite: 3, opVariable: 4, opDecorate: 3, opMemberDecorate: 4, opExecutionModeID: 3,
}

func (m *module) instruction(op uint32, in []uint32) error {
	if n, read := least[op]; !read {
		return nil
	} else if len(in) < n {
		return fmt.Errorf("opcode %d has %d words, want %d", op, len(in), n)
	}
	switch op {
	case opCapability:
		f, known := capabilities[in[1]]
		if !known {
			return fmt.Errorf("capability %d is not in the generator's table: add it with the feature it stands for",
				in[1])
		}
		m.needs |= f
	case opName:
		m.names[in[1]] = text(in[2:])
	case opMemberName:
		m.members[[2]uint32{in[1], in[2]}] = text(in[3:])
	case opExecutionMode, opExecutionModeID:
		if in[2] != modeLocalSize && in[2] != modeLocalSizeID {
			return nil
		}
		if len(in) < 6 {
			return errors.New("local size has fewer than 3 words")
		}
		if in[2] == modeLocalSize {
			m.localSize = [3]uint32(in[3:6])
		} else {
			m.localID = [3]uint32(in[3:6])
		}
	case opTypeBool, opTypeInt, opTypeFloat, opTypeVector, opTypeArray, opTypeRuntimeArray, opTypeStruct, opTypePointer:
		m.types[in[1]] = in
	case opConstant, opConstantComposite, opSpecConstantTrue, opSpecConstantFalse, opSpecConstant, opSpecConstComposite:
		m.consts[in[2]] = in
	case opVariable:
		m.vars = append(m.vars, in)
	case opDecorate:
		m.dec[[2]uint32{in[1], in[2]}] = last(in[3:])
	case opMemberDecorate:
		m.memberDec[[3]uint32{in[1], in[2], in[3]}] = last(in[4:])
	}
	return nil
}

func last(operands []uint32) uint32 {
	if len(operands) == 0 {
		return 0
	}
	return operands[len(operands)-1]
}

// text reads a literal string: bytes from the low end of each word to a zero.
func text(w []uint32) string {
	var b []byte
	for _, x := range w {
		for s := 0; s < 32; s += 8 {
			c := byte(x >> s)
			if c == 0 {
				return string(b)
			}
			b = append(b, c)
		}
	}
	return string(b)
}

func (m *module) constants(k *shaders.Kernel) error {
	for id, in := range m.consts {
		spec, ok := m.dec[[2]uint32{id, decSpecID}]
		if !ok {
			continue
		}
		c := shaders.Constant{Name: m.names[id], ID: int(spec)}
		switch in[0] & 0xffff {
		case opSpecConstantTrue:
			c.Type, c.Default = shaders.Bool, 1
		case opSpecConstantFalse:
			c.Type = shaders.Bool
		case opSpecConstant:
			var err error
			if c.Type, err = m.scalar(in[1]); err != nil {
				return fmt.Errorf("specialization constant %d %w", spec, err)
			}
			c.Default = in[3]
		default:
			return fmt.Errorf("specialization constant %d is no scalar", spec)
		}
		k.Constants = append(k.Constants, c)
	}
	sort.Slice(k.Constants, func(i, j int) bool { return k.Constants[i].ID < k.Constants[j].ID })
	for i := 1; i < len(k.Constants); i++ {
		if k.Constants[i].ID == k.Constants[i-1].ID {
			return fmt.Errorf("specialization constant %d is declared twice", k.Constants[i].ID)
		}
	}
	return nil
}

// workgroup reads the size from the constant decorated WorkgroupSize, else from
// the execution mode.
func (m *module) workgroup(k *shaders.Kernel) error {
	ids := m.localID
	for id, in := range m.consts {
		if b, ok := m.dec[[2]uint32{id, decBuiltIn}]; ok && b == builtInWorkgroupSize {
			if len(in) != 6 {
				return fmt.Errorf("WorkgroupSize has %d words, want 6", len(in))
			}
			ids = [3]uint32(in[3:6])
		}
	}
	for i := range 3 {
		size := m.localSize[i]
		if ids[i] != 0 {
			c := m.consts[ids[i]]
			if len(c) < 4 {
				return fmt.Errorf("workgroup size %d is no constant", i)
			}
			size = c[3]
			if spec, ok := m.dec[[2]uint32{ids[i], decSpecID}]; ok {
				k.SizeIDs[i] = int(spec)
			}
		}
		if size == 0 || size > 1024 {
			return fmt.Errorf("workgroup size %d is %d", i, size)
		}
		k.Workgroup[i] = int(size)
	}
	return nil
}

// pointee returns the type that variable v points to.
func (m *module) pointee(v []uint32) uint32 {
	if p := m.types[v[1]]; len(p) == 4 && p[0]&0xffff == opTypePointer {
		return p[3]
	}
	return 0
}

func (m *module) bindings(k *shaders.Kernel) error {
	found := map[uint32]shaders.Binding{}
	for _, v := range m.vars {
		if v[3] != classStorageBuffer {
			continue
		}
		id, block := v[2], m.pointee(v)
		n, bound := m.dec[[2]uint32{id, decBinding}]
		set := m.dec[[2]uint32{id, decDescriptorSet}]
		typ := m.types[block]
		if !bound || set != 0 || len(typ) == 0 || typ[0]&0xffff != opTypeStruct {
			return fmt.Errorf("buffer %q is no block bound in set 0", m.names[id])
		}
		if _, dup := found[n]; dup || n == 0 || n > maxStorageBindings {
			return fmt.Errorf("buffer %q has binding %d: want 1 to %d, each once",
				m.names[block], n, maxStorageBindings)
		}
		found[n] = shaders.Binding{
			Name:  m.names[block],
			Read:  !m.all(id, block, decNonReadable),
			Write: !m.all(id, block, decNonWritable),
		}
	}
	for n := 1; n <= len(found); n++ {
		b, ok := found[uint32(n)]
		if !ok {
			return fmt.Errorf("binding %d is missing of %d", n, len(found))
		}
		k.Bindings = append(k.Bindings, b)
	}
	return nil
}

// all reports whether the variable or every member of its block is decorated.
func (m *module) all(id, block, decoration uint32) bool {
	if _, ok := m.dec[[2]uint32{id, decoration}]; ok {
		return true
	}
	n := len(m.types[block]) - 2
	for i := range n {
		if _, ok := m.memberDec[[3]uint32{block, uint32(i), decoration}]; !ok {
			return false
		}
	}
	return n > 0
}

func (m *module) params(k *shaders.Kernel) error {
	for _, v := range m.vars {
		if v[3] != classPushConstant {
			continue
		}
		block := m.pointee(v)
		typ := m.types[block]
		if len(typ) == 0 || typ[0]&0xffff != opTypeStruct {
			return errors.New("the push_constant variable is no block")
		}
		if len(k.Params) > 0 {
			return errors.New("two push_constant blocks")
		}
		for i, t := range typ[2:] {
			name := m.members[[2]uint32{block, uint32(i)}]
			off, ok := m.memberDec[[3]uint32{block, uint32(i), decOffset}]
			if !ok || off%4 != 0 || off >= maxPushConstantBytes {
				return fmt.Errorf("parameter %q is at byte %d, want a multiple of 4 below %d",
					name, off, maxPushConstantBytes)
			}
			pt, err := m.scalar(t)
			if err != nil {
				return fmt.Errorf("parameter %q: %w", name, err)
			}
			k.Params = append(k.Params, shaders.Param{Name: name, Type: pt, Offset: int(off)})
			k.ParamSize = max(k.ParamSize, int(off)+4)
		}
	}
	return nil
}

func (m *module) scalar(t uint32) (shaders.ParamType, error) {
	in := m.types[t]
	switch {
	case len(in) == 4 && in[0]&0xffff == opTypeInt && in[2] == 32 && in[3] == 0:
		return shaders.Uint, nil
	case len(in) == 4 && in[0]&0xffff == opTypeInt && in[2] == 32:
		return shaders.Int, nil
	case len(in) >= 3 && in[0]&0xffff == opTypeFloat && in[2] == 32:
		return shaders.Float, nil
	}
	return 0, errors.New("is no 32-bit scalar")
}

func (m *module) shared(k *shaders.Kernel) error {
	for _, v := range m.vars {
		if v[3] != classWorkgroup {
			continue
		}
		n, err := m.size(m.pointee(v), 0)
		if err != nil {
			return fmt.Errorf("shared %q: %w", m.names[v[2]], err)
		}
		k.Shared += n
	}
	return nil
}

// size returns the bytes of a type without padding: workgroup memory is laid
// out by the driver, which pads little or nothing.
func (m *module) size(t uint32, depth int) (int, error) {
	if n, known := m.sizes[t]; known {
		return n, nil
	}
	in := m.types[t]
	if len(in) == 0 || depth > maxTypeNesting {
		return 0, errors.New("is of a type without a size")
	}
	total := 0
	switch in[0] & 0xffff {
	case opTypeBool:
		total = 4
	case opTypeInt, opTypeFloat:
		total = int(in[2]&0xff) / 8
	case opTypeVector, opTypeArray:
		one, err := m.size(in[2], depth+1)
		if err != nil {
			return 0, err
		}
		n := int(in[3])
		if in[0]&0xffff == opTypeArray {
			c := m.consts[in[3]]
			if len(c) < 4 {
				return 0, errors.New("is an array without a constant length")
			}
			n = int(c[3])
		}
		if n > math.MaxInt32 || one > 0 && n > maxWorkgroupBytes/one {
			return 0, fmt.Errorf("is an array of %d", n)
		}
		total = one * n
	case opTypeStruct:
		for _, member := range in[2:] {
			one, err := m.size(member, depth+1)
			if err != nil {
				return 0, err
			}
			total += one
			if total > maxWorkgroupBytes {
				return 0, errors.New("is too large")
			}
		}
	default:
		return 0, errors.New("is of a type without a size")
	}
	m.sizes[t] = total
	return total, nil
}
