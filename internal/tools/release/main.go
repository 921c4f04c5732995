// Release makes the files of a release from what was built, so that the same input is the same bytes.
//
//	release archive OUT.tar.gz|OUT.zip TIME DIR   the folder DIR, under its name
//	release sbom OUT.cdx.json TIME PROGRAM...     the modules that programs were built from, in CycloneDX
//	release sums OUT DIR                          the SHA-256 of the files in DIR, as sha256sum -c reads them
//
// TIME is in Unix seconds.
package main

import (
	"crypto/sha256"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("release: ")
	if err := run(os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 4 && args[0] == "archive":
		at, err := unix(args[2])
		if err != nil {
			return err
		}
		return write(args[1], func(f *os.File) error { return archive(f, args[1], args[3], at) })
	case len(args) > 3 && args[0] == "sbom":
		at, err := unix(args[2])
		if err != nil {
			return err
		}
		return write(args[1], func(f *os.File) error { return sbom(f, at, args[3:]) })
	case len(args) == 3 && args[0] == "sums":
		text, err := sums(args[2])
		if err != nil {
			return err
		}
		return os.WriteFile(args[1], []byte(text), 0o644)
	}
	return fmt.Errorf("want archive OUT TIME DIR, sbom OUT TIME PROGRAM... or sums OUT DIR, not %q", args)
}

// unix reads a time.
func unix(s string) (time.Time, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return time.Time{}, fmt.Errorf("the time %q: want Unix seconds", s)
	}
	return time.Unix(n, 0).UTC(), nil
}

// write makes a file by f; where that fails there is none.
func write(path string, f func(*os.File) error) error {
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	err = f(out)
	if e := out.Close(); err == nil {
		err = e
	}
	if err != nil {
		os.Remove(path)
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// sums returns a line for each file in dir.
func sums(dir string) (string, error) {
	files, err := os.ReadDir(dir) // in order of names
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, f := range files {
		if !f.Type().IsRegular() {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "%x  %s\n", sha256.Sum256(data), f.Name())
	}
	return b.String(), nil
}
