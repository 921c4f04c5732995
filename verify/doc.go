// Package verify is for correctness: a checkpoint against the golden that transformers made of it,
// a tokenizer against the cases of the tokenizers library, one backend's logits against the
// reference's, and the predictions of packed weights against the original's. Limits say how far a
// backend may be off at a precision. Its results are plain values. Package bench measures speed and
// memory; cmd/fmbench is the command line of both.
package verify
