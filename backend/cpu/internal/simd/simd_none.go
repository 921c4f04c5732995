//go:build !cgo || !(amd64 || arm64)

package simd

import "falconmamba/backend"

// A Set is the kernels for an instruction set.
type Set struct{ name string }

// Sets returns the sets that this processor runs, the best first.
func Sets() []Set { return nil }

func (s Set) Name() string                                                           { return s.name }
func (Set) Rows([]float32, *Matrix, int, []float32)                                  {}
func (Set) Round([]byte, []float32, backend.DType)                                   {}
func (Set) Rounded([]float32, int, *Matrix, int, int, []byte, int)                   {}
func (Set) Interleaves(backend.DType, int, int) bool                                 { return false }
func (Set) Interleave(_, _ []byte, _ backend.DType, _, _ int)                        {}
func (Set) HasBytes(backend.DType) bool                                              { return false }
func (Set) RoundBytes([]byte, []float32)                                             {}
func (Set) Bytes([]float32, int, *Matrix, int, int, []byte, int)                     {}
func (Set) Widen([]float32, *Matrix, int)                                            {}
func (Set) Tile([]float32, int, *Matrix, int, int, []float32, int, int, []float32)   {}
func (Set) Halves() bool                                                             { return false }
func (Set) HalfShape() (rows, tokens, work int)                                      { return }
func (Set) Halve([]byte, []float32, int, int, int)                                   {}
func (Set) HalfTile([]float32, int, *Matrix, int, int, []byte, int, bool, []float32) {}
func (Set) Scan(*Scan)                                                               {}
func (Set) Conv([]float32, int, []float32, int, []float32, []float32, []float32, int, int, bool) {
}
func (Set) Step(_, _, _, _, _, _ []float32, _ bool) {}
func (Set) Gate(_, _, _ []float32)                  {}
func (Set) Norm(_, _, _ []float32, _ float32)       {}
