//go:build !cgo || !unix

package cli

// SayLostFiles does nothing here. Without cgo a signal cannot be taken before Go's runtime
// does, which ends with "unexpected fault address" and a dump. Windows refuses to truncate
// a file that is mapped.
func SayLostFiles(_, _ string) {}
