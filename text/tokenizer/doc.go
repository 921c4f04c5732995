// Package tokenizer turns text into token ids and back, by the byte-level BPE of a
// Hugging Face tokenizer.json. The ids are those of the tokenizers library.
//
// # What is read
//
// The model must be BPE over bytes (model.type "BPE", one ByteLevel
// pre-tokenizer, the ByteLevel decoder), as Falcon, FalconMamba, GPT-2,
// GPT-NeoX and Llama 3 have it:
//
//   - normalizer: null or NFC;
//   - pre-tokenizers: ByteLevel, Punctuation, Digits, Split, and Sequence of
//     these. Split takes strings, and regular expressions without look-behind or
//     back-references, in which only a repeat of one character or class may be possessive.
//     No published tokenizer that is BPE over bytes is known to need more;
//   - post-processors: null, ByteLevel, TemplateProcessing, and Sequence of
//     these, for a single text;
//   - added tokens with all their flags.
//
// Whatever else a file asks for is an error that names it. Two things are skipped in
// silence: the truncation and padding sections, which are about batches, and
// trim_offsets, which is about offsets.
//
// # Text that is not UTF-8
//
// Encode first replaces every invalid sequence by U+FFFD, one for each maximal
// subpart (Unicode 15, section 3.9, practice of substitution), and Decode does
// the same with token bytes that are no UTF-8. Neither ever fails.
//
// # Bytes without a symbol
//
// A vocabulary need not have a symbol for each of the 256 bytes. Falcon's lacks 28:
// control characters, F2 and bytes that UTF-8 never has. Such a byte becomes the unknown
// token where the file names one. Else it is dropped, and its neighbours may merge across
// the gap, as in the tokenizers library.
//
// A [Tokenizer] does not change once made and may be used by many goroutines.
package tokenizer
