// Package bench is for measuring: the speed of reading and writing through the embedding API, for
// one caller and for many clients at once, the memory of loading a model and of a long prompt, and
// where the time of a pass goes on the device. Its results are plain values. Package verify checks
// that the numbers are right; cmd/fmbench is the command line of both.
package bench
