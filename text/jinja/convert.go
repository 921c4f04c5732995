package jinja

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// A Value is what a variable of a template can be. The zero Value is none.
type Value struct{ v any }

// String returns a string from a source. Bytes that are not UTF-8 become U+FFFD.
func String(s string, source int) Value {
	return Value{from(strings.ToValidUTF8(s, "\uFFFD"), source)}
}

// List returns a list.
func List(items ...Value) Value {
	l := &list{}
	for _, item := range items {
		l.items = append(l.items, item.v)
	}
	return Value{l}
}

// An Item is one key of a mapping. The key's source is the template.
type Item struct {
	Key   string
	Value Value
}

// Dict returns a mapping with its keys in the order of the items. Of items with the same key, the
// last value counts, in the place of the first.
func Dict(items ...Item) Value {
	d := newDict()
	for _, item := range items {
		d.put(item.Key, item.Value.v)
	}
	return Value{d}
}

// ValueOf converts what encoding/json decodes to, a json.RawMessage (keys stay in order), an int, a
// float32 or a []string. All strings in it are from source.
func ValueOf(v any, source int) (Value, error) {
	x, err := fromGo(v, source, 0)
	return Value{x}, err
}

func fromGo(v any, source, depth int) (any, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("values nested more than %d deep", maxDepth)
	}
	switch v := v.(type) {
	case nil, bool, int64, float64:
		return v, nil
	case int:
		return int64(v), nil
	case float32:
		return float64(v), nil
	case string:
		return from(strings.ToValidUTF8(v, "\uFFFD"), source), nil
	case json.Number:
		return numberOf(v)
	case json.RawMessage:
		d := json.NewDecoder(bytes.NewReader(v))
		d.UseNumber()
		out, err := decode(d, source, depth)
		if err == nil {
			if _, end := d.Token(); end != io.EOF {
				err = fmt.Errorf("more than one JSON value")
			}
		}
		return out, err
	case []string:
		l := &list{}
		for _, s := range v {
			l.items = append(l.items, from(strings.ToValidUTF8(s, "\uFFFD"), source))
		}
		return l, nil
	case []any:
		l := &list{}
		for _, item := range v {
			x, err := fromGo(item, source, depth+1)
			if err != nil {
				return nil, err
			}
			l.items = append(l.items, x)
		}
		return l, nil
	case map[string]any:
		d := newDict()
		for _, k := range slices.Sorted(maps.Keys(v)) {
			x, err := fromGo(v[k], source, depth+1)
			if err != nil {
				return nil, err
			}
			d.set(0, from(strings.ToValidUTF8(k, "\uFFFD"), source), x)
		}
		return d, nil
	}
	return nil, fmt.Errorf("a value of type %T is none that a template can read", v)
}

func numberOf(n json.Number) (any, error) {
	if i, err := n.Int64(); err == nil {
		return i, nil
	}
	return n.Float64()
}

// decode reads one JSON value.
func decode(d *json.Decoder, source, depth int) (any, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("values nested more than %d deep", maxDepth)
	}
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case json.Delim:
		if t == '[' {
			l := &list{}
			for d.More() {
				x, err := decode(d, source, depth+1)
				if err != nil {
					return nil, err
				}
				l.items = append(l.items, x)
			}
			_, err := d.Token()
			return l, err
		}
		out := newDict()
		for d.More() {
			k, err := d.Token()
			if err != nil {
				return nil, err
			}
			x, err := decode(d, source, depth+1)
			if err != nil {
				return nil, err
			}
			out.set(0, from(k.(string), source), x)
		}
		_, err := d.Token()
		return out, err
	case json.Number:
		return numberOf(t)
	case string:
		return from(t, source), nil
	}
	return t, nil
}
