// Package backendtest says whether a backend does what package backend's
// comment promises.
//
// [Cases] is one table: every operation over odd and even sizes, ragged batches,
// weight types, precisions, strided and offset views, and numbers at the ends of
// their ranges. A case runs on a backend and on the reference (driver "ref" of
// backend/cpu). Outputs begin as NaN, and canaries lie before, behind and
// between the rows of every operand; whatever an operation need not write must
// afterwards be what it was, to the bit. What it must write may differ by the
// case's [Tolerance], and from run to run not at all. A fused operation must
// equal its lowering, on the reference and on the backend itself.
//
// [Laws] are what needs no numbers to compare with: order, memory, errors,
// ends, and that neither the chunks of a sequence nor its batch mates change it.
//
// A backend's own test is
//
//	func TestConformance(t *testing.T) { backendtest.Run(t, open) }
//
// and a program may run the same table, and time it, with [Case.Run] and
// [Case.Time]. Cases marked Wide have the 7B's widths.
package backendtest
