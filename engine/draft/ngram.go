package draft

// A Drafter guesses how one text goes on. It belongs to one goroutine at a time.
type Drafter interface {
	// Push tells how the text did go on.
	Push(id int32)
	// Draft fills guess with the tokens that follow, in order, and returns how many it has a
	// guess for, and of how many tokens before them the first of these is a consequence: the
	// more there are, the likelier it is right.
	Draft(guess []int32) (n, evidence int)
}

// least is how many tokens must be as they were for a guess; most is how many are compared.
const (
	least = 3
	most  = 32
)

// tries is how many earlier places are looked at for the longest match.
const tries = 8

// Window is how many of a text's latest tokens an NGram knows at most; at least half as many.
const Window = 1 << 18

// An NGram guesses that a text goes on as it did where its last tokens came before: of several
// such places where most of them did, and of these the last. A token costs a few comparisons,
// however long the text is, and memory is 12 to 24 bytes for each of at most Window tokens.
type NGram struct {
	text   []int32
	before []int32 // by place in text: 1 + the latest earlier place with the same hash; 0 for none
	latest []int32 // by hash: 1 + the latest place
	window int
}

// NewNGram returns a drafter for what follows text.
func NewNGram(text []int32) *NGram { return newNGram(text, Window) }

func newNGram(text []int32, window int) *NGram {
	g := &NGram{window: window}
	g.restart(text[max(0, len(text)-window+1):])
	return g
}

// restart begins with text, and room for as many tokens again.
func (g *NGram) restart(text []int32) {
	size := 256
	for size < 2*len(text) {
		size *= 2
	}
	g.latest = make([]int32, min(size, g.window))
	g.text = append(make([]int32, 0, len(g.latest)), text...)
	g.before = make([]int32, len(g.text), len(g.latest))
	for at := range g.text {
		g.note(at)
	}
}

// Push adds a token to the text.
func (g *NGram) Push(id int32) {
	if len(g.text) == len(g.latest) {
		text := g.text
		if len(text) == g.window {
			text = text[len(text)-g.window/2:]
		}
		g.restart(text)
	}
	g.text = append(g.text, id)
	g.before = append(g.before, 0)
	g.note(len(g.text) - 1)
}

// note finds the place of the tokens that end at a place of the text by their hash.
func (g *NGram) note(at int) {
	if at < least-1 {
		return
	}
	h := &g.latest[g.hash(at)]
	g.before[at] = *h
	*h = int32(at + 1)
}

// hash is that of the least tokens that end at a place.
func (g *NGram) hash(at int) int {
	h := uint64(0)
	for _, id := range g.text[at-least+1 : at+1] {
		h = (h ^ uint64(uint32(id))) * 0x9e3779b97f4a7c15
	}
	return int((h >> 32) & uint64(len(g.latest)-1))
}

// Draft implements Drafter. A guess that comes to the end of the text goes on with itself: a
// text that repeats is guessed to repeat.
func (g *NGram) Draft(guess []int32) (n, evidence int) {
	end := len(g.text) - 1
	if end < least || len(guess) == 0 {
		return 0, 0
	}
	from := 0
	place := g.before[end]
	for range tries {
		if place == 0 {
			break
		}
		at := int(place) - 1
		if alike := g.alike(at, end); alike > evidence {
			from, evidence = at+1, alike
		}
		if evidence == most {
			break
		}
		place = g.before[at]
	}
	if evidence < least {
		return 0, 0
	}
	for i := range guess {
		if from+i <= end {
			guess[i] = g.text[from+i]
		} else {
			guess[i] = guess[from+i-end-1]
		}
	}
	return len(guess), evidence
}

// alike counts the tokens up to two places that are the same, at most most.
func (g *NGram) alike(a, b int) int {
	n := 0
	for n < most && n <= a && g.text[a-n] == g.text[b-n] {
		n++
	}
	return n
}
