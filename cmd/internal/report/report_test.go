package report

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"falconmamba/internal/quantity"
)

// twice is something else for machines.
type twice int

func (t twice) String() string { return "twice" }
func (t twice) Machine() any   { return 2 * int(t) }

// report writes every kind of value in a format.
func report(t *testing.T, f Format) string {
	t.Helper()
	var w strings.Builder
	r := New(&w, f)
	r.Table(Table{Name: "one", Columns: []Column{
		{Key: "name", Left: true, Width: 6}, {Key: "n"}, {Key: "tps", Title: "t/s", Spread: true}, {Key: "size"},
		{Key: "took"}, {Key: "err", Title: "error"},
	}})
	r.Row("a|b", 7, Rate{12.345, 0.5}, quantity.Bytes(5<<20), 1500*time.Microsecond, Small(1e-5))
	r.Row("c\n\"d\", é", nil, nil, quantity.Bytes(0), time.Duration(0), Small(math.NaN()))
	r.Table(Table{Name: "two", Columns: []Column{{Key: "x"}, {Key: "v"}, {Key: "ok", Left: true},
		{Key: "d", Left: true}}})
	r.Row(math.Inf(1), []float32{0.1, 2}, true, twice(21))
	r.Note("That was %d.", 2)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return w.String()
}

// What is for machines alone widens no table for people.
func TestDataColumns(t *testing.T) {
	for f, want := range map[Format]string{Markdown: "| a   |\n| --- |\n| x   |\n", CSV: "a,b\nx,7\n"} {
		var w strings.Builder
		r := New(&w, f)
		r.Table(Table{Name: "one", Columns: []Column{{Key: "a", Left: true}, {Key: "b", Data: true}}})
		r.Row("x", 7)
		if r.Skipped() {
			t.Errorf("%s: one table is too many", f)
		}
		if err := r.Close(); err != nil || w.String() != want {
			t.Errorf("%s: %q (%v), want %q", f, &w, err, want)
		}
		if r.Table(Table{}); r.Skipped() != (f == CSV) {
			t.Errorf("%s: Skipped() = %v", f, r.Skipped())
		}
	}
}

func TestReport(t *testing.T) {
	for f, want := range map[Format]string{
		Markdown: `| name   |   n | t/s | size | took | error |
| ------ | --: | --: | ---: | ---: | ----: |
| a\|b   |   7 | 12.35 ± 0.50 | 5.00 MiB | 1.5 ms | 1.00e-05 |
| c "d", é |     |     |  0 B |    0 |   NaN |

|   x |   v | ok  | d   |
| --: | --: | --- | --- |
| +Inf | [0.1 2] | true | twice |

That was 2.
`,
		CSV: `name,n,tps,tps_spread,size,took,err
a|b,7,12.345,0.5,5242880,0.0015,1e-05
"c
""d"", é",,,,0,0,NaN
`,
		JSON: `[
{"table":"one","name":"a|b","n":7,"tps":12.345,"tps_spread":0.5,"size":5242880,"took":0.0015,"err":1e-05},
{"table":"one","name":"c\n\"d\", é","n":null,"tps":null,"tps_spread":null,"size":0,"took":0,"err":"NaN"},
{"table":"two","x":"+Inf","v":[0.1,2],"ok":true,"d":42}
]
`,
		JSONLines: `{"table":"one","name":"a|b","n":7,"tps":12.345,"tps_spread":0.5,"size":5242880,"took":0.0015,"err":1e-05}
{"table":"one","name":"c\n\"d\", é","n":null,"tps":null,"tps_spread":null,"size":0,"took":0,"err":"NaN"}
{"table":"two","x":"+Inf","v":[0.1,2],"ok":true,"d":42}
`,
	} {
		if diff := cmp.Diff(want, report(t, f)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", f, diff)
		}
	}
}

func TestMachinesCanReadReports(t *testing.T) {
	var rows []map[string]any
	if err := json.Unmarshal([]byte(report(t, JSON)), &rows); err != nil || len(rows) != 3 {
		t.Errorf("JSON has %d rows, %v", len(rows), err)
	}
	for _, part := range strings.Split(report(t, CSV), "\n\n") {
		if _, err := csv.NewReader(strings.NewReader(part)).ReadAll(); err != nil {
			t.Errorf("CSV: %v", err)
		}
	}
}

func TestReportWithoutRows(t *testing.T) {
	var w strings.Builder
	r := New(&w, JSON)
	r.Table(Table{Name: "none", Columns: []Column{{Key: "a"}}})
	if err := r.Close(); err != nil || !json.Valid([]byte(w.String())) {
		t.Errorf("wrote %q, %v, want a JSON array", &w, err)
	}
}

func TestReportOfWrongWidth(t *testing.T) {
	r := New(io.Discard, Markdown)
	r.Table(Table{Name: "t", Columns: []Column{{Key: "a"}}})
	r.Row(1, 2)
	if err := r.Close(); err == nil || !strings.Contains(err.Error(), "2 values in table t of 1 columns") {
		t.Errorf("Close = %v, want that the row does not fit", err)
	}
}

// A full is a disk without room.
type full struct{ after int }

var errFull = errors.New("full")

func (f *full) Write(p []byte) (int, error) {
	if f.after -= len(p); f.after < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestReportKeepsTheFirstError(t *testing.T) {
	for _, f := range []Format{Markdown, CSV, JSON, JSONLines} {
		r := New(&full{after: 20}, f)
		r.Table(Table{Name: "t", Columns: []Column{{Key: "a"}}})
		for range 10 {
			r.Row("long enough")
		}
		if err := r.Close(); !errors.Is(err, errFull) {
			t.Errorf("%s: Close = %v, want %v", f, err, errFull)
		}
	}
}

func TestParseFormat(t *testing.T) {
	for _, ok := range []string{"md", "csv", "json", "jsonl"} {
		if f, err := ParseFormat(ok); string(f) != ok || err != nil {
			t.Errorf("ParseFormat(%q) = %q, %v", ok, f, err)
		}
	}
	if _, err := ParseFormat("xml"); err == nil {
		t.Error(`ParseFormat("xml") gives no error`)
	}
}

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0", 70: "70 ns", 2190: "2.19 µs", 1500 * time.Microsecond: "1.5 ms", 61 * time.Second: "61 s",
	} {
		if got := duration(d); got != want {
			t.Errorf("duration(%d) is %q, want %q", d, got, want)
		}
	}
}
