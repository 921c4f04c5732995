package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// Version returns a line that says what was built, from which commit, by which Go.
func Version(program string) string {
	version, commit := "(devel)", Commit()
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		version = info.Main.Version
	}
	if commit != "" {
		commit = " " + commit
	}
	return fmt.Sprintf("%s %s%s, %s %s/%s\n", program, version, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// Commit returns the commit that the program was built from, and ", changed" where its tree had changes. It is
// empty where the build does not say, as in tests.
func Commit() string {
	commit, changed := "", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision":
				commit = s.Value[:min(12, len(s.Value))]
			case s.Key == "vcs.modified" && s.Value == "true":
				changed = ", changed"
			}
		}
	}
	return commit + changed
}
