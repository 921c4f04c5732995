// Package gguf reads and writes files in GGUF, the format of ggml and
// llama.cpp: keys with typed values, a table of named tensors, and their data,
// aligned. It is specified at github.com/ggml-org/ggml/blob/master/docs/gguf.md.
//
// Versions 2 and 3 are read, little endian; version 3 is written. A file is not
// trusted: nothing is allocated by a count that the file could not hold, and
// every tensor's place is checked against the file and the others.
package gguf
