//go:build !windows

package cli

import "os"

// sequences reports whether a terminal does what escape sequences say.
func sequences(*os.File) bool { return true }
