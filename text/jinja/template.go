package jinja

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// A Template is a parsed template. Any number of goroutines may render it.
type Template struct {
	source string
	body   []stmt
}

// Parse parses a template. Its errors are of type *Error.
func Parse(source string) (t *Template, err error) {
	if len(source) > maxSource {
		return nil, &Error{1, fmt.Sprintf("%d bytes are too many for a template: at most %d", len(source), maxSource)}
	}
	defer catch(&err)
	p := &parser{tokens: lex(strings.ToValidUTF8(source, "\uFFFD"))}
	body, _ := p.parseBody()
	return &Template{source, body}, nil
}

// Source returns the text that was parsed.
func (t *Template) Source() string { return t.source }

// A Context is what a template is rendered with.
type Context struct {
	Vars map[string]Value
	// Bytes is the size of the text in Vars. The limit on a template's steps grows with it, since
	// the caller's text may be of any size.
	Bytes int
	// Now is the clock of strftime_now; nil is time.Now.
	Now func() time.Time
}

// A Segment is a piece of the output, all from one source.
type Segment struct {
	Text string
	// Source is FromTemplate, or the number that the caller gave to the value.
	Source int
}

// FromTemplate is the source of text that the template wrote itself.
const FromTemplate = -1

// Render evaluates the template. Two segments in a row differ in their source. Its errors are of
// type *Error, or ctx's.
func (t *Template) Render(ctx context.Context, c Context) (segments []Segment, err error) {
	defer catch(&err)
	r := newRenderer(ctx, c)
	r.body(t.body)
	return r.out.text().segments(), nil
}

func newRenderer(ctx context.Context, c Context) *renderer {
	vars := make(map[string]any, len(c.Vars))
	for name, v := range c.Vars {
		vars[name] = v.v
	}
	now := c.Now
	if now == nil {
		now = time.Now
	}
	r := &renderer{ctx: ctx, scope: &scope{vars, nil}, steps: baseSteps + 16*c.Bytes, now: now}
	r.scope = &scope{map[string]any{}, r.scope}
	return r
}
