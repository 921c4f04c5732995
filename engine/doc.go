// Package engine runs a model for everybody who uses it: it decides which rows of
// which texts go into a pass, keeps their states on the device, and hands out the
// tokens that they draw.
//
// An [Engine] belongs to one model, and has one loop that submits passes. A
// [Sequence] is one text and its state. [Engine.Generate] writes texts; from how many
// goroutines does not matter, since all of them join the running batch. A [Runner]
// submits passes: it owns the buffers for what changes from run to run, and the plans
// that the model was compiled to.
//
// # How a step runs
//
//  1. The loop (schedule.go) takes a row for each text that writes, and parts of the
//     texts that are still to be read, in equal shares. Beside texts that write,
//     [Options].Pace bounds the parts. Who waits for a row, and who gives way, is in
//     admit.go.
//  2. It uploads ids, the rows that draw, and one record for each text. The id of a
//     text that writes is the token that the device drew last.
//  3. On the device the model runs over the rows, Sample draws a token for each text,
//     and Advance accepts it: it becomes the input of the next step.
//  4. As long as the same texts write, the next step is the same plan once more. Several
//     may be in flight before the host has read the first token.
//  5. The host takes tokens late, decides what they end, and leaves them for their
//     reader (sink.go). A reader that is behind holds its own text alone.
//
// A text that can be guessed is written otherwise (speculate.go): a pass reads its last token and
// the guesses, draws behind every row, and the host takes the tokens up to the first wrong guess. Guesses are of the
// text itself (package draft), or of another model, whose passes are flights of the same loop (draftmodel.go).
//
// # Where states are
//
// A state lies in a slot of the pool, which has one owner: a sequence, or the task that
// writes it. What is submitted later comes later on the device, so a slot that was
// freed may be used again at once. The pool follows its use, layer by layer (memory.go,
// slots.go); where the device has no room, or the budget is spent, states of sequences at
// rest move to the host.
//
// A sequence at rest has one slot, or its state is in the host's memory. While it is
// written, a task has another, which every step changes in place, and the sequence
// keeps a state to go back to, a few dozen tokens older than what its reader saw at most.
// A text that ends by itself leaves its own state; one that is left, cancelled or
// stopped by a string goes on from the checkpoint, and reads again what came after it.
//
// Beside these the cache (cache.go) keeps states for texts that begin as others did, in slots
// of the pool or in the host's memory, found by the tokens that they have seen (package
// statecache). A reading is cut where a state is wanted: where a text parts from what is
// known, and thinly along long ones. What fills a state of the cache, and what goes
// on from it, is submitted in order like all else, so no move is waited for; a state is found
// once the pass that filled it has come to its end.
package engine
