// Package chat is for conversations: it turns messages into the text that a model was trained on, by
// the chat template of its checkpoint. Package jinja evaluates the template; this one gives it the
// variables that the transformers library gives.
//
// [Template.Render] says of each piece of text whether the template wrote it or which message it is
// from. Text of messages must not be able to end a turn and begin another, so an encoder recognizes
// special tokens in the template's own text alone.
package chat
