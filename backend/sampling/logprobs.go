package sampling

import (
	"fmt"
	"math"
	"slices"
)

// MaxLogProbs is how many of the likeliest tokens can be told beside the drawn one.
const MaxLogProbs = 20

// LogProbWords is the number of words from which the log-probabilities of a draw
// are told. Words not named are zero.
const LogProbWords = 48

// Words of them.
const (
	logProbCount = 0 // i32: the likeliest tokens that follow; NoToken where there are none to tell
	logProbMass  = 1 // u64, low word first: the sum of all weights
	logProbBest  = 3 // u32: the greatest key
	logProbToken = 4 // i32: the token drawn, and its key; 0 where the vocabulary does not have it
	logProbList  = 6 // the same of the likeliest, by falling key, then rising id

	logProbScale = 46 // f32: WordScale, where they are of what filters leave; else 0
)

// A LogProb is a token and the natural logarithm of its probability, −Inf where it
// can never be drawn.
type LogProb struct {
	ID      int32
	LogProb float64
}

// AskLogProbs has the record's draws tell the log-probability of each token, and
// beside it those of the top likeliest, 0 to [MaxLogProbs].
func (r *Record) AskLogProbs(top int) error {
	if top < 0 || top > MaxLogProbs {
		return fmt.Errorf("top_logprobs %d: want 0 to %d", top, MaxLogProbs)
	}
	r[WordLogProbs] = uint32(1 + top)
	return nil
}

// AskFiltered has the record's draws tell the same of what the filters leave: of the
// probabilities by which the token is drawn.
func (r *Record) AskFiltered(top int) error {
	if top < 0 || top > MaxLogProbs {
		return fmt.Errorf("top_logprobs %d of what filters leave: want 0 to %d", top, MaxLogProbs)
	}
	r[WordFiltered] = uint32(1 + top)
	return nil
}

// logScale is log2(e).
const logScale = float32(math.Log2E)

// LogProbs writes to dst, of LogProbWords, what the log-probabilities are told from
// of the token id and of as many others as record r asks for. It reports whether r
// asks for any; else dst stays as it is.
func (p *Picker) LogProbs(dst []int32, logits []float32, id int32, r *Record) bool {
	if r[WordLogProbs] == 0 {
		return false
	}
	clear(dst)
	dst[logProbCount] = NoToken
	dst[logProbToken] = id
	if !p.gather(logits, nil, r, 0) {
		return true
	}
	p.weigh(logScale)
	p.tell(dst, r[WordLogProbs]-1)
	return true
}

// Filtered writes to dst, of LogProbWords, what the log-probabilities of the token that Pick has just
// returned for r are told from, and those of as many others as r asks for. It reports whether r asks
// for any; else dst stays as it is.
func (p *Picker) Filtered(dst []int32, id int32, r *Record) bool {
	if r[WordFiltered] == 0 {
		return false
	}
	clear(dst)
	dst[logProbCount] = NoToken
	dst[logProbToken] = id
	if id == NoToken {
		return true
	}
	dst[logProbScale] = int32(r[WordScale])
	p.tell(dst, r[WordFiltered]-1)
	return true
}

// tell writes what is told of the tokens that are left.
func (p *Picker) tell(dst []int32, top uint32) {
	var list [MaxLogProbs]int // places
	n, most := 0, int(min(top, MaxLogProbs))
	for i, k := range p.keys {
		at := n
		for at > 0 && p.keys[list[at-1]] < k {
			at--
		}
		if at >= most {
			continue
		}
		n = min(n+1, most)
		copy(list[at+1:n], list[at:])
		list[at] = i
	}
	dst[logProbCount] = int32(n)
	dst[logProbMass], dst[logProbMass+1] = int32(uint32(p.total)), int32(uint32(p.total>>32))
	dst[logProbBest] = int32(p.keys[p.best])
	if i, ok := slices.BinarySearch(p.ids, dst[logProbToken]); ok {
		dst[logProbToken+1] = int32(p.keys[i])
	}
	for i, at := range list[:n] {
		dst[logProbList+2*i], dst[logProbList+2*i+1] = p.ids[at], int32(p.keys[at])
	}
}

// ReadLogProbs returns what words that LogProbs or Filtered wrote say: the token drawn, and the
// likeliest by falling probability. It is false where the row of logits was broken.
func ReadLogProbs(words []int32) (token LogProb, likeliest []LogProb, ok bool) {
	n := words[logProbCount]
	if n < 0 || n > MaxLogProbs {
		return LogProb{ID: words[logProbToken], LogProb: math.NaN()}, nil, false
	}
	mass := uint64(uint32(words[logProbMass])) | uint64(uint32(words[logProbMass+1]))<<32
	best, logMass := float64(scoreOf(uint32(words[logProbBest]))), math.Log(float64(mass)/(1<<31))
	unit := 1.0
	if scale := math.Float32frombits(uint32(words[logProbScale])); scale != 0 {
		unit = float64(scale) * math.Ln2
	}
	at := func(i int) LogProb {
		l := LogProb{ID: words[i], LogProb: math.Inf(-1)}
		if k := uint32(words[i+1]); k != noKey {
			l.LogProb = (float64(scoreOf(k))-best)*unit - logMass
		}
		return l
	}
	for i := range int(n) {
		likeliest = append(likeliest, at(logProbList+2*i))
	}
	return at(logProbToken), likeliest, true
}
