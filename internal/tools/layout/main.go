// Layout holds the imports of the project to layout.txt, the table of its rooms: one
// line for every import that it forbids. `make imports` runs it, in the project's root.
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"os"
)

//go:embed layout.txt
var layout string

func main() {
	dir := flag.String("dir", ".", "the project's root")
	flag.Parse()
	if err := run(*dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(dir string) error {
	t, err := parseTable(layout)
	if err != nil {
		return fmt.Errorf("layout.txt: %w", err)
	}
	imports, err := readImports(dir)
	if err != nil {
		return err
	}
	return t.check(imports)
}
