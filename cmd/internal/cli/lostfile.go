//go:build !cgo || !unix

package cli

// SayLostFiles does nothing here: the runtime's dump says what happened.
func SayLostFiles(_, _ string) {}
