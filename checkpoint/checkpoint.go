package checkpoint

import (
	"encoding/binary"
	"fmt"
	"io/fs"
	"math"

	"falconmamba/backend"
	"falconmamba/backend/quant"
	"falconmamba/internal/half"
)

// A Checkpoint is a model at rest: its config and its tensors, whatever format
// they are stored in. Tensors keep their stored type and have the names of the
// Hugging Face files ("backbone.layers.0.mixer.in_proj.weight").
//
// What a Checkpoint offers fits its Config: every tensor of Config().Tensors()
// is there, with that shape, and stored in a type that backends may take. The
// head is tied exactly when Config().Tied(), and then there is no
// lm_head.weight. A format that stores A = −exp(A_log) offers "….mixer.A" in
// place of "….mixer.A_log".
//
// All methods but Close may be called by several goroutines at once.
type Checkpoint interface {
	Config() *Config               // not to be changed
	Generation() *GenerationConfig // never nil

	// Files is the folder that holds what else belongs to the model
	// (tokenizer.json, tokenizer_config.json …), or nil.
	Files() fs.FS

	// Tensors lists the tensors in the order of the computation.
	Tensors() []TensorInfo
	Lookup(name string) (TensorInfo, bool)

	// Read returns a tensor's data: a slice of a mapping where there is one,
	// else read or generated into memory of its own. Release it after use; one
	// tensor at a time keeps the peak at the largest.
	Read(name string) (*Tensor, error)

	// ReadAt fills p with the stored bytes of a tensor from offset off.
	ReadAt(name string, p []byte, off int64) error

	// Mappings returns the files' mappings, whole, for a backend that can use
	// host memory in place; nil where the tensors are not mapped. They are valid
	// until Close.
	Mappings() [][]byte

	// Warnings lists what the user should be told: a config that looks wrong,
	// tensors in the files that the model has no use for.
	Warnings() []string

	// Close unmaps. Data that was read and not copied must not be used again.
	Close() error
}

// TensorInfo describes a stored tensor.
type TensorInfo struct {
	Name  string
	Type  backend.DType
	Shape []int // not to be changed
	Bytes int64
}

// Elements returns how many numbers the tensor holds.
func (t TensorInfo) Elements() int64 { return elements(t.Shape) }

func elements(shape []int) int64 {
	n := int64(1)
	for _, d := range shape {
		n *= int64(d)
	}
	return n
}

// A Tensor is a stored tensor with its data.
type Tensor struct {
	TensorInfo
	Data []byte   // row-major, little endian, perhaps unaligned; valid until Release
	Aux  [][]byte // what the format keeps apart, see backend.WeightDesc

	Mapping int   // which of Mappings holds Data, or -1
	Offset  int64 // where Data begins in it

	release func()
}

// Release says that Data is not needed any more: its pages are dropped, or its
// memory is freed. Data that a backend uses in place is not to be released.
func (t *Tensor) Release() {
	if t.release != nil {
		t.release()
		t.release = nil
	}
	t.Data, t.Aux = nil, nil
}

// Packed returns the tensor's data as package quant takes it.
func (t *Tensor) Packed() quant.Packed {
	return quant.Packed{Type: t.Type, Data: t.Data, Aux: t.Aux}
}

// Float32 returns the tensor's values, widened.
func (t *Tensor) Float32() ([]float32, error) {
	dst := make([]float32, t.Elements())
	if err := t.Packed().Decode(dst, 0); err != nil {
		return nil, fmt.Errorf("%s: %w", t.Name, err)
	}
	return dst, nil
}

// Widen sets dst to the len(dst) elements of type t that src begins with. It
// is exact. NF4 and FP4 have their scales apart: use Tensor.Float32 for them.
func Widen(dst []float32, src []byte, t backend.DType) error {
	return quant.Packed{Type: t, Data: src}.Decode(dst, 0)
}

// Narrow stores src as elements of type t in dst, rounding to nearest even.
func Narrow(dst []byte, src []float32, t backend.DType) error {
	if need := t.RowBytes(len(src)); int64(len(dst)) < need {
		return fmt.Errorf("%d bytes hold no %d elements of type %v", len(dst), len(src), t)
	}
	switch t {
	case backend.F32:
		for i, x := range src {
			binary.LittleEndian.PutUint32(dst[4*i:], math.Float32bits(x))
		}
	case backend.F16:
		half.ToF16(dst, src)
	case backend.BF16:
		half.ToBF16(dst, src)
	default:
		return fmt.Errorf("elements of type f32 do not narrow to %v", t)
	}
	return nil
}

// Decay turns the stored A_log into A = −exp(A_log), in place: what the scan
// multiplies Δ by.
func Decay(aLog []float32) {
	for i, v := range aLog {
		aLog[i] = float32(-math.Exp(float64(v)))
	}
}
