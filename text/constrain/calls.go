package constrain

import (
	"fmt"
	"strings"
	"sync"
)

// A Function is what a text may call: its name, and a JSON schema of its arguments, an object's. Without one it has
// none.
type Function struct {
	Name       string
	Parameters []byte
}

// CallOptions say what beside a call a text may have.
type CallOptions struct {
	// Text allows words before calls, or instead of them.
	Text bool
	// Most is how many calls there may be, 0 for one.
	Most int
}

// What calls of functions are written between and with, one behind the other with a line break between: the form
// that Hermes models began, and many were trained on.
const (
	CallBegin = "<tool_call>\n"
	CallEnd   = "\n</tool_call>"
	callName  = `{"name": `
	callArgs  = `, "arguments": `
)

// callMark is what words before calls do not have.
const callMark = "<tool_call>"

// Calls returns the grammar of texts that call functions.
func Calls(functions []Function, o CallOptions) (*Grammar, error) {
	b := newBuilder()
	text := b.rule("the text")
	call := b.rule("a call")
	w := newEffort()
	for _, f := range functions {
		if err := b.function(w, f, b.g.rules[call]); err != nil {
			return nil, fmt.Errorf("function %s: %w", abridged(f.Name), err)
		}
	}
	r := b.g.rules[text]
	from := r.begin
	if o.Text {
		words := b.place()
		b.write(from, words, callFree())
		b.skip(words, r.end)
		from = words
	}
	between, err := w.plainLexeme(literal("\n"))
	if err != nil {
		return nil, err
	}
	for i := range max(1, o.Most) {
		if i > 0 {
			next := b.place()
			b.write(from, next, between)
			from = next
		}
		next := b.place()
		b.call(from, next, call)
		b.skip(next, r.end)
		from = next
	}
	return b.finish(text)
}

// function adds the call of one function.
func (b *builder) function(w *effort, f Function, r rule) error {
	open, err := w.plainLexeme(chars(CallBegin + callName + quote(f.Name) + callArgs))
	if err != nil {
		return err
	}
	end, err := w.plainLexeme(chars("}" + CallEnd))
	if err != nil {
		return err
	}
	source := f.Parameters
	if len(source) == 0 {
		source = []byte(`{"additionalProperties": false}`)
	}
	v, err := parseValue(source)
	if err != nil {
		return err
	}
	args, err := b.schema(w, v, kindObject)
	if err != nil {
		return err
	}
	in, out := b.place(), b.place()
	b.write(r.begin, in, open)
	b.call(in, out, args)
	b.write(out, r.end, end)
	return nil
}

// callFree is texts without callMark.
var callFree = sync.OnceValue(func() *lexeme {
	w := newEffort()
	marked := must(w.compile(anywhere(chars(callMark))))
	l := newLexeme(w.minimal(must(w.spelled(must(w.butNot(all(), marked)), utf8Spellings))))
	l.shared = true
	return l
})

// A Caller takes the calls out of a text that Calls allows, as it is written. The zero value begins one.
type Caller struct {
	held  string // what may be the beginning of something else than words
	phase callPhase
	depth int // of the arguments' brackets
	quote bool
	slash bool
	calls int
}

type callPhase uint8

const (
	inWords callPhase = iota
	beforeName
	inArguments
	behindArguments
)

// A CallPart is what a piece of a text adds: words, the name of a call that begins, or a piece of its arguments.
type CallPart struct {
	Words     string
	Call      int // counted from 0, of what follows
	Name      string
	Arguments string
}

// Push takes the next piece of the text.
func (c *Caller) Push(text string) (parts []CallPart) {
	c.held += text
	for {
		switch c.phase {
		case inWords:
			words, found := c.words()
			if words != "" {
				parts = append(parts, CallPart{Words: words})
			}
			if !found {
				return parts
			}
		case beforeName:
			name, ok := c.name()
			if !ok {
				return parts
			}
			parts = append(parts, CallPart{Call: c.calls, Name: name})
		case inArguments:
			piece := c.arguments()
			if piece == "" {
				return parts
			}
			parts = append(parts, CallPart{Call: c.calls, Arguments: piece})
		case behindArguments:
			_, rest, ok := strings.Cut(c.held, CallEnd)
			if !ok {
				return parts
			}
			c.held, c.phase = rest, inWords
			c.calls++
		}
	}
}

// Flush returns the words that were held back, at the end of the text.
func (c *Caller) Flush() string {
	if c.phase != inWords || c.calls > 0 {
		return ""
	}
	return c.held
}

// Calls returns how many calls are whole.
func (c *Caller) Calls() int { return c.calls }

// words returns what cannot be the mark of a call, and goes past that where it is there. Between calls there are none.
func (c *Caller) words() (words string, found bool) {
	words, rest, found := strings.Cut(c.held, callMark)
	if found {
		c.held, c.phase = rest, beforeName
	} else {
		// An end that the mark may begin with is kept.
		n := max(0, len(c.held)-len(callMark)+1)
		for !strings.HasPrefix(callMark, c.held[n:]) {
			n++
		}
		words, c.held = c.held[:n], c.held[n:]
	}
	if c.calls > 0 {
		words = ""
	}
	return words, found
}

// name returns the name of a call whose arguments begin.
func (c *Caller) name() (name string, ok bool) {
	head, rest, ok := strings.Cut(c.held, callArgs)
	if !ok {
		return "", false
	}
	c.held, c.phase, c.depth = rest, inArguments, 0
	if _, quoted, ok := strings.Cut(head, callName); ok {
		if v, err := parseValue([]byte(quoted)); err == nil {
			name = v.text
		}
	}
	return name, true
}

// arguments returns what of them is there.
func (c *Caller) arguments() string {
	n := 0
	for n < len(c.held) && c.phase == inArguments {
		b := c.held[n]
		n++
		switch {
		case c.slash:
			c.slash = false
		case c.quote:
			c.slash, c.quote = b == '\\', b != '"'
		case b == '"':
			c.quote = true
		case b == '{' || b == '[':
			c.depth++
		case b == '}' || b == ']':
			if c.depth--; c.depth == 0 {
				c.phase = behindArguments
			}
		}
	}
	piece := c.held[:n]
	c.held = c.held[n:]
	return piece
}
