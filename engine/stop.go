package engine

import "strings"

// A StopReason says why a generation ended.
type StopReason string

// The reasons.
const (
	StopNone   StopReason = ""       // it did not: the caller left the loop, or an error ended it
	StopEOS    StopReason = "eos"    // the model drew one of the eos ids
	StopLength StopReason = "length" // MaxTokens were generated
	StopString StopReason = "stop"   // one of the stop strings came
)

// A stopper watches the text of a generation for stop strings. Tokens whose
// text might yet turn out to belong to one wait in held.
type stopper struct {
	stops []string
	held  []Token
	text  string // of held
	came  string // the stop string that came
}

// push takes the next token. It returns the tokens that are kept for certain,
// and whether a stop string has come: what is held then is not kept. A token
// whose text begins before the stop string is kept, its text cut.
func (s *stopper) push(t Token) (kept []Token, stopped bool) {
	s.held = append(s.held, t)
	s.text += t.Text
	at, stopped := s.find()
	if !stopped {
		at = s.tail()
	}
	n, end := 0, 0
	for n < len(s.held) && end+len(s.held[n].Text) <= at {
		end += len(s.held[n].Text)
		n++
	}
	if stopped && end < at {
		s.held[n].Text = s.held[n].Text[:at-end]
		n++
		end = at
	}
	kept, s.held = s.held[:n:n], s.held[n:]
	s.text = s.text[end:]
	return kept, stopped
}

// rest returns what is held when the text ends without a stop string.
func (s *stopper) rest() []Token {
	kept := s.held
	s.held, s.text = nil, ""
	return kept
}

// find returns where the first stop string begins in the held text.
func (s *stopper) find() (at int, found bool) {
	for _, stop := range s.stops {
		if i := strings.Index(s.text, stop); i >= 0 && (!found || i < at) {
			at, found, s.came = i, true, stop
		}
	}
	return at, found
}

// tail returns where the longest end of the held text begins that a stop
// string could begin with.
func (s *stopper) tail() int {
	for i := range s.text {
		for _, stop := range s.stops {
			if strings.HasPrefix(stop, s.text[i:]) {
				return i
			}
		}
	}
	return len(s.text)
}
