// Package quant packs numbers into the element types of weights and unpacks
// them: plain floats, the block formats of ggml, and the 4-bit formats of
// bitsandbytes.
//
// Unpacking is exact arithmetic. An element of a block format is a scale
// times a small integer, sometimes less a minimum; each product fits a float32
// without rounding, so that the result does not depend on the order or on
// fused multiplication, and equals ggml's bit by bit. Scales that are infinite
// or NaN give what IEEE 754 says.
//
// Packing looks for the scales that lose least. The error is weighted by the
// element's size plus the block's root mean square: large weights matter more,
// small ones do matter (ggml weighs in the same way where it knows nothing of
// the activations).
//
// Elements are counted along the whole matrix, row after row. A row must be a
// whole number of blocks, see [Fit].
package quant
