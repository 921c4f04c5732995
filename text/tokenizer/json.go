package tokenizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"falconmamba/internal/jsonerr"
	"falconmamba/internal/regular"
)

// A walker goes through JSON that encoding/json has found to be well formed.
// The vocabulary and the merges, a hundred thousand strings, are read with it:
// decoding them into Go values first would take most of the loading time.
type walker struct {
	b   []byte
	i   int
	buf []byte // of the last string with escapes
}

// peek returns the first byte of the next value or delimiter.
func (w *walker) peek() byte {
	for {
		switch c := w.b[w.i]; c {
		case ' ', '\t', '\r', '\n', ',', ':':
			w.i++
		default:
			return c
		}
	}
}

// value returns the next value as it stands and goes past it.
func (w *walker) value() []byte {
	switch w.peek() {
	case '"':
		start := w.i
		w.skipString()
		return w.b[start:w.i]
	case '{', '[':
		start, depth := w.i, 0
		for {
			switch w.b[w.i] {
			case '"':
				w.skipString()
				continue
			case '{', '[':
				depth++
			case '}', ']':
				depth--
			}
			w.i++
			if depth == 0 {
				return w.b[start:w.i]
			}
		}
	}
	start := w.i
	for w.i < len(w.b) {
		switch w.b[w.i] {
		case ' ', '\t', '\r', '\n', ',', ']', '}':
			return w.b[start:w.i]
		}
		w.i++
	}
	return w.b[start:]
}

// skipString reports whether the string has escapes.
func (w *walker) skipString() (escaped bool) {
	for w.i++; w.b[w.i] != '"'; w.i++ {
		if w.b[w.i] == '\\' {
			w.i, escaped = w.i+1, true
		}
	}
	w.i++
	return escaped
}

// text returns the contents of the next value, a string, until the next call.
func (w *walker) text() []byte {
	w.peek()
	start := w.i
	if escaped := w.skipString(); !escaped {
		return w.b[start+1 : w.i-1]
	}
	w.buf = unescape(w.buf[:0], w.b[start+1:w.i-1])
	return w.buf
}

// members goes through an object; visit must take the value with w.
func (w *walker) members(visit func(key []byte) error) error {
	w.peek()
	for w.i++; w.peek() != '}'; {
		if err := visit(w.text()); err != nil {
			return err
		}
	}
	w.i++
	return nil
}

// named returns those members of an object that have one of the given keys, each as it stands.
// The last of several with the same key counts.
func (w *walker) named(keys ...string) map[string]json.RawMessage {
	found := map[string]json.RawMessage{}
	w.members(func(key []byte) error {
		v := w.value()
		if slices.Contains(keys, string(key)) {
			found[string(key)] = v
		}
		return nil
	})
	return found
}

// elements goes through an array; visit must take the element with w.
func (w *walker) elements(visit func() error) error {
	w.peek()
	for w.i++; w.peek() != ']'; {
		if err := visit(); err != nil {
			return err
		}
	}
	w.i++
	return nil
}

var escapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// unescape appends the text of a well-formed string body. As in encoding/json,
// half a surrogate pair becomes U+FFFD.
func unescape(dst, s []byte) []byte {
	unit := func(at int) rune {
		if at+6 > len(s) || s[at] != '\\' || s[at+1] != 'u' {
			return utf8.RuneError
		}
		v, _ := strconv.ParseUint(string(s[at+2:at+6]), 16, 16)
		return rune(v)
	}
	for i := 0; i < len(s); {
		switch {
		case s[i] != '\\':
			dst = append(dst, s[i])
			i++
		case s[i+1] != 'u':
			dst = append(dst, escapes[s[i+1]])
			i += 2
		default:
			r := unit(i)
			i += 6
			if utf16.IsSurrogate(r) {
				if r = utf16.DecodeRune(r, unit(i)); r != utf8.RuneError {
					i += 6
				}
			}
			dst = utf8.AppendRune(dst, r)
		}
	}
	return dst
}

// wellFormed makes sure that a walker can go through data.
func wellFormed(data []byte) error {
	if err := regular.IsUTF8(data); err != nil {
		return err
	}
	if !utf8.Valid(data) {
		return errors.New("not JSON: the file is not UTF-8 text")
	}
	if json.Valid(data) {
		return nil
	}
	var v json.RawMessage
	return jsonError(json.Unmarshal(data, &v))
}

// jsonError says where in the file an error of encoding/json is.
func jsonError(err error) error {
	var syntaxErr *json.SyntaxError
	if errors.As(err, &syntaxErr) {
		return fmt.Errorf("not JSON: %w (byte %d)", err, syntaxErr.Offset)
	}
	return jsonerr.Plain(err)
}

// object returns the members of a small object, or an error that says what
// stands in its place. The last of several with the same key counts.
func object(what string, raw []byte) (map[string]json.RawMessage, error) {
	if len(raw) > maxPart {
		return nil, fmt.Errorf("%s has %d bytes: want at most %d", what, len(raw), maxPart)
	}
	var m map[string]json.RawMessage
	if err := json.Unmarshal(raw, &m); err != nil || m == nil {
		return nil, fmt.Errorf("%s is %s, want an object", what, abridged(raw))
	}
	return m, nil
}

// field decodes a member into dst and leaves dst as it is where the member is
// absent or null.
func field[T any](what string, m map[string]json.RawMessage, key string, dst *T) error {
	raw, ok := m[key]
	if !ok {
		return nil
	}
	if err := json.Unmarshal(raw, dst); err != nil {
		want := reflect.TypeFor[T]()
		if want.Kind() == reflect.Pointer {
			want = want.Elem()
		}
		return fmt.Errorf("%s.%s is %s, want %s", what, key, abridged(raw), jsonerr.Kind(want.Kind()))
	}
	return nil
}

// appendQuoted appends s, which is UTF-8, as a JSON string.
func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	done := 0
	for i := range len(s) {
		if n := escapedLen[s[i]]; n == 1 {
			continue
		} else if dst = append(dst, s[done:i]...); n == 2 {
			dst = append(dst, '\\', s[i])
		} else {
			dst = append(dst, '\\', 'u', '0', '0', '0'+s[i]>>4, "0123456789abcdef"[s[i]&15])
		}
		done = i + 1
	}
	return append(append(dst, s[done:]...), '"')
}

// quotedLen is the length of what appendQuoted appends.
func quotedLen(s string) int {
	n := 2
	for i := range len(s) {
		n += int(escapedLen[s[i]])
	}
	return n
}

// escapedLen is the length of a byte within a JSON string, with what it needs before it.
var escapedLen = func() (n [256]uint8) {
	for c := range n {
		n[c] = 1
		if c < ' ' {
			n[c] = uint8(len(`\u0000`))
		}
	}
	n['"'], n['\\'] = 2, 2
	return n
}()

// quote is a text of a file, fit for one line of an error.
func quote(s string) string {
	const most = 200
	if len(s) > most {
		s = toValid(s[:most]) + "…"
	}
	return strconv.Quote(s)
}

// isNull reports that a member is absent or null.
func isNull(raw []byte) bool { return len(raw) == 0 || string(raw) == "null" }

// abridged is raw JSON for an error message: one line, not too long.
func abridged(raw []byte) string {
	const most = 40
	s := strings.Join(strings.Fields(string(raw[:min(len(raw), most)])), " ")
	if len(raw) > most {
		s = toValid(s) + "…"
	}
	return s
}
