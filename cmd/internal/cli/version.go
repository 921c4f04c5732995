package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// Version returns a line that says what was built, from which commit, by which Go.
func Version(program string) string {
	version, commit, dirty := "(devel)", "", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		if info.Main.Version != "" {
			version = info.Main.Version
		}
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision":
				commit = " " + s.Value[:min(12, len(s.Value))]
			case s.Key == "vcs.modified" && s.Value == "true":
				dirty = ", changed"
			}
		}
	}
	return fmt.Sprintf("%s %s%s%s, %s %s/%s\n",
		program, version, commit, dirty, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
