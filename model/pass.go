package model

import (
	"fmt"

	"falconmamba/backend"
)

// A Head says what a pass makes of the rows that its head is wanted for.
type Head uint8

const (
	NoHead Head = iota // nothing: only the states matter
	Logits             // logits for the host
	ArgMax             // the greedy token of each of the first sequences, accepted on the device
	Sample             // a drawn token of each of the first sequences, accepted on the device
)

// Draws reports whether a pass draws a token for each of its first sequences, as
// many as it has rows of the head.
func (h Head) Draws() bool { return h == ArgMax || h == Sample }

// A Shape is what a pass is compiled for. Its numbers are upper bounds: how many
// rows and sequences are live is data.
type Shape struct {
	Rows   int // tokens
	Seqs   int // sequences
	Heads  int // rows of the head; of a pass that draws, sequences that do
	Head   Head
	Hidden bool // the hidden states of all rows are kept
	Keeps  bool // sequences may keep the state after every row
	Few    bool // products round activations as in a pass of one row, however many there are
}

// Operands are the memory that a pass reads and writes. Tensors may have more
// rows than the Shape asks for.
type Operands struct {
	Batch backend.Tensor // (1+S, BatchWords) i32: which rows are whose
	Heads backend.Tensor // (heads, 1) i32: rows that the head is wanted for
	IDs   backend.Tensor // (T, 1) i32: a token each; −slot−1 stands for Last[slot]

	States []LayerState // of each layer

	// What a pass with Logits writes; one that samples leaves here what it draws from, or
	// nowhere where this is absent.
	Logits backend.Tensor // (heads, V)

	// What a pass with Hidden writes: the output of block i from row i·T on, and
	// after those of all blocks what norm_f makes of the last.
	Hidden backend.Tensor // ((layers+1)·T, H)

	// What a pass that draws reads and writes, see backend.Sample and
	// backend.Advance.
	Tokens  backend.Tensor // (heads, 1) i32
	Draws   backend.Tensor // (1+heads, BatchWords) i32: a sequence for each row of the head; absent: Batch
	Records backend.Tensor // (slots, RecordWords) i32
	Counts  backend.Tensor // (slots, V) i32, or absent
	Ring    backend.Tensor // (slots, window) i32, or absent
	Last    backend.Tensor // (slots, 1) i32
	Out     backend.Tensor // (slots, N) i32

	// What Sample may have beside it, see backend.Bias and backend.LogProbs. A pass
	// without has none of their work.
	Biases   backend.Tensor // (slots, 2·B) i32, or absent
	Allowed  backend.Tensor // (slots, ⌈V/32⌉) i32, or absent
	LogProbs backend.Tensor // (slots, N·LogProbWords) i32, or absent; of the logits before biases
	Filtered backend.Tensor // the same of what the filters leave, see backend.Sample
}

// A LayerState is the memory of one layer's states, a row for each slot.
type LayerState struct {
	Conv backend.Tensor // (slots, D·(K−1)), oldest first; absent where K is 1
	SSM  backend.Tensor // (slots, D·N)
}

// Compile makes the plan of a pass: the whole model, once. Temporaries of a block
// come from block, and the residual stream, which lives through the pass, from
// stream. Both may be shared by all plans of one queue.
func (m *Model) Compile(s Shape, o Operands, block, stream *backend.Scratch) (backend.Plan, error) {
	o = o.fit(s)
	precision := m.precisionOf(s, s.Rows)
	live := backend.BatchWord(o.Batch, backend.BatchRows)
	stream.Begin()
	x := stream.F32(s.Rows, m.cfg.HiddenSize)

	p := backend.NewProgram(fmt.Sprintf("pass of %d rows", s.Rows), block)
	p.Do(backend.Embed{Dst: x, Table: m.embed, IDs: o.IDs, Last: o.Last, Live: live})
	for i := range m.blocks {
		p.Reset()
		m.blocks[i].forward(p, m, x, o.Batch, o.States[i], s.Keeps, precision)
		if s.Hidden {
			p.Do(backend.Copy{Dst: o.hidden(i, s.Rows, len(m.blocks)), Src: x, Live: live})
		}
	}
	if s.Hidden {
		p.Do(backend.RMSNorm{Dst: o.hidden(len(m.blocks), s.Rows, len(m.blocks)), Src: x,
			Weight: m.normF, Eps: m.normEps, Live: live})
	}
	p.Reset()
	m.appendHead(p, s, x, o)
	if err := stream.Err(); err != nil {
		return nil, err
	}
	return p.Compile()
}

