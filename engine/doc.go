// Package engine runs a model: it decides which rows of which texts go into a
// pass, keeps their states on the device, and hands out the tokens that they
// draw.
//
// An [Engine] belongs to one model. A [Sequence] is one text and its state. A
// [Runner] submits passes: it owns the buffers for what changes from run to run,
// and the plans that the model was compiled to. [Engine.Generate] writes several
// sequences together.
//
// # How a step runs
//
//  1. A sequence's state lies in a slot of the pool. Each sequence owns a ring of
//     slots (backend.Ring); a step reads one slot and writes the next.
//  2. The first pass of a batch uploads ids, the rows that draw, and one record
//     for each sequence (Runner.Submit).
//  3. On the device the model runs over the rows, Sample draws a token for each
//     sequence, and Advance accepts it: it becomes the input of the next step, and
//     the record moves on to the next slot of the ring.
//  4. So the next step is the same plan once more (Runner.Step). Several may be in
//     flight before the host has read the first token.
//  5. The host reads tokens late, decides what they end, and settles each sequence
//     in the slot of the state before its last kept token. The ring is long enough
//     that no step in flight has written that slot.
package engine
