//go:build (!unix && !windows) || solaris || aix

package disk

import (
	"errors"
	"os"
)

// TryLock has no locks here.
func TryLock(*os.File) (bool, error) { return false, errors.ErrUnsupported }