// fit narrows what a pass of shape s reads and writes row by row to its rows.
func (o Operands) fit(s Shape) Operands {
	o.Batch = o.Batch.RowRange(0, 1+s.Seqs)
	o.Heads = o.Heads.RowRange(0, s.Heads)
	o.IDs = o.IDs.RowRange(0, s.Rows)
	if !o.Logits.IsZero() {
		o.Logits = o.Logits.RowRange(0, s.Heads)
	}
	if s.Head.Draws() {
		o.Tokens = o.Tokens.RowRange(0, s.Heads)
		if o.Draws.IsZero() {
			o.Draws = o.Batch
		} else {
			o.Draws = o.Draws.RowRange(0, 1+s.Heads)
		}
	}
	return o
}

// hidden is where the output of block i of layers goes.
func (o Operands) hidden(i, rows, layers int) backend.Tensor {
	each := o.Hidden.Rows / (layers + 1)
	return o.Hidden.RowRange(i*each, i*each+rows)
}

// precisionOf is what products may round activations to, by their rows.
func (m *Model) precisionOf(s Shape, rows int) backend.Precision {
	if rows >= m.halfRows && !s.Few {
		return m.precision
	}
	return m.decodePrecision
}

// appendHead appends what follows the last block.
func (m *Model) appendHead(p *backend.Program, s Shape, x backend.Tensor, o Operands) {
	precision := m.precisionOf(s, s.Heads)
	head := backend.Head{Src: x, Rows: o.Heads, Norm: m.normF, NormEps: m.normEps, Weight: m.head, Batch: o.Batch,
		Precision: precision}
	switch s.Head {
	case NoHead:
		return
	case Logits:
		head.Logits = o.Logits
		p.Do(head)
		return
	case ArgMax:
		p.Do(backend.HeadArgMax{Dst: o.Tokens, Src: x, Rows: o.Heads, Norm: m.normF, NormEps: m.normEps,
			Weight: m.head, Batch: o.Batch, Precision: precision})
	case Sample:
		if head.Logits = o.Logits; o.Logits.IsZero() {
			head.Logits = p.F32(s.Heads, m.cfg.VocabSize)
		}
		p.Do(head)
		m.appendDraw(p, s, head.Logits, o)
	}
	p.Do(backend.Advance{Tokens: o.Tokens, Batch: o.Draws, Records: o.Records, Counts: o.Counts, Ring: o.Ring,
		Last: o.Last, Out: o.Out})
}

// appendDraw appends what draws from rows of logits.
func (m *Model) appendDraw(p *backend.Program, s Shape, logits backend.Tensor, o Operands) {
	from := logits
	if !o.Biases.IsZero() || !o.Allowed.IsZero() {
		if !o.LogProbs.IsZero() { // they are of the logits as they are
			from = p.F32(s.Heads, m.cfg.VocabSize)
		}
		p.Do(backend.Bias{Dst: from, Logits: logits, Records: o.Records, Biases: o.Biases, Allowed: o.Allowed,
			Batch: o.Draws})
	}
	p.Do(backend.Sample{Dst: o.Tokens, Logits: from, Records: o.Records, Counts: o.Counts, Probs: o.Filtered,
		Batch: o.Draws})
	if !o.LogProbs.IsZero() {
		p.Do(backend.LogProbs{Dst: o.LogProbs, Tokens: o.Tokens, Logits: logits, Records: o.Records, Batch: o.Draws})
	}
}
