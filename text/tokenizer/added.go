package tokenizer

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// An addedToken is found in the text before anything else looks at it.
type addedToken struct {
	content        string
	id             int32
	special        bool
	singleWord     bool // only where no \w touches it
	lstrip, rstrip bool // takes the white space on this side with it
	normalized     bool // looked for in normalized text
	word           bool // all letters
}

// An addedSet finds added tokens, leftmost and then longest first. A nil set
// finds nothing.
type addedSet struct {
	tokens []addedToken
	first  [256]bool        // bytes that a token begins with
	nodes  []trieNode       // the root is 0
	edges  map[uint64]int32 // node<<8 | byte → node, of those that are not their node's first
}

// A trieNode has most often one edge.
type trieNode struct {
	leaf int32 // the token that ends there, or -1
	to   int32 // the node behind the first edge, 0 for none
	by   byte  // that edge's
}

// mostAdded bounds an added token, in bytes: the longest that are known have some forty.
const mostAdded = 1000

// follow returns the node behind an edge, or 0.
func (a *addedSet) follow(node int32, by byte) int32 {
	n := &a.nodes[node]
	if n.to == 0 || n.by == by {
		return n.to
	}
	return a.edges[uint64(node)<<8|uint64(by)]
}

func newAddedSet() *addedSet {
	return &addedSet{edges: map[uint64]int32{}, nodes: []trieNode{{leaf: -1}}}
}

// add makes tok be found where the text reads pattern, its normalized content.
func (a *addedSet) add(pattern string, tok addedToken) error {
	if pattern == "" {
		return fmt.Errorf("added token %q: nothing is left of it after normalization", tok.content)
	}
	if len(pattern) > mostAdded {
		return fmt.Errorf("added token %.20q… has %d bytes: want at most %d", tok.content, len(pattern), mostAdded)
	}
	a.first[pattern[0]] = true
	node := int32(0)
	for i := range len(pattern) {
		to := a.follow(node, pattern[i])
		if to == 0 {
			to = int32(len(a.nodes))
			a.nodes = append(a.nodes, trieNode{leaf: -1})
			if n := &a.nodes[node]; n.to == 0 {
				n.to, n.by = to, pattern[i]
			} else {
				a.edges[uint64(node)<<8|uint64(pattern[i])] = to
			}
		}
		node = to
	}
	if old := a.nodes[node].leaf; old >= 0 {
		return fmt.Errorf("added tokens %q and %q are the same after normalization", a.tokens[old].content, tok.content)
	}
	tok.word = !strings.ContainsFunc(tok.content, func(r rune) bool { return !unicode.IsLetter(r) })
	a.nodes[node].leaf = int32(len(a.tokens))
	a.tokens = append(a.tokens, tok)
	return nil
}

// next returns the first token at or after i, and len(s) if there is none.
func (a *addedSet) next(s string, i int) (start, end int, tok *addedToken) {
	for ; i < len(s); i++ {
		if !a.first[s[i]] {
			continue
		}
		node := int32(0)
		for k := i; k < len(s); k++ {
			if node = a.follow(node, s[k]); node == 0 {
				break
			}
			if at := a.nodes[node].leaf; at >= 0 {
				end, tok = k+1, &a.tokens[at]
			}
		}
		if tok != nil {
			return i, end, tok
		}
	}
	return len(s), len(s), nil
}

// split divides s at its added tokens and calls emit for the parts in order: a token with its
// id, text between tokens with -1. Parts are given by their places. s begins at byte at of
// the text that o is about.
//
// A match may be turned down, because it is not a single word, or special where that is not
// wanted. It is then passed over as a whole: no shorter token is tried inside it.
func (a *addedSet) split(s string, at int, o EncodeOptions, emit func(from, to int, id int32)) {
	if a == nil {
		if s != "" {
			emit(0, len(s), -1)
		}
		return
	}
	done, stripped := 0, 0 // ends of what was emitted, and of the last rstrip
	for i := 0; i < len(s); {
		start, end, tok := a.next(s, i)
		if tok == nil {
			break
		}
		i = end
		if tok.special && (o.NoSpecial || !tok.word && o.plain(at+start, at+end)) {
			continue
		}
		if tok.singleWord && (endsWithWord(s[:start]) || beginsWithWord(s[end:])) {
			continue
		}
		if tok.lstrip {
			start = spaceBefore(s, done, start)
		}
		if tok.rstrip {
			// The same run need not be walked for every token within it.
			if end < stripped {
				end = stripped
			} else {
				end = skipClass(s, end, space)
				stripped = end
			}
		}
		if tok.lstrip && start >= end {
			continue // white space that the token before has taken already: nothing is left of this one
		}
		if done < start {
			emit(done, start, -1)
		}
		emit(min(start, end), end, tok.id)
		done = end
	}
	if done < len(s) {
		emit(done, len(s), -1)
	}
}

// spaceBefore returns the start of the white space that ends at end, not before
// from; end itself if from lies behind it.
func spaceBefore(s string, from, end int) int {
	if end < from {
		return from
	}
	for end > from {
		r, n := utf8.DecodeLastRuneInString(s[from:end])
		if classOf(r)&space == 0 {
			break
		}
		end -= n
	}
	return end
}

func endsWithWord(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return s != "" && classOf(r)&word != 0
}

func beginsWithWord(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return s != "" && classOf(r)&word != 0
}
