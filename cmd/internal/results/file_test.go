package results

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRead(t *testing.T) {
	const row = `{"table":"speed","test":"tg64","device":"card","tokens_per_s":5,"threads":null}`
	for text, want := range map[string]int{
		"[" + row + "," + row + "]":            2,
		"\n [\n" + row + "\n]\n":               1,
		row + "\n" + row + "\n":                2,
		"[" + row + "]\n[" + row + "]\n" + row: 3,
		"":                                     0, "[]": 0,
		`[{"table":"numerics","backend":"cpu"},{"table":"baseline","test":"tg64"},` + row + "]": 1,
	} {
		run, err := Read(strings.NewReader(text))
		if err != nil || len(run.Speed) != want {
			t.Errorf("%q is %+v, %v, want %d speeds", text, run, err, want)
		}
	}
	for text, want := range map[string]string{
		"[" + row:                "not a report of -o json",
		"model,type\nrandom,f32": "not a report of -o json",
		"3":                      "not a report of -o json",
		strings.Replace(row, `"device":"card",`, "", 1): "want a test, a device and a speed",
		strings.Replace(row, ":5", ":0", 1):             "want a test, a device and a speed",
		strings.Replace(row, ":5", `:"NaN"`, 1):         "not a report of -o json",
	} {
		if _, err := Read(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q gives %v, want %q", text, err, want)
		}
	}
}

// full has a row in each table, and none of its fields is zero.
func full() *Run {
	s := Setup{"m", "q4_K", "vulkan:1", 3, "auto", 64}
	return &Run{
		About:      []About{{"2026-11-30T05:00:00Z", 50, 60, true, "abc", "go1", "linux", "amd64", 2, "fmbench report", 64, 16}},
		Models:     []Model{{"m", "q4_K", 5, 6, 7, 8, 9}},
		Devices:    []Device{{"vulkan:1", "card", "1.2", "discrete", 1, 2, 3, 4, "float16", "slow"}},
		Speed:      []Speed{{s, 1, 2, "tg16 b2", 3.5, 0.5, 4, 5, 6, "card", "1.2", "abc", "2026", "fmbench"}},
		Numerics:   []Numerics{{s, "ref f32", 1, 2, Number(math.Inf(1)), 4, 0.5, 6, "NaN", "card"}},
		Layers:     []Layer{{s, "ref f32", 1, 1e-7}},
		Operations: []Operation{{s, 1, "matmul", 2, 3, 4, 5, 6, "k"}},
		Memory:     []Memory{{s, 1, 2, 3, 4, -1}},
		Skipped:    []Skipped{{"cpu", "m", "q8_0", "speed", "<no> & time\n"}},
	}
}

// What is written is read again, every field of it.
func TestRoundTrip(t *testing.T) {
	for _, want := range []*Run{full(), {}} {
		var text bytes.Buffer
		if err := want.Write(&text); err != nil {
			t.Fatal(err)
		}
		got, err := Read(bytes.NewReader(text.Bytes()))
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s\n%s", err, diff, text.String())
		}
		if strings.Count(text.String(), `{"table":`) != strings.Count(text.String(), "\n{") {
			t.Errorf("a row is not a line:\n%s", text.String())
		}
	}
}

// Values that no measurement gives are refused.
func TestReadRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"[" + strings.Repeat("{},", mostRows) + "{}]":                            "more than 10000 rows",
		strings.Repeat("{}", mostRows+1):                                         "more than 10000 rows",
		`[{"table":"operations","op":"x","backend":"b","seconds":-1}]`:           "below 0",
		`[{"table":"layers","layer":-1,"rms":0}]`:                                "want 0 or more",
		`[{"table":"memory","weights":-1}]`:                                      "below 0",
		`[{"table":"numerics","kl":"many"}]`:                                     `"many" is not a number`,
		`[{"table":"speed","test":"a","device":"b","tokens_per_s":1,"reps":-1}]`: "below 0",
		`[{"table":"speed","test":"a","device":"b","tokens_per_s":1e999}]`:       "table speed",
		`[{"table":"devices","memory":"1"}]`:                                     "table devices",
		`[{"table":"memory","weights":99999999999999999999999}]`:                 "table memory",
	} {
		if _, err := Read(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("%s gives %v, want a line with %q", text, err, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	var text bytes.Buffer
	full().Write(&text)
	f.Add(text.Bytes())
	f.Add([]byte(`[{"table":"speed","test":"pp1","device":"","tokens_per_s":1e308,"tokens_per_s_spread":1e308,"reps":2}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Read(bytes.NewReader(data))
		if err != nil {
			return
		}
		if err := r.Write(&bytes.Buffer{}); err != nil {
			t.Errorf("what was read cannot be written: %v", err)
		}
		if sides, err := Sides([]*Run{r, r}); err == nil {
			Compare(sides)
			Differences(sides)
		}
		if sides, err := Sides([]*Run{r}); err == nil {
			Compare(sides)
		}
	})
}
