package verify

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"falconmamba/internal/jsonerr"
	"falconmamba/internal/regular"
	"falconmamba/text/tokenizer"
)

// A tokenizerCase is what the tokenizers library makes of a text.
type tokenizerCase struct {
	Text        *string `json:"text"`
	IDs         []int32 `json:"ids"`
	Decoded     *string `json:"decoded"`
	DecodedSkip *string `json:"decoded_skip"` // without special tokens
}

// parseCases reads cases.json.
func parseCases(text []byte) ([]tokenizerCase, error) {
	var cases []tokenizerCase
	if err := json.Unmarshal(text, &cases); err != nil {
		return nil, jsonerr.Plain(err)
	}
	if len(cases) == 0 {
		return nil, fmt.Errorf("has no cases")
	}
	for i, c := range cases {
		if c.Text == nil || c.IDs == nil {
			return nil, fmt.Errorf("case %d has no text or no ids", i)
		}
	}
	return cases, nil
}

// Tokenizer compares the tokenizer in dir with cases.json beside it. A
// case may leave decoded and decoded_skip out.
func Tokenizer(dir string, each func(Check)) error {
	path := filepath.Join(dir, casesJSON)
	text, err := regular.Read(path, maxGolden)
	if err != nil {
		return err
	}
	cases, err := parseCases(text)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	t, err := tokenizer.Load(os.DirFS(dir), ".")
	if err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	for _, of := range []struct {
		name string
		got  func(c tokenizerCase) (got, want string, ok bool)
	}{
		{"encode", func(c tokenizerCase) (string, string, bool) {
			ids := t.Encode(*c.Text, tokenizer.EncodeOptions{AddSpecial: true})
			return fmt.Sprint(ids), fmt.Sprint(c.IDs), true
		}},
		{"decode", func(c tokenizerCase) (string, string, bool) {
			return against(c.Decoded, t.Decode(c.IDs, false))
		}},
		{"decode without specials", func(c tokenizerCase) (string, string, bool) {
			return against(c.DecodedSkip, t.Decode(c.IDs, true))
		}},
		{"decode one by one", func(c tokenizerCase) (string, string, bool) {
			return against(c.DecodedSkip, streamed(t, c.IDs))
		}},
	} {
		check := Check{Name: of.name}
		n := 0
		for i, c := range cases {
			got, want, ok := of.got(c)
			if !ok {
				continue
			}
			n++
			if got != want {
				if check.Error++; check.Error == 1 {
					check.Where = fmt.Sprintf("case %d, %q: %.80s, want %.80s", i, *c.Text, got, want)
				}
			}
		}
		if check.Failed = check.Error > 0; !check.Failed {
			check.Where = fmt.Sprintf("all %d cases equal", n)
		}
		if n > 0 {
			each(check)
		}
	}
	return nil
}

// against says what a text is compared with; ok is false where the case leaves
// that out.
func against(want *string, got string) (g, w string, ok bool) {
	if want == nil {
		return "", "", false
	}
	return got, *want, true
}

// streamed decodes as a generation does.
func streamed(t *tokenizer.Tokenizer, ids []int32) string {
	var b strings.Builder
	d := t.NewDecoder(true)
	for _, id := range ids {
		b.WriteString(d.Push(id))
	}
	b.WriteString(d.Flush())
	return b.String()
}
