// Package constrain holds texts to a form: JSON that a schema allows, a regular expression, or a grammar in GBNF. It
// says before each token which tokens of a vocabulary may come.
//
//	g, err := constrain.JSONSchema(schema)
//	…
//	m := g.Matcher(vocab, eos)
//	mask := make([]int32, (vocab.Size()+31)/32)
//	for … {
//		err := m.Mask(mask)
//		…
//		err = m.Accept(token)
//	}
//
// A [Grammar] is a network of places with lexemes between them, regular languages as tables over bytes, and calls of
// rules, which have a stack. Where several readings of a text are possible, all are followed. From every place that
// is reached the end can be reached, so what was written can always be completed.
//
// A mask is put together from what is known of each lexeme by itself: the tokens that stay within it from one of its
// states on, and the places in the vocabulary's trie where it ends. Only what stands behind these is walked for the
// text at hand. Strings, of which most of JSON is, are one lexeme for all grammars.
package constrain
