package gpu

import (
	"fmt"
	"strings"
)

// Errorf is fmt.Errorf for an error of a driver, which begins with its name:
// "vulkan: plan …". The last of args is an error that format wraps. Where it is
// the driver's own, its name is not said twice.
func Errorf(driver, format string, args ...any) error {
	last := len(args) - 1
	args[last] = inner{args[last].(error), driver + ": "}
	return fmt.Errorf(driver+": "+format, args...)
}

// inner is an error without the prefix that stands before it already.
type inner struct {
	error
	prefix string
}

func (e inner) Error() string { return strings.TrimPrefix(e.error.Error(), e.prefix) }
func (e inner) Unwrap() error { return e.error }

// StillOpen is the error of a driver's Close that finds what was made from the
// device and not closed before it: bytes of buffers and weights, and plans. It
// is nil where there is nothing.
func StillOpen(driver string, bytes int64, plans int) error {
	if bytes == 0 && plans == 0 {
		return nil
	}
	return fmt.Errorf("%s: Close: still open are %d bytes of buffers and weights, and %d plans: close them before "+
		"the device", driver, bytes, plans)
}
