// Package shaders holds the GPU kernels of falconmamba and what drivers must
// know of them.
//
// # Sources
//
// A kernel is written once, in GLSL: one NAME.comp for each, shared parts in
// *.glsl. Where matrix units take other steps, NAME_half.comp has them, and NAME.glsl
// what the two share. `make generate` compiles every variant of every source with pinned
// compilers and commits the results: spv/VARIANT.spv for Vulkan,
// msl/VARIANT.metal for Metal, kernels.go, the table of bindings, parameters,
// workgroup sizes and needed features as read back from the SPIR-V, and
// calls.go, a struct to call the kernels of each source by. [Lookup] finds a
// kernel in the table.
//
// Comments in a source direct the generator:
//
//	// variant: matvec_bf16_f32 WEIGHT=BF16   a kernel compiled with -DWEIGHT=BF16
//	// source: head                           these are kernels of head.comp too
//	// target: vulkan1.3                      for what 1.2 lacks; 1.2 is the rule
//	// metal: none, REASON                    no MSL: REASON
//	// metal: metal/NAME.metal, REASON        MSL by hand, the same kernel: REASON
//
// A source without variants is one kernel of its own name. Names are
// op_types_variant, the same in GLSL, MSL, Go and profiles.
//
// # Rules for kernels
//
// Storage buffers are bindings 1, 2, … of set 0, without gaps: in Metal the
// parameters take buffer 0. Each says readonly or writeonly where that is true:
// drivers derive the order of dispatches from it.
//
// Parameters are one push_constant block of 32-bit scalars, at most 128 bytes.
//
// A tensor operand T has two of them: t_off, the elements from the start of the
// binding to the view's first, and t_stride, the elements from row to row. Names
// that differ only in underscores and case are the same.
//
// # Calls
//
// Go calls a kernel by the struct of its source in calls.go: for copy.comp
// [Copy], with an operand for each binding, [CopyParams], the parameters but the
// operands' offsets and strides, and [CopyConstants]. Names are the GLSL ones in
// Go's spelling. A method for each kernel of the source binds it; kernels that
// are named by the types that they read share one, to which [Types] are given.
//
// The workgroup's size is constant 0 (local_size_x_id = 0); other choices are
// specialization constants from 1 up. No kernel may assume a subgroup size (4
// to 128 are met), more than 256 invocations, more than 16 KiB of shared
// memory, 16-bit types or storage, or more workgroups in one dimension than
// 65535, unless its Needs says so and a plainer kernel does the same work.
package shaders

import (
	"embed"
	"fmt"
	"sort"
	"strings"
)

//go:generate ../scripts/generate.sh

//go:embed spv
var spv embed.FS

//go:embed msl
var msl embed.FS

// A Kernel is one compiled kernel as its SPIR-V describes it.
type Kernel struct {
	Name      string     // op_types_variant
	Source    string     // the .comp file, without the suffix
	Bindings  []Binding  // storage buffers, from binding 1 up
	Params    []Param    // members of the push_constant block, by offset
	ParamSize int        // bytes of the block
	Workgroup [3]int     // invocations, where no constant sets them
	SizeIDs   [3]int     // constant IDs that set Workgroup, or -1
	Constants []Constant // specialization constants, by ID
	Shared    int        // bytes of workgroup memory, constants at their defaults
	Needs     Feature
	Metal     bool // has MSL
}

// A Binding is one storage buffer of a kernel.
type Binding struct {
	Name        string // the block's name in GLSL
	Read, Write bool
}

// A Param is one member of a kernel's push_constant block.
type Param struct {
	Name   string
	Type   ParamType
	Offset int // bytes
}

// A ParamType is the type of a parameter or a constant.
type ParamType uint8

const (
	Uint ParamType = iota
	Int
	Float
	Bool // of constants alone
)

// A Constant is a specialization constant of 32 bits.
type Constant struct {
	Name    string // empty for the size of the workgroup
	Type    ParamType
	ID      int
	Default uint32
}

// A Feature is a set of what a kernel needs of a device beyond Vulkan 1.2's
// least.
type Feature uint32

const (
	Float16                 Feature = 1 << iota // 16-bit float arithmetic
	Int8                                        // 8-bit integer arithmetic
	Int16                                       // 16-bit integer arithmetic
	Int64                                       // 64-bit integer arithmetic
	Float64                                     // 64-bit float arithmetic
	Storage16                                   // 16-bit types in storage buffers
	Storage8                                    // 8-bit types in storage buffers
	Subgroup                                    // basic subgroup operations
	SubgroupVote                                //
	SubgroupArithmetic                          //
	SubgroupBallot                              //
	SubgroupShuffle                             //
	SubgroupShuffleRelative                     //
	SubgroupClustered                           //
	DotProduct                                  // integer dot products of packed bytes
	MemoryModel                                 // the Vulkan memory model
	MemoryModelDevice                           // the same at device scope
	CooperativeMatrix                           //
	BFloat16                                    // the bfloat16 type
	BFloat16Matrix                              // cooperative matrices of it
	Shared16                                    // explicit layout of 16-bit workgroup memory
	featureEnd
)

var featureNames = [...]string{
	"float16", "int8", "int16", "int64", "float64", "storage16", "storage8",
	"subgroup", "subgroup-vote", "subgroup-arithmetic", "subgroup-ballot", "subgroup-shuffle",
	"subgroup-shuffle-relative", "subgroup-clustered", "dot-product", "memory-model",
	"memory-model-device", "cooperative-matrix", "bfloat16", "bfloat16-matrix", "shared16",
}

// Names lists the features of the set.
func (f Feature) Names() []string {
	var names []string
	for i, name := range featureNames {
		if f&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

func (f Feature) String() string { return strings.Join(f.Names(), " ") }

// Lookup returns the kernel called name, or nil.
func Lookup(name string) *Kernel {
	i := sort.Search(len(kernels), func(i int) bool { return kernels[i].Name >= name })
	if i == len(kernels) || kernels[i].Name != name {
		return nil
	}
	return &kernels[i]
}

// Kernels returns all kernels, by name. The table is shared: do not write to it.
func Kernels() []Kernel { return kernels }

// SPIRV returns the kernel's module, entry point "main".
func (k *Kernel) SPIRV() ([]byte, error) {
	b, err := spv.ReadFile("spv/" + k.Name + ".spv")
	if err != nil {
		return nil, fmt.Errorf("kernel %s: %w", k.Name, err)
	}
	return b, nil
}

// MSL returns the kernel's Metal source; its function has the kernel's name.
func (k *Kernel) MSL() (string, error) {
	b, err := msl.ReadFile("msl/" + k.Name + ".metal")
	if err != nil {
		return "", fmt.Errorf("kernel %s: %w", k.Name, err)
	}
	return string(b), nil
}
