package main

import (
	"context"
	"io"

	"falconmamba/cmd/internal/cli"
)

// manual is what manual pages and shells are told: of the program, and of its words.
func manual() cli.Manual {
	m := cli.Manual{More: statuses, Pages: []cli.Page{declare().page()}}
	for _, w := range words() {
		if w.page != nil {
			p := w.page()
			p.Word, p.About = w.name, w.about
			m.Pages = append(m.Pages, p)
		}
	}
	return m
}

// statuses is the end of a manual page.
const statuses = `.SH EXIT STATUS
0; 1 when something could not be done; 2 for a wrong command line; 130 when it was interrupted before any text was
made, or of several texts before each had some.
.SH JSON
With \-\-json every token is a line {"id":…,"text":…}, and the last line sums up:
{"done":true,"reason":…,"text":…,"tokens":…,"timings":…}. Of several texts every line has an "index": the number of the
prompt, from 0 on, times that of \-\-n, and the number of the answer.
`

// writeManual is the program with the words man and completion.
func writeManual(word string) func(context.Context, []string, io.Reader, io.Writer, io.Writer) error {
	return func(_ context.Context, args []string, _ io.Reader, stdout, _ io.Writer) error {
		return manual().Write(append([]string{word}, args...), stdout)
	}
}
