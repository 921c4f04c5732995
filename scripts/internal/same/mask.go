package main

import (
	"regexp"
	"slices"
	"strings"
)

// keys are columns of reports, and names in JSON, of what no two runs have in
// common: times, speeds, the memory of the process and the machine, and the build.
var keys = []string{
	"load_seconds", "first_token_seconds", "prompt_tokens_per_second", "tokens_per_second",
	"seconds", "tokens_per_s", "tokens_per_s_spread", "gb_per_s", "gflop_per_s", "tflop_per_s", "bytes_per_s",
	"us_each", "ms", "time_share", "bandwidth_share",
	"free", "resident", "private", "peak_resident", "overhead", "date", "commit",
}

// titles are what people read over these columns.
var titles = []string{
	"time", "t/s", "GB/s", "GFLOP/s", "TFLOP/s", "µs each", "ms", "of time", "of copy",
	"free", "resident", "private", "peak resident", "overhead",
}

// masks find the same outside of tables.
var masks = []struct {
	what *regexp.Regexp
	with string
}{
	{regexp.MustCompile(`[0-9.e+]+ (tok/s|GB/s)`), "* $1"},
	{regexp.MustCompile(`\b(loaded in|first token after|it took) [0-9.]+[a-zµ]+`), "$1 *"},
	{regexp.MustCompile(`[0-9.]+ [kKMGTi]*B resident(, [0-9.]+ [kKMGTi]*B)?`), "* resident"},
	{regexp.MustCompile(`"(` + strings.Join(keys, "|") + `)":[-+.0-9e]+`), `"$1":*`},
	{regexp.MustCompile(`"(date|commit)":(null|"[^"]*")`), `"$1":*`},
}

// mask replaces what no two runs have in common by stars.
func mask(text string) string {
	lines := strings.Split(text, "\n")
	var hidden []int // columns of the table that the lines are in
	for i, line := range lines {
		split, between, known := commas, ",", keys
		header := csvHeader.MatchString(line)
		if strings.HasPrefix(line, "| ") {
			split, between, known = bars, "|", titles
			header = i+1 < len(lines) && strings.HasPrefix(lines[i+1], "| -")
		}
		cells := split(line)
		switch {
		case len(cells) < 2: // the end of a table
			hidden = nil
		case header:
			hidden = nil
			for c, cell := range cells {
				if slices.Contains(known, strings.TrimSpace(cell)) {
					hidden = append(hidden, c)
				}
			}
		default:
			for _, c := range hidden {
				if c < len(cells) && strings.ContainsAny(cells[c], "0123456789") {
					cells[c] = "*"
				}
			}
			lines[i] = strings.Join(cells, between)
		}
	}
	text = strings.Join(lines, "\n")
	for _, m := range masks {
		text = m.what.ReplaceAllString(text, m.with)
	}
	return text
}

var csvHeader = regexp.MustCompile(`^[a-z][a-z0-9_]*(,[a-z][a-z0-9_]*)+$`)

func bars(line string) []string { return strings.Split(line, "|") }

// commas splits a line of CSV.
func commas(line string) []string {
	quoted := false
	var cells []string
	for {
		end := strings.IndexFunc(line, func(r rune) bool {
			if r == '"' {
				quoted = !quoted
			}
			return r == ',' && !quoted
		})
		if end < 0 {
			return append(cells, line)
		}
		cells, line = append(cells, line[:end]), line[end+1:]
	}
}
