// Package jinja evaluates templates in the language of the Python package jinja2, set up as the
// transformers library does for chat templates: trim_blocks and lstrip_blocks are on, so are loop
// controls, and the sandbox is the immutable one, in which no value that a template was given can
// change.
//
// # What is understood
//
// Statements: if, for (with else, a condition, unpacking, break and continue), set (of names, of a
// namespace's attributes, of a block), macro, call, raw, and transformers' generation, whose body is
// rendered as it stands. Expressions: all of jinja2's but % on strings. The filters, tests, methods
// and globals are those that templates of checkpoints use: the tables in filters.go, tests.go,
// methods.go and functions.go list them. Whatever else a template asks for is an error with its name
// and line. [Parse] returns it where it can be known, else [Template.Render] does.
//
// # Limits
//
// A template comes with a checkpoint, so from anywhere. It can only make text, and not without end:
// steps, text, nesting and calls are limited by the constants of runtime.go. A template ends within
// about a second of work and 50 MB of memory, beside what the caller's own text takes; what values
// cost is in steps too.
//
// # Sources
//
// A string knows where its bytes come from: from the template, or from a [Value] with the caller's
// number for it. [Template.Render] returns the output in segments of one source each, however the
// template has sliced, trimmed or joined them.
package jinja
