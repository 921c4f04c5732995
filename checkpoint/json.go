package checkpoint

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"falconmamba/internal/regular"
)

// parseObject splits a JSON object into its values, each as it is spelled.
func parseObject(text []byte) (map[string]json.RawMessage, error) {
	if err := regular.IsUTF8(text); err != nil {
		return nil, err
	}
	text = fromPython(text)
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(text, &raw); err != nil {
		return nil, position(text, err)
	}
	if raw == nil {
		return nil, errors.New("found null where an object was expected")
	}
	return raw, nil
}

// fromPython spells the numbers that Python writes and JSON does not have: 1e999 is infinite to
// Python too. No number that is needed here may be either.
func fromPython(text []byte) []byte {
	if !bytes.Contains(text, []byte("Infinity")) && !bytes.Contains(text, []byte("NaN")) {
		return text
	}
	var out []byte
	for i := 0; i < len(text); {
		n := 1
		switch rest := text[i:]; {
		case rest[0] == '"':
			for n < len(rest) && rest[n] != '"' {
				if rest[n] == '\\' {
					n++
				}
				n++
			}
			n = min(n+1, len(rest))
		case bytes.HasPrefix(rest, []byte("Infinity")):
			out = append(out, "1e999"...)
			i += len("Infinity")
			continue
		case bytes.HasPrefix(rest, []byte("NaN")):
			out = append(out, `"NaN"`...)
			i += len("NaN")
			continue
		}
		out = append(out, text[i:i+n]...)
		i += n
	}
	return out
}

// position adds the line and column to an error of encoding/json.
func position(text []byte, err error) error {
	var (
		syntax *json.SyntaxError
		kind   *json.UnmarshalTypeError
		off    int64
		what   string
	)
	switch {
	case errors.As(err, &syntax):
		off, what = syntax.Offset, syntax.Error()
	case errors.As(err, &kind):
		off, what = kind.Offset, fmt.Sprintf("found %s where %s was expected", kind.Value, kindName(kind.Type.String()))
	default:
		return err
	}
	before := text[:min(max(off-1, 0), int64(len(text)))]
	line := 1 + bytes.Count(before, []byte("\n"))
	col := len(before) - bytes.LastIndexByte(before, '\n')
	return fmt.Errorf("line %d, column %d: %s", line, col, what)
}

// kindName says a Go type in JSON's words.
func kindName(goType string) string {
	switch goType {
	case "int", "int64", "uint64":
		return "a whole number"
	case "float64":
		return "a number"
	case "bool":
		return "true or false"
	case "string":
		return "a string"
	case "[]int", "[]int64":
		return "a list of whole numbers"
	}
	return "an object"
}

// given reports whether key has a value other than null.
func given(raw map[string]json.RawMessage, key string) bool {
	v, ok := raw[key]
	return ok && string(v) != "null"
}

// decode sets *to to the value of key; an absent key leaves it alone.
func decode(raw map[string]json.RawMessage, key string, to any) error {
	if !given(raw, key) {
		return nil
	}
	err := json.Unmarshal(raw[key], to)
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		return fmt.Errorf("%s is %s: want %s", key, excerpt(raw[key]), kindName(kind.Type.String()))
	}
	if err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	return nil
}

// excerpt is a value short enough for one line.
func excerpt(v json.RawMessage) string {
	const most = 40
	if len(v) > most {
		return string(v[:most]) + "…"
	}
	return string(v)
}

// decodeID reads a token id: absent is def, null or negative is -1.
func decodeID(raw map[string]json.RawMessage, key string, def int) (int, error) {
	if v, ok := raw[key]; ok && string(v) == "null" {
		return -1, nil
	}
	id := def
	err := decode(raw, key, &id)
	return max(id, -1), err
}

// decodeIDs reads one token id or a list of them: absent is def, null none.
func decodeIDs(raw map[string]json.RawMessage, key string, def []int) ([]int, error) {
	v, ok := raw[key]
	if !ok {
		return def, nil
	}
	if len(v) > 0 && v[0] == '[' {
		var ids []int
		if err := decode(raw, key, &ids); err != nil {
			return nil, err
		}
		return slices.DeleteFunc(ids, func(id int) bool { return id < 0 }), nil
	}
	id, err := decodeID(raw, key, -1)
	if err != nil || id < 0 {
		return nil, err
	}
	return []int{id}, nil
}

// idJSON is the value that decodeID reads as id.
func idJSON(id int) any {
	if id < 0 {
		return nil
	}
	return id
}

// idsJSON is the value that decodeIDs reads as ids.
func idsJSON(ids []int) any {
	switch len(ids) {
	case 0:
		return nil
	case 1:
		return ids[0]
	}
	return ids
}

// writeObject returns the text of an object with sorted keys. Values keep their
// spelling, which json.Marshal would change.
func writeObject(values map[string]json.RawMessage) []byte {
	var b bytes.Buffer
	b.WriteString("{")
	for i, key := range slices.Sorted(maps.Keys(values)) {
		if i > 0 {
			b.WriteString(",")
		}
		name, _ := json.Marshal(key) // a string never fails
		fmt.Fprintf(&b, "\n  %s: %s", name, values[key])
	}
	b.WriteString("\n}\n")
	return b.Bytes()
}
