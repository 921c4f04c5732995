package backend

import "errors"

// Errors that callers tell apart. Drivers wrap them with the call and sizes.
var (
	ErrUnsupported = errors.New("not supported by this backend")
	ErrOutOfMemory = errors.New("out of memory")
	ErrDeviceLost  = errors.New("device lost")
	ErrClosed      = errors.New("closed")
)
