// Package draft guesses how a text goes on, from the text itself.
//
// Whoever verifies a guess reads several tokens in one pass, which on most devices costs
// little more than reading one. A text that quotes, copies or repeats is then written several
// tokens at a time. The guesses here are those of prompt lookup (Saxena 2023): what followed
// when the text was last as it is now.
package draft
