// Package sampling defines how a token is drawn from a row of logits: the
// layout of a slot's record, the random generator, the filters and the pick.
// The host samples with it, and every backend's Sample and Advance operations
// follow it to the bit: the same logits and the same record give the same
// token everywhere.
//
// # Meaning
//
// The filters are those of Hugging Face transformers, in its order: repetition
// penalty, temperature, top-k, top-p, min-p. Every token is counted in the
// penalties' window or not; a counted one has its logit multiplied by the
// repetition penalty where it is negative and divided by it elsewhere. Then the
// frequency penalty is taken from it as often as the token was counted, and the
// presence penalty once. Top-k keeps every
// token not below the k-th largest, ties included. Top-p keeps the shortest
// run of the most probable tokens whose probabilities reach p; among equals the
// lower id comes first. Min-p keeps the tokens of at least p times the largest
// probability. Temperature 0 is greedy: the largest penalised logit, ties to
// the lowest id, with no filter and no draw.
//
// A −Inf logit is never picked. +Inf counts as the largest finite float32, and
// zeros of either sign and subnormal numbers as one zero, so that a device that
// flushes them agrees. A row that holds a NaN comes of a broken weight or an
// overflow: there, and where nothing can be picked, [NoToken] is drawn, which ends
// the sequence.
//
// A window does not tell the tokens of a prompt from those that were written: all
// penalties count both, as llama.cpp's do. In OpenAI's API presence and frequency
// are of what was written alone. Who wants that loads a history without the
// prompt ([Load]), which then holds of the repetition penalty as well.
//
// # The definition
//
// Devices differ in exp, in division and in the order of their sums, and GPUs
// often lack 64-bit floats. So the definition has none of these: three float32
// multiplications and three subtractions per token, each rounded to nearest even
// and none fused with another (GLSL: precise; MSL: no fast math), and integers
// from there on, whose sums have no order. With the words of the slot's
// [Record], logits s and counts c:
//
// Before them, where a slot has biases or a mask, [Bias] changes s: one addition to
// a logit that has a bias, and −Inf for what is not allowed. All that follows is of
// that.
//
//  1. y = s; where c > 0: y = s × [WordPenalty] if s < 0, else
//     s × [WordInvPenalty], and if that is finite, y = y − f, of f =
//     [WordFrequency] × min(c, 2^24), and then y = y − [WordPresence]. Key: 2^32 − 1 if s is NaN and 0 if y is −Inf, by
//     their bits; else y's bits with +Inf replaced by 0x7f7fffff and a zero
//     exponent by +0, then all bits inverted if the sign is set, else the sign
//     bit set. Keys order as the numbers do. best is the lowest id of the
//     greatest key. If that is 2^32 − 1 or 0 the token is [NoToken]; else, if
//     [WordScale] is 0, it is best.
//  2. Top-k, where 0 < [WordTopK] < tokens with a key: floor is the
//     [WordTopK]-th greatest key. Tokens below it leave.
//  3. d = y(best) − y; t = d × [WordScale], which is log2 of the ratio of the
//     two probabilities. The weight is w = 2^(31−t) as [Weight] computes it
//     from t in integers; w(best) = 2^31.
//  4. Top-p, where [WordTopPFraction] is not 0: with W the sum of the weights,
//     target = ⌈W × [WordTopPFraction] / 2^32⌉. In order of descending key,
//     then ascending id, tokens stay up to and including the first at which the
//     running sum of weights reaches target.
//  5. Min-p: tokens of w < [WordMinWeight] leave.
//  6. With W the sum of what is left, and u the first word of
//     Philox(counter {step, 0, 0, 0}, key {seed lo, seed hi}): r = ⌊W × u / 2^32⌋.
//     The token is the lowest id at which the running sum of weights, in order
//     of ids, exceeds r.
//
// The pick runs in order of ids and not of probability because then a rounding
// difference in the logits, say of another backend's matrix product, shifts the
// boundaries by as little; in order of probability two near equals that change
// places would change the token for every r between them.
//
// # Sizes
//
// A weight fits 32 bits, a sum of V weights 31+log2(V) bits: 47 for Falcon's
// 65024 tokens, so sums are a uint64, or two words with a carry. A weight is
// off by half a unit at most, 2^-32 of the largest: over 65024 tokens that is
// at worst 1.5e-5 of the probability mass, reached only if nearly every token
// is 2^32 times rarer than the best; with normally distributed logits of
// deviation 1, 2 and 4 it was measured as 4e-8, 1.2e-7 and 1.5e-6. Besides, the relative error of a weight is
// below 2.1 t × 2^-24, from the rounding of d, the scale and t, plus 1.5e-8
// from fixed point. A draw resolves 2^-32. Tokens rarer than 2^-32 of the best
// have weight 0 and are never drawn; [Probs], which is for people and computes
// in float64, still shows them.
//
// The reciprocals in the record make a penalised logit and t differ from a
// division by at most one unit in the last place. That can matter only where
// two logits come within it of each other at the edge of a filter. Presence and
// frequency penalties below 2^-100 are 0 in a record: so no result of theirs is a
// subnormal number, whatever a device makes of one.
//
// # Log-probabilities
//
// They are those of a row of logits as it is, at temperature 1, before penalties
// and filters, as OpenAI's are; whether biases are in it is the caller's choice. A
// device gives back integers, and the host takes the logarithm: so they are the
// same everywhere. From the keys of step 1, without penalties: if the greatest is
// 2^32 − 1 or 0 there are none. Else the weights are those of step 3
// with log2(e) for [WordScale], 0 for tokens whose key is 0; W is their sum over
// the vocabulary. With the key of a token,
//
//	ln p = score − score(best) − ln(W / 2^31)
//
// which is off by the relative error of W, see above, whatever the token.
// [Picker.LogProbs] leaves the words in which W and keys come back, [ReadLogProbs]
// reads them.
//
// Those of what the filters leave are of the probabilities by which the token is drawn: of
// the keys of step 1, biases, masks and penalties included, and of the tokens and weights that
// are left before step 6, W being their sum:
//
//	ln p = (score − score(best)) × [WordScale] × ln 2 − ln(W / 2^31)
//
// What is left begins the order of descending key, then ascending id, and so do the
// likeliest. Greedy leaves best alone, of probability 1. [Picker.Filtered] tells them of a pick.
//
// # On a GPU
//
// Steps 2 and 4 need no sort of all tokens: both ask for the key at which a sum
// over descending keys reaches a target. A radix search answers it with a
// histogram in shared memory and a pass over the tokens for each digit (top-k
// counts ones, top-p adds weights; integer atomics commute, so the histogram is
// exact). Mostly fewer passes do. A key that k tokens reach is found from the
// greatest keys of groups of tokens; the few that reach it fit shared memory,
// and all that follows concerns only them. A histogram by weight tells which
// tokens lie at the edge of top-p. Ties at the last key of step 4 and the pick
// of step 6 are a prefix sum in order of ids. W × u / 2^32 of W = (hi, lo) is
// hi × u + mulhi(lo, u). A kernel reads the derived words only and never
// divides.
//
// # A slot
//
// Beside its record a slot may have biases and a mask, and it has counts, an int32 per token of the vocabulary:
// its occurrences in the penalties' window; and, where the window is not the
// whole history, a ring of the window's tokens. [Advance] is the definition of
// what accepting a token does to them, [Load] of how they start.
package sampling
