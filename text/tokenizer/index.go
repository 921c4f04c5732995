package tokenizer

import (
	"hash/maphash"
	"math/bits"
)

// An index finds the ids of tokens by their text. It is an open-addressing hash table, at
// most half full. For a quarter of a million tokens a map of strings takes twice the time
// and four times the memory.
type index struct {
	tokens []string // by id
	slots  []place
	seed   maphash.Seed // drawn: no file can know which of its tokens fall together
}

// A place is a part of a token's hash, and its id plus 1: 0 is an empty slot.
type place struct {
	hash uint32
	next int32
}

// newIndex returns an empty index with room for n of tokens.
func newIndex(tokens []string, n int) index {
	return index{tokens, make([]place, slotsFor(n)), maphash.MakeSeed()}
}

// slotsFor is how many slots a hash table of n entries has: a power of two, and at least twice as many.
func slotsFor(n int) int { return 1 << bits.Len(uint(max(2*n, 2)-1)) }

// find returns the id of a token, or −1.
func (x *index) find(token []byte) int32 {
	h := maphash.Bytes(x.seed, token)
	for i := h >> 32; ; i++ {
		s := x.slots[i&uint64(len(x.slots)-1)]
		if s.next == 0 || s.hash == uint32(h) && x.tokens[s.next-1] == string(token) {
			return s.next - 1
		}
	}
}

// findMany fills ids with what find returns for each of tokens. The steps are of all of them
// in turn: the processor then waits for many places in memory at once.
func (x *index) findMany(tokens [][]byte, ids []int32) {
	const batch = 96
	var hashes [batch]uint64
	var first [batch]place
	var texts [batch]string
	for len(tokens) > 0 {
		now := tokens[:min(len(tokens), batch)]
		for i, token := range now {
			hashes[i] = maphash.Bytes(x.seed, token)
			first[i] = x.slots[hashes[i]>>32&uint64(len(x.slots)-1)]
		}
		for i := range now {
			if first[i].next != 0 && first[i].hash == uint32(hashes[i]) {
				texts[i] = x.tokens[first[i].next-1]
			} else {
				first[i].next = 0
			}
		}
		for i, token := range now {
			if ids[i] = first[i].next - 1; ids[i] < 0 || texts[i] != string(token) {
				ids[i] = x.find(token)
			}
		}
		tokens, ids = tokens[len(now):], ids[len(now):]
	}
}

// put adds the token with an id, unless another has its text: then it returns that one's id.
func (x *index) put(id int32) int32 {
	h := maphash.String(x.seed, x.tokens[id])
	for i := h >> 32; ; i++ {
		s := &x.slots[i&uint64(len(x.slots)-1)]
		if s.next == 0 {
			*s = place{uint32(h), id + 1}
			return id
		}
		if s.hash == uint32(h) && x.tokens[s.next-1] == x.tokens[id] {
			return s.next - 1
		}
	}
}
