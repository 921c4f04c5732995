// Layout holds the imports of the project to layout.txt, the table of its rooms, and
// draws them. `make imports` and `make architecture` run it, in the project's root:
//
//	go run ./internal/tools/layout              one line for every import that layout.txt forbids
//	go run ./internal/tools/layout -draw FILE   writes the picture, an SVG
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
	draw := flag.String("draw", "", "the SVG to write, instead of checking")
	flag.Parse()
	if err := run(*dir, *draw); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(dir, picture string) error {
	t, err := parseTable(layout)
	if err != nil {
		return fmt.Errorf("layout.txt: %w", err)
	}
	imports, err := readImports(dir)
	if err != nil {
		return err
	}
	if picture == "" {
		return t.check(imports)
	}
	svg, err := t.draw(imports)
	if err != nil {
		return err
	}
	return os.WriteFile(picture, svg, 0o666)
}
