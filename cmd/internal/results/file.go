package results

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strconv"

	"falconmamba/internal/jsonerr"
	"falconmamba/internal/regular"
)

// tables are the tables of a file in their order, each with what adds a row to a run and what gives its rows.
var tables = []struct {
	name string
	add  func(*Run, []byte) error
	rows func(*Run) []any
}{
	table("report", func(r *Run) *[]About { return &r.About }),
	table("models", func(r *Run) *[]Model { return &r.Models }),
	table("devices", func(r *Run) *[]Device { return &r.Devices }),
	table("speed", func(r *Run) *[]Speed { return &r.Speed }),
	table("numerics", func(r *Run) *[]Numerics { return &r.Numerics }),
	table("layers", func(r *Run) *[]Layer { return &r.Layers }),
	table("operations", func(r *Run) *[]Operation { return &r.Operations }),
	table("memory", func(r *Run) *[]Memory { return &r.Memory }),
	table("skipped", func(r *Run) *[]Skipped { return &r.Skipped }),
}

func table[T any](name string, of func(*Run) *[]T) (t struct {
	name string
	add  func(*Run, []byte) error
	rows func(*Run) []any
}) {
	t.name = name
	t.add = func(r *Run, data []byte) error {
		var row T
		if err := json.Unmarshal(data, &row); err != nil {
			return err
		}
		*of(r) = append(*of(r), row)
		return nil
	}
	t.rows = func(r *Run) (all []any) {
		for _, row := range *of(r) {
			all = append(all, row)
		}
		return all
	}
	return t
}

// These are more than the file of any run has.
const mostBytes, mostRows = 16 << 20, 10_000

// ReadFile reads the file of a run.
func ReadFile(path string) (*Run, error) {
	text, err := regular.Read(path, mostBytes)
	if err != nil {
		return nil, err
	}
	r, err := Read(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	r.Name = filepath.Base(path)
	return r, nil
}

// Read reads a report of -o json or jsonl, or several, one after another. Rows of tables that are not known are left
// out. Whatever stands there, values have their meaning: a speed is a number above 0.
func Read(in io.Reader) (*Run, error) {
	r, total := &Run{}, 0
	for d := json.NewDecoder(in); ; {
		var one json.RawMessage
		if err := d.Decode(&one); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("not a report of -o json: %w", err)
		}
		if one[0] != '[' {
			one = slices.Concat([]byte("["), one, []byte("]"))
		}
		var rows []json.RawMessage
		if err := json.Unmarshal(one, &rows); err != nil {
			return nil, fmt.Errorf("not a report of -o json: %w", jsonerr.Plain(err))
		}
		if total += len(rows); total > mostRows {
			return nil, fmt.Errorf("not a report of -o json: it has more than %d rows", mostRows)
		}
		for _, row := range rows {
			if err := r.add(row); err != nil {
				return nil, err
			}
		}
	}
	return r, r.check()
}

func (r *Run) add(row []byte) error {
	var head struct{ Table string }
	if err := json.Unmarshal(row, &head); err != nil {
		return fmt.Errorf("not a report of -o json: %w", jsonerr.Plain(err))
	}
	for _, t := range tables {
		if t.name != head.Table {
			continue
		}
		if err := t.add(r, row); err != nil {
			return fmt.Errorf("not a report of -o json: table %s: %w", t.name, jsonerr.Plain(err))
		}
	}
	return nil
}

// check refuses what no measurement gives: code behind it may divide and take logarithms.
func (r *Run) check() error {
	for _, s := range r.Speed {
		if s.Test == "" || s.Device == "" || !(s.Median > 0) {
			return fmt.Errorf("the row of test %q on device %q has %g tokens per second: want a test, "+
				"a device and a speed in every row", s.Test, s.Device, s.Median)
		}
		if s.Spread < 0 || s.Reps < 0 {
			return fmt.Errorf("the row of test %q on device %q has a spread of %g in %d runs: want none below 0",
				s.Test, s.Device, s.Spread, s.Reps)
		}
	}
	for _, o := range r.Operations {
		if o.Seconds < 0 || o.Bytes < 0 || o.Flops < 0 || o.CopyRate < 0 || o.Count < 0 || o.Rows < 0 {
			return fmt.Errorf("operation %q on %s has a time, a rate or an amount below 0", o.Op, o.Backend)
		}
	}
	for _, l := range r.Layers {
		if l.Layer < 0 {
			return fmt.Errorf("a layer of %s has the number %d: want 0 or more", l.Backend, l.Layer)
		}
	}
	for _, m := range r.Memory {
		if m.Weights < 0 || m.Opened < 0 || m.Peak < 0 || m.Seconds < 0 {
			return fmt.Errorf("the memory of %s is below 0", m.Backend)
		}
	}
	return nil
}

// Write writes the run as Read takes it, a row a line.
func (r *Run) Write(out io.Writer) error {
	var text bytes.Buffer
	for _, t := range tables {
		for _, row := range t.rows(r) {
			var line bytes.Buffer
			e := json.NewEncoder(&line)
			e.SetEscapeHTML(false)
			if err := e.Encode(row); err != nil {
				return fmt.Errorf("table %s: %w", t.name, err)
			}
			begin := ",\n"
			if text.Len() == 0 {
				begin = "[\n"
			}
			fmt.Fprintf(&text, `%s{"table":%q,%s`, begin, t.name, bytes.TrimSpace(line.Bytes())[1:])
		}
	}
	if text.Len() == 0 {
		text.WriteByte('[')
	}
	text.WriteString("\n]\n")
	_, err := out.Write(text.Bytes())
	return err
}

// A Number is one that may be infinite or none at all, which in JSON is a string: "NaN", "+Inf".
type Number float64

// MarshalJSON writes the number, or its name.
func (n Number) MarshalJSON() ([]byte, error) {
	if v := float64(n); math.IsNaN(v) || math.IsInf(v, 0) {
		return json.Marshal(strconv.FormatFloat(v, 'g', -1, 64))
	}
	return json.Marshal(float64(n))
}

// UnmarshalJSON reads what MarshalJSON writes.
func (n *Number) UnmarshalJSON(data []byte) error {
	var name string
	if json.Unmarshal(data, &name) == nil && name != "" {
		switch name {
		case "NaN", "+Inf", "-Inf":
		default:
			return fmt.Errorf("%q is not a number", name)
		}
		v, err := strconv.ParseFloat(name, 64)
		*n = Number(v)
		return err
	}
	return json.Unmarshal(data, (*float64)(n))
}
