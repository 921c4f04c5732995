//go:build (!unix && !windows) || solaris || aix

package hub

import (
	"errors"
	"os"
)

func tryLock(*os.File) (bool, error) { return false, errors.ErrUnsupported }

func isDiskFull(error) bool { return false }
