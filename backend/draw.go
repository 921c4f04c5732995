package backend

import "falconmamba/backend/sampling"

// The primitive operations that draw tokens. Package backend/sampling defines what
// they do to a row of logits, to the bit. S is the sequences of the batch, D those
// of them that may draw.

// The kinds of what draws.
const (
	KindBias     Kind = "bias"
	KindSample   Kind = "sample"
	KindLogProbs Kind = "logprobs"
	KindAdvance  Kind = "advance"
)

// RecordWords is the number of words of a slot's sampling record.
const RecordWords = sampling.RecordWords

// Bias makes of logits those that tokens are drawn from, for every sequence that
// draws (see [Sample]; here Dst has the rows): it adds the biases of the sequence's
// slot, and leaves −Inf for what the slot's mask does not allow. How many biases
// there are, and whether the mask holds, is in the record; package backend/sampling
// defines both. A row whose slot has neither is copied. Ids outside of the
// vocabulary are left out, and which of two biases of one id holds is unspecified.
// Dst may be Logits. A Dst row of a sequence that does not draw is left alone.
type Bias struct {
	Dst     Tensor // (D, V)
	Logits  Tensor // (D, V)
	Records Tensor // (slots, RecordWords) i32
	Biases  Tensor // (slots, 2·B) i32: ids, and bits of what is added; or absent
	Allowed Tensor // (slots, ⌈V/32⌉) i32: a bit for each token; or absent
	Batch   Tensor // (1+S, BatchWords) i32
}

func (Bias) Kind() Kind { return KindBias }

func (o Bias) Check() error {
	c := NewChecker(KindBias)
	c.View("Dst", o.Dst, F32, -1, -1)
	c.View("Logits", o.Logits, F32, o.Dst.Rows, o.Dst.Cols)
	c.View("Records", o.Records, I32, -1, RecordWords)
	c.Optional("Biases", o.Biases, I32, o.Records.Rows, -1)
	if c.err == nil && o.Biases.Cols%2 != 0 {
		c.Failf("Biases is %s, want pairs", o.Biases)
	}
	c.Optional("Allowed", o.Allowed, I32, o.Records.Rows, sampling.MaskWords(o.Dst.Cols))
	c.Batch(o.Batch)
	c.ApartOrSame("Dst", o.Dst, o.Logits)
	c.Apart("Dst", o.Dst, o.Records, o.Biases, o.Allowed, o.Batch)
	return c.Err()
}

func (o Bias) Operands() (reads, writes []Tensor, weights []Weight) {
	return Present(o.Logits, o.Records, o.Biases, o.Allowed, o.Batch), []Tensor{o.Dst}, nil
}

// Sample draws a token for every sequence that draws, by the record of its slot;
// row i of Logits is sequence i. The first sequences of a batch draw, as many as
// its BatchHeads says and Dst has rows, if they have rows of the pass; the others
// are only read. Package backend/sampling defines record, filters and generator,
// and when none can be drawn: then Dst is −1. Records and Counts are only read:
// Advance accepts the token. A Dst row of a sequence that does not draw is left
// alone.
//
// Where there is Probs and the slot's record asks for it (sampling.Record.AskFiltered), it
// leaves there, as [LogProbs] does in its Dst, what log-probabilities are made of after the
// filters: by which the token was drawn.
type Sample struct {
	Dst     Tensor // (D, 1) i32
	Logits  Tensor // (D, V)
	Records Tensor // (slots, sampling.RecordWords) i32
	Counts  Tensor // (slots, V) i32, or absent: then penalties are not applied
	Probs   Tensor // (slots, N·LogProbWords) i32, or absent
	Batch   Tensor // (1+S, BatchWords) i32
}

func (Sample) Kind() Kind { return KindSample }

func (o Sample) Check() error {
	c := NewChecker(KindSample)
	c.View("Dst", o.Dst, I32, -1, 1)
	c.View("Logits", o.Logits, F32, o.Dst.Rows, -1)
	c.View("Records", o.Records, I32, -1, RecordWords)
	c.Optional("Counts", o.Counts, I32, o.Records.Rows, o.Logits.Cols)
	c.Optional("Probs", o.Probs, I32, o.Records.Rows, -1)
	if !o.Probs.IsZero() {
		c.told("Probs", o.Probs)
	}
	c.Batch(o.Batch)
	c.Apart("Dst", o.Dst, o.Logits, o.Records, o.Counts, o.Probs, o.Batch)
	c.Apart("Probs", o.Probs, o.Logits, o.Records, o.Counts, o.Batch)
	return c.Err()
}

