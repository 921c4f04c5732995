// Rows for products of integers (matvec_ready.glsl), as the kernel before makes them: blocks of 32 columns are
// integers of 15 bits and a sign, with a scale of their own. Integer dot products of bytes multiply their high
// bytes and their low ones apart.
//
// A row is nine arrays of 16-byte words, one word for every 64 columns: of the high bytes of the first 16 columns, of
// the second, third and fourth; of the low bytes likewise; and of scales: for either block its scale and the sum of
// its elements. Zeros pad a row.

#ifndef READY_SPAN
#define READY_SPAN

const uint NO_ROW = 0xffffffffu;

// Words of an array.
uint ready_span(uint cols) { return (cols + 63) / 64; }
#endif
