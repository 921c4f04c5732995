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
