package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// each calls do with the machines' columns and their values.
func (r *Report) each(values []any, do func(key string, v any)) {
	for i, c := range r.table.Columns {
		v := values[i]
		if rate, ok := v.(Rate); ok && c.Spread {
			do(c.Key, rate.Median)
			do(c.Key+"_spread", rate.Spread)
			continue
		}
		do(c.Key, machine(v))
		if c.Spread {
			do(c.Key+"_spread", nil)
		}
	}
}

// machine strips a value of its way to be written: a duration becomes seconds.
func machine(v any) any {
	switch x := v.(type) {
	case time.Duration:
		return x.Seconds()
	case Dual:
		return machine(x.Machine())
	case float32:
		return x // in its own few digits
	}
	x := reflect.ValueOf(v)
	switch {
	case v == nil:
		return nil
	case x.CanInt():
		return x.Int()
	case x.CanUint():
		return x.Uint()
	case x.CanFloat():
		return x.Float()
	case x.Kind() == reflect.String:
		return x.String()
	case x.Kind() == reflect.Slice:
		all := make([]any, x.Len())
		for i := range all {
			all[i] = machine(x.Index(i).Interface())
		}
		return all
	}
	return v
}

// plain is a machine's value in a cell of CSV; slices have spaces between.
func plain(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case float64:
		return number(v, 64)
	case float32:
		return number(float64(v), 32)
	case []any:
		var words []string
		for _, e := range v {
			words = append(words, plain(e))
		}
		return strings.Join(words, " ")
	}
	return fmt.Sprint(v)
}

// number writes a float of 32 or 64 bits in the fewest digits that are still it.
func number(v float64, bits int) string { return strconv.FormatFloat(v, 'g', -1, bits) }

func (r *Report) csv(cells []string) {
	var line bytes.Buffer
	w := csv.NewWriter(&line)
	err := w.Write(cells)
	w.Flush()
	if err != nil && r.err == nil {
		r.err = err
	}
	r.write(line.String())
}

// object is a row as a JSON object, keys in the order of the columns.
func (r *Report) object(values []any) string {
	line := &strings.Builder{}
	fmt.Fprintf(line, `{"table":%s`, jsonText(r.table.Name))
	r.each(values, func(key string, v any) { fmt.Fprintf(line, ",%s:%s", jsonText(key), jsonText(v)) })
	line.WriteByte('}')
	return line.String()
}

// jsonNumber is a float in JSON. What JSON has no number for is a string: "NaN",
// "+Inf".
func jsonNumber(v float64, bits int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return `"` + number(v, bits) + `"`
	}
	return number(v, bits)
}

// jsonText is a machine's value in JSON.
func jsonText(v any) string {
	switch v := v.(type) {
	case float64:
		return jsonNumber(v, 64)
	case float32:
		return jsonNumber(float64(v), 32)
	case []any:
		var words []string
		for _, e := range v {
			words = append(words, jsonText(e))
		}
		return "[" + strings.Join(words, ",") + "]"
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return `"` + strings.ReplaceAll(err.Error(), `"`, "'") + `"`
	}
	return strings.TrimSuffix(b.String(), "\n")
}
