package report

import (
	"strings"
	"testing"
)

// On a terminal tables have columns for as much as there is room for, and what people must read
// whole has a line of its own.
func TestFit(t *testing.T) {
	for columns, want := range map[int]string{
		0: `| name   | more | n   | why |
| ------ | ---- | --- | --- |
| abcdefghijklmnopqrstuvwxyz | some | 1   |     |
| b      | some | 2   | it is so for a reason that is long |
`,
		60: `| name   | more | n   | why                                |
| ------ | ---- | --- | ---------------------------------- |
| abcde… | some | 1   |                                    |
| b      | some | 2   | it is so for a reason that is long |
`,
		40: `| name   | more | n   | why            |
| ------ | ---- | --- | -------------- |
| abcde… | some | 1   |                |
| b      | some | 2   | it is so for … |
  it is so for a reason that is long
`,
		24: `| name           | n   |
| -------------- | --- |
| abcdefghijklm… | 1   |
| b              | 2   |
  it is so for a reason that is long
`,
	} {
		var w strings.Builder
		r := New(&w, Markdown)
		r.Fit(columns)
		r.Table(Table{Name: "one", Columns: []Column{{Key: "name", Left: true, Width: 6, Cut: true},
			{Key: "more", Left: true, Extra: true}, {Key: "n", Left: true}, {Key: "why", Left: true, Cut: true}}})
		r.Row("abcdefghijklmnopqrstuvwxyz", "some", "1", nil)
		r.Row("b", "some", "2", Whole("it is so for a reason that is long"))
		if err := r.Close(); err != nil || w.String() != want {
			t.Errorf("%d columns: %v\n%swant\n%s", columns, err, &w, want)
		}
	}
}

// A cell that was cut in a row with such a text stands whole before it.
func TestFitSaysWhatWasCut(t *testing.T) {
	var w strings.Builder
	r := New(&w, Markdown)
	r.Fit(20)
	r.Table(Table{Name: "one", Columns: []Column{{Key: "case", Left: true, Width: 30, Cut: true}, {Key: "why", Left: true, Cut: true}}})
	r.Row("a case with a long name", Whole("it\nfailed"))
	if got, want := w.String(), "  a case with a long name: it failed\n"; !strings.HasSuffix(got, want) {
		t.Errorf("%q, want %q at the end", got, want)
	}
}
