package tokenizer

import (
	"hash/maphash"
	"math/bits"
	"math/rand/v2"
)

// bpe is the model: which tokens two neighbours merge to, and which first.
type bpe struct {
	symbols      [256]int32 // by byte, its token, or -1
	unk          int32      // in place of a byte without a symbol; -1: it is dropped
	fuseUnk      bool       // one unk for a run of them
	ignoreMerges bool       // where a piece is a token as it stands
	ids          *index
	own          []bool // by id, whether a token is of the model; added ones need not be
	merges       mergeTable
}

// id returns the id of a token of the model, spelled in the byte-level alphabet, or -1.
func (m *bpe) id(token []byte) int32 {
	id := m.ids.find(token)
	if id >= 0 && !m.own[id] {
		return -1
	}
	return id
}

// A mergeTable maps pairs of tokens to what they merge to. It is an
// open-addressing hash table, at most half full: most look-ups are for pairs that
// are not in it.
type mergeTable struct {
	slots []merge
	seed  [2]uint64 // drawn: no file can know which of its pairs fall together
}

type merge struct {
	pair uint64 // left<<32 | right, plus 1: 0 is an empty slot
	rank uint32
	id   int32
}

func newMergeTable(n int) mergeTable {
	return mergeTable{make([]merge, slotsFor(n)), [2]uint64{rand.Uint64(), rand.Uint64() | 1}}
}

func (m *mergeTable) slot(pair uint64) *merge {
	mask := uint64(len(m.slots) - 1)
	high, low := bits.Mul64(pair^m.seed[0], m.seed[1])
	for i := high ^ low; ; i++ {
		if s := &m.slots[i&mask]; s.pair == pair || s.pair == 0 {
			return s
		}
	}
}

func pairOf(left, right int32) uint64 { return (uint64(uint32(left))<<32 | uint64(uint32(right))) + 1 }

// put adds a merge. If the pair is there already, the later rank holds, as in the
// tokenizers library.
func (m *mergeTable) put(left, right int32, rank uint32, id int32) {
	pair := pairOf(left, right)
	*m.slot(pair) = merge{pair, rank, id}
}

// noMerge is the rank of pairs that do not merge.
const noMerge = 1<<32 - 1

func (m *mergeTable) get(left, right int32) (rank uint32, id int32) {
	if s := m.slot(pairOf(left, right)); s.pair != 0 {
		return s.rank, s.id
	}
	return noMerge, -1
}

// An encoder is the working memory of one call of Encode.
type encoder struct {
	t       *Tokenizer
	out     []int32
	ids     []int32  // the symbols of a piece
	ranks   []uint32 // by symbol, of the merge with the next
	links   []link
	heap    []candidate
	spelled []byte // a piece in the byte-level alphabet
	seed    maphash.Seed
	recent  []known // direct-mapped cache of pieces
}

// A known piece and its tokens take one cache line, two thirds of it for the piece.
// Language repeats itself, so most pieces are found here.
type known struct {
	text  [knownBytes]byte
	size  uint8 // of text; 0 is an empty slot
	count uint8 // of ids
	ids   [knownIDs]int32
}

const (
	knownBytes = 26
	knownIDs   = 9
	knownSlots = 1 << 13 // 512 KiB
)

func (t *Tokenizer) encoder() *encoder {
	if e, ok := t.encoders.Get().(*encoder); ok {
		return e
	}
	return &encoder{t: t, seed: maphash.MakeSeed(), recent: make([]known, knownSlots)}
}

func (t *Tokenizer) release(e *encoder) {
	e.out = nil
	if cap(e.ids) > 1<<16 { // a freak piece; its memory is not worth keeping
		e.ids, e.links, e.heap, e.spelled = nil, nil, nil, nil
	}
	t.encoders.Put(e)
}

// piece appends the tokens of one piece to e.out.
func (e *encoder) piece(s string) {
	if len(s) > knownBytes {
		e.out = e.t.model.tokens(e, s, e.out)
		return
	}
	k := &e.recent[maphash.String(e.seed, s)%knownSlots]
	if int(k.size) == len(s) && string(k.text[:k.size]) == s {
		e.out = append(e.out, k.ids[:k.count]...)
		return
	}
	from := len(e.out)
	e.out = e.t.model.tokens(e, s, e.out)
	if ids := e.out[from:]; len(ids) <= knownIDs {
		k.size, k.count = uint8(copy(k.text[:], s)), uint8(copy(k.ids[:], ids))
	}
}