func (o Sample) Operands() (reads, writes []Tensor, weights []Weight) {
	return Present(o.Logits, o.Records, o.Counts, o.Batch), Present(o.Dst, o.Probs), nil
}

// LogProbs leaves what log-probabilities are made of, for every sequence that draws
// (see [Sample]) and whose record asks for it: of its token, and of the likeliest
// tokens by its row of Logits as it is, before penalties and filters. It goes to
// row slot of Dst, to place step mod N, and reads the step before [Advance] counts
// it. Package backend/sampling defines the words: they are integers and the same on
// every backend. Rows of others, and other places, are left alone.
type LogProbs struct {
	Dst     Tensor // (slots, N·LogProbWords) i32
	Tokens  Tensor // (D, 1) i32
	Logits  Tensor // (D, V)
	Records Tensor // (slots, RecordWords) i32
	Batch   Tensor // (1+S, BatchWords) i32
}

// LogProbWords is the number of words that LogProbs leaves for a token.
const LogProbWords = sampling.LogProbWords

// told wants a view to have room for what LogProbs leaves.
func (c *Checker) told(name string, t Tensor) {
	if c.err == nil && (t.Cols == 0 || t.Cols%LogProbWords != 0) {
		c.Failf("%s is %s, want columns for tokens of %d words", name, t, LogProbWords)
	}
}

func (LogProbs) Kind() Kind { return KindLogProbs }

func (o LogProbs) Check() error {
	c := NewChecker(KindLogProbs)
	c.View("Dst", o.Dst, I32, -1, -1)
	c.told("Dst", o.Dst)
	c.View("Tokens", o.Tokens, I32, -1, 1)
	c.View("Logits", o.Logits, F32, o.Tokens.Rows, -1)
	c.View("Records", o.Records, I32, o.Dst.Rows, RecordWords)
	c.Batch(o.Batch)
	c.Apart("Dst", o.Dst, o.Tokens, o.Logits, o.Records, o.Batch)
	return c.Err()
}

func (o LogProbs) Operands() (reads, writes []Tensor, weights []Weight) {
	return Present(o.Tokens, o.Logits, o.Records, o.Batch), []Tensor{o.Dst}, nil
}

// Advance accepts the token of every sequence that draws (see [Sample]; here
// Tokens has the rows), and prepares the batch for the next step, so that steps can
// be submitted ahead of the host:
//
//  1. Last[slot] = token, and Out[slot][step mod N] = token;
//  2. with a window (Ring), the token that leaves it is taken from Counts, and
//     the new one put in its place; Counts[slot][token] goes up by one;
//  3. the record's step goes up by one;
//  4. SeqFrom = SeqTo, and SeqTo becomes the next slot of the sequence's ring
//     ([Ring.Next]); where SeqRingLen is 0, or below, both stay;
//  5. at one of the record's eos ids, at its limit, or at what is no token, SeqRows
//     becomes 0: later runs leave this sequence alone.
//
// What is no token is an id below zero, as where none could be drawn, and one that
// Counts has no column for. It is not counted.
type Advance struct {
	Tokens  Tensor // (D, 1) i32
	Batch   Tensor // (1+S, BatchWords) i32, read and written
	Records Tensor // (slots, RecordWords) i32, read and written
	Counts  Tensor // (slots, V) i32, or absent
	Ring    Tensor // (slots, W) i32, or absent: every penalty is over the whole history
	Last    Tensor // (slots, 1) i32
	Out     Tensor // (slots, N) i32
}

func (Advance) Kind() Kind { return KindAdvance }

func (o Advance) Check() error {
	c := NewChecker(KindAdvance)
	c.View("Tokens", o.Tokens, I32, -1, 1)
	c.Batch(o.Batch)
	c.View("Records", o.Records, I32, -1, RecordWords)
	c.Optional("Counts", o.Counts, I32, o.Records.Rows, -1)
	c.Optional("Ring", o.Ring, I32, o.Records.Rows, -1)
	c.View("Last", o.Last, I32, o.Records.Rows, 1)
	c.View("Out", o.Out, I32, o.Records.Rows, -1)
	written := []Tensor{o.Batch, o.Records, o.Counts, o.Ring, o.Last, o.Out}
	for i, w := range written {
		c.Apart("an operand that is written", w, o.Tokens)
		c.Apart("an operand that is written", w, written[i+1:]...)
	}
	return c.Err()
}

func (o Advance) Operands() (reads, writes []Tensor, weights []Weight) {
	return Present(o.Tokens, o.Batch, o.Records, o.Counts, o.Ring),
		Present(o.Batch, o.Records, o.Counts, o.Ring, o.Last, o.Out), nil
}

var _ = []Op{Bias{}, Sample{}, LogProbs{}, Advance{}}
