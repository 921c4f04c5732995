package gpu

import "falconmamba/backend"

// rowsOf is the operand that counts a batch's live rows.
func rowsOf(batch backend.Tensor) backend.Tensor { return backend.BatchWord(batch, backend.BatchRows) }

// records is how many sequences a batch has at most.
func records(batch backend.Tensor) uint32 { return uint32(batch.Rows - 1) }