// tokens appends the tokens of piece s to out.
func (m *bpe) tokens(e *encoder, s string, out []int32) []int32 {
	if m.ignoreMerges {
		e.spelled = appendAlphabet(e.spelled[:0], s)
		if id := m.id(e.spelled); id >= 0 {
			return append(out, id)
		}
	}
	ids := e.ids[:0]
	fuse := false
	for i := range len(s) {
		id := m.symbols[s[i]]
		if id >= 0 {
			ids, fuse = append(ids, id), false
		} else if m.unk >= 0 && !fuse {
			ids, fuse = append(ids, m.unk), m.fuseUnk
		}
	}
	e.ids = ids
	if len(ids) <= shortPiece {
		ids = m.mergeShort(e, ids)
	} else {
		ids = m.mergeLong(e, ids)
	}
	return append(out, ids...)
}

// Up to this many symbols, walking them all for every merge is faster than
// keeping a heap.
const shortPiece = 48

// mergeShort merges in place: the lowest rank first, then the leftmost.
func (m *bpe) mergeShort(e *encoder, ids []int32) []int32 {
	ranks := e.ranks[:0]
	for i := 1; i < len(ids); i++ {
		rank, _ := m.merges.get(ids[i-1], ids[i])
		ranks = append(ranks, rank)
	}
	e.ranks = ranks
	for {
		best, at := uint32(noMerge), 0
		for i, rank := range ranks {
			if rank < best {
				best, at = rank, i
			}
		}
		if best == noMerge {
			return ids
		}
		_, ids[at] = m.merges.get(ids[at], ids[at+1])
		ids = append(ids[:at+1], ids[at+2:]...)
		ranks = append(ranks[:at], ranks[at+1:]...)
		if at > 0 {
			ranks[at-1], _ = m.merges.get(ids[at-1], ids[at])
		}
		if at < len(ranks) {
			ranks[at], _ = m.merges.get(ids[at], ids[at+1])
		}
	}
}

// A link holds the neighbours of a symbol that has not been merged away; next
// is the number of symbols for the last one, prev -1 for the first.
type link struct{ prev, next int32 }

// A candidate is a merge that was possible when it was put on the heap.
type candidate struct {
	order uint64 // rank<<32 | position of the left symbol
	id    int32
}

// mergeLong does the same in n·log n with a heap of candidates, so a megabyte without a
// space is no attack.
func (m *bpe) mergeLong(e *encoder, ids []int32) []int32 {
	n := int32(len(ids))
	links, heap := e.links[:0], e.heap[:0]
	consider := func(left, right int32) {
		if rank, id := m.merges.get(ids[left], ids[right]); rank != noMerge {
			heap = pushCandidate(heap, candidate{uint64(rank)<<32 | uint64(left), id})
		}
	}
	for i := range n {
		links = append(links, link{i - 1, i + 1})
		if i > 0 {
			consider(i-1, i)
		}
	}
	for len(heap) > 0 {
		var top candidate
		top, heap = popCandidate(heap)
		left := int32(uint32(top.order))
		if ids[left] < 0 || links[left].next == n {
			continue
		}
		// The symbols may have changed since. Then their text is longer, and their
		// merge has another id.
		right := links[left].next
		if _, id := m.merges.get(ids[left], ids[right]); id != top.id {
			continue
		}
		ids[left], ids[right] = top.id, -1
		next := links[right].next
		links[left].next = next
		if next < n {
			links[next].prev = left
			consider(left, next)
		}
		if prev := links[left].prev; prev >= 0 {
			consider(prev, left)
		}
	}
	e.links, e.heap = links, heap
	kept := ids[:0]
	for _, id := range ids {
		if id >= 0 {
			kept = append(kept, id)
		}
	}
	return kept
}

func pushCandidate(h []candidate, c candidate) []candidate {
	h = append(h, c)
	i := len(h) - 1
	for i > 0 {
		up := (i - 1) / 2
		if h[up].order <= c.order {
			break
		}
		h[i] = h[up]
		i = up
	}
	h[i] = c
	return h
}

func popCandidate(h []candidate) (candidate, []candidate) {
	top, last := h[0], h[len(h)-1]
	h = h[:len(h)-1]
	i := 0
	for {
		down := 2*i + 1
		if down >= len(h) {
			break
		}
		if down+1 < len(h) && h[down+1].order < h[down].order {
			down++
		}
		if h[down].order >= last.order {
			break
		}
		h[i] = h[down]
		i = down
	}
	if len(h) > 0 {
		h[i] = last
	}
	return top, h
}
