// Package chat turns messages into the text that a model was trained on, by
// the chat template of its checkpoint: a template in Jinja, evaluated as the
// transformers library does it (trim_blocks and lstrip_blocks set, loop
// controls on, nothing that could change a value it was given).
//
// # What is understood
//
// Statements: if, for (with else, a condition, unpacking, break and continue),
// set (of names, of a namespace's attributes, of a block), macro, raw, and
// generation, which is passed over. Expressions: all of Jinja's but % on
// strings. Filters, tests, methods and functions: those that templates of
// checkpoints use; see the tables in filter.go, test.go, method.go and
// function.go. Whatever else a template asks for is an error that names it and
// its line, when the template is parsed where that can be known.
//
// # Limits
//
// A template comes with a checkpoint, so from anywhere. It can do nothing but
// make text, and not without end: steps, text, nesting and calls are limited,
// see limits.
//
// # Where text comes from
//
// [Template.Render] says of each piece of text whether the template wrote it or
// which message it is from, however the template has cut, trimmed or joined it.
// Text of messages must not be able to end a turn and begin another: whoever
// encodes it recognizes special tokens in the template's own text alone.
package chat
