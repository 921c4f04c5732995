package server

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"falconmamba"
	"falconmamba/text/constrain"
)

// forms keeps the grammars that requests asked for last: programs ask for the same again and again, and masks that
// were made for one text are of use to the next. So few are compiled at once that others are still served, and what
// cannot be compiled is not tried again and again.
type forms struct {
	compiling chan struct{}
	waiting   atomic.Int32 // for compiling

	mu   sync.Mutex
	last []madeForm // the latest at the end
	size int        // bytes, of all
}

// A madeForm is what came of a source, be it an error.
type madeForm struct {
	key  [sha256.Size]byte
	g    *constrain.Grammar
	err  error
	size int // bytes
}

const (
	maxForms     = 32
	maxFormBytes = 128 << 20
	maxCompiling = 2
	maxWaiting   = 16
)

// errManyForms refuses a form when as many wait already.
var errManyForms = errors.New("too many forms are being compiled: try again later")

func newForms() *forms { return &forms{compiling: make(chan struct{}, maxCompiling)} }

// get returns the grammar that make makes of source. It waits for others no longer than ctx, and not at all where
// many do.
func (f *forms) get(ctx context.Context, source []byte, make func() (*constrain.Grammar, error),
) (*constrain.Grammar, error) {
	key := sha256.Sum256(source)
	find := func() (madeForm, bool) {
		f.mu.Lock()
		defer f.mu.Unlock()
		i := slices.IndexFunc(f.last, func(m madeForm) bool { return m.key == key })
		if i < 0 {
			return madeForm{}, false
		}
		m := f.last[i]
		f.last = append(slices.Delete(f.last, i, i+1), m)
		return m, true
	}
	if m, ok := find(); ok {
		return m.g, m.err
	}
	if err := f.wait(ctx); err != nil {
		return nil, err
	}
	defer func() { <-f.compiling }()
	if m, ok := find(); ok {
		return m.g, m.err
	}
	m := madeForm{key: key}
	if m.g, m.err = make(); m.err == nil {
		m.size = m.g.Size()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last, f.size = append(f.last, m), f.size+m.size
	for len(f.last) > maxForms || f.size > maxFormBytes && len(f.last) > 1 {
		f.size -= f.last[0].size
		f.last = slices.Delete(f.last, 0, 1)
	}
	return m.g, m.err
}

// wait takes a place of compiling, which its caller gives back.
func (f *forms) wait(ctx context.Context) error {
	defer f.waiting.Add(-1)
	if f.waiting.Add(1) > maxWaiting {
		return errManyForms
	}
	select {
	case f.compiling <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// hold has texts be held to what make makes of source, which field says where it came from.
func (s *Server) hold(o *object, g *falconmamba.GenerateOptions, field, kind string, source []byte,
	make func() (*constrain.Grammar, error),
) {
	switch {
	case *o.err != nil:
		return
	case s.m.Tokenizer() == nil:
		o.fail(unsupported(field, "%s is not supported: %v", field, errNoTokenizer))
		return
	case g.Grammar != nil:
		o.fail(invalid(field, "invalid_value", "%s asks for another form than what comes before it: give one of "+
			"response_format, json_schema, grammar and tools", field))
		return
	}
	made, err := s.forms.get(o.ctx, append([]byte(kind+"\x00"), source...), make)
	switch {
	case errors.Is(err, errManyForms):
		o.fail(tooMany("%s: %v", field, err))
	case err != nil && o.ctx.Err() != nil:
		o.fail(told(o.ctx, o.ctx.Err()))
	case err != nil:
		o.fail(invalid(field, "invalid_value", "%s: %v", field, err))
	default:
		g.Grammar = made
	}
}

// holdToSchema has texts be JSON that a schema allows.
func (s *Server) holdToSchema(o *object, g *falconmamba.GenerateOptions, field string, schema json.RawMessage) {
	s.hold(o, g, field, "schema", schema, func() (*constrain.Grammar, error) { return constrain.JSONSchema(schema) })
}

// form reads what llama.cpp's server has for the form of a text.
func (s *Server) form(o *object, g *falconmamba.GenerateOptions) {
	if raw := o.raw("json_schema"); raw != nil {
		s.holdToSchema(o, g, "json_schema", raw)
	}
	if source := o.text("grammar"); source != "" {
		s.hold(o, g, "grammar", "gbnf", []byte(source), func() (*constrain.Grammar, error) {
			return constrain.GBNF(source)
		})
	}
}

// anyObject is what json_object asks for.
var anyObject = json.RawMessage(`{"type":"object"}`)

// schemaOf reads a schema with its name, and has texts be what it allows.
func (s *Server) schemaOf(o *object, g *falconmamba.GenerateOptions) {
	o.text("name")
	o.text("description")
	o.flag("strict") // texts are always held to it
	schema := o.raw("schema")
	if schema == nil {
		o.fail(invalid(o.path+"schema", "missing_required_parameter", "%sschema is missing", o.path))
	}
	if e := o.done(); e == nil {
		s.holdToSchema(o, g, o.path+"schema", schema)
	}
}

// responseFormat reads the form of an answer.
func (s *Server) responseFormat(o *object, g *falconmamba.GenerateOptions) {
	in := o.object("response_format")
	if in == nil {
		return
	}
	switch kind := in.text("type"); kind {
	case "text":
	case "json_object":
		schema := in.raw("schema") // llama.cpp's
		if schema == nil {
			schema = anyObject
		}
		s.holdToSchema(o, g, "response_format", schema)
	case "json_schema":
		spec := in.object("json_schema")
		if spec == nil {
			in.fail(invalid("response_format.json_schema", "missing_required_parameter",
				"response_format.json_schema is missing: want an object with a name and a schema"))
			break
		}
		s.schemaOf(spec, g)
	default:
		o.fail(invalid("response_format.type", "invalid_value",
			"response_format.type is %q: want text, json_object or json_schema", abridged(kind)))
	}
	if e := in.done(); e != nil {
		o.fail(e)
	}
}
