package constrain

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"falconmamba/text/tokenizer"
)

// TestJSONSchemaBench runs over a folder of JSONSchemaBench's instances, maskbench/data of
// https://github.com/guidance-ai/jsonschemabench: each file has a schema, and texts that it allows or does not. It
// prints how many schemas are taken, and texts judged rightly, and how long it took, in the processor's time where
// that is known: make test-schemas.
func TestJSONSchemaBench(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	folder, from := os.Getenv("FM_SCHEMAS"), os.Getenv("FM_TOKENIZER")
	if folder == "" || from == "" {
		t.Skip("FM_SCHEMAS and FM_TOKENIZER name no folders")
	}
	tok, err := tokenizer.Load(os.DirFS(from), ".")
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	vocab := NewVocab(tok, tok.VocabSize())
	t.Logf("vocabulary of %d tokens: %v", vocab.Size(), time.Since(began).Round(time.Millisecond))
	files, err := filepath.Glob(filepath.Join(folder, os.Getenv("FM_SCHEMAS_ONLY")+"*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal("no files in ", folder)
	}
	b := &schemaBench{t: t, tok: tok, vocab: vocab, sets: map[string]*schemaSet{}, why: map[string]int{}}
	for _, f := range files {
		b.file(f)
	}
	b.report()
}

// A schemaSet counts what came of a set of schemas.
type schemaSet struct{ schemas, taken, right, valid, accepted, invalid, refused int }

type schemaBench struct {
	t        *testing.T
	tok      *tokenizer.Tokenizer
	vocab    *Vocab
	sets     map[string]*schemaSet
	compiles []time.Duration
	masks    []time.Duration
	why      map[string]int
	at       string // the file
}

func (b *schemaBench) file(path string) {
	var doc struct {
		Schema json.RawMessage
		Tests  []struct {
			Valid bool
			Data  json.RawMessage
		}
	}
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, &doc)
	}
	if err != nil {
		b.t.Fatal(path, err)
	}
	b.at = filepath.Base(path)
	name, _, _ := strings.Cut(b.at, "---")
	for _, prefix := range []string{"BFCL", "JME"} {
		if strings.HasPrefix(name, prefix) {
			name = prefix
		}
	}
	set := b.sets[name]
	if set == nil {
		set = &schemaSet{}
		b.sets[name] = set
	}
	set.schemas++
	began := threadTime()
	g, err := JSONSchema(doc.Schema)
	took := threadTime() - began
	b.compiles = append(b.compiles, took)
	if took > 500*time.Millisecond {
		b.t.Logf("%s: compiled in %v", b.at, took)
	}
	if err != nil {
		why := err.Error()
		if i := strings.LastIndex(why, ": "); i >= 0 {
			why = why[i+2:]
		}
		b.why[why]++
		if os.Getenv("FM_SCHEMAS_ERRORS") != "" {
			b.t.Logf("%s: %v", b.at, err)
		}
		return
	}
	set.taken++
	right := true
	for i, test := range doc.Tests {
		v, err := parseValue(test.Data)
		if err != nil {
			b.t.Fatal(path, err)
		}
		text := spaced(v)
		ok := b.accepts(g, text)
		switch {
		case test.Valid:
			set.valid++
			if ok {
				set.accepted++
			}
		default:
			set.invalid++
			if !ok {
				set.refused++
			}
		}
		if ok != test.Valid {
			right = false
			b.t.Logf("%s: test %d: valid is %v, accepted %v", b.at, i, test.Valid, ok)
		}
	}
	if right {
		set.right++
	}
}

// accepts writes a text token by token, a mask before each.
func (b *schemaBench) accepts(g *Grammar, text string) bool {
	m := g.Matcher(b.vocab)
	mask := make([]int32, maskWords(b.vocab.Size()))
	for _, id := range b.tok.Encode(text, tokenizer.EncodeOptions{NoSpecial: true}) {
		began := threadTime()
		err := m.Mask(mask)
		took := threadTime() - began
		b.masks = append(b.masks, took)
		if took > 20*time.Millisecond {
			b.t.Logf("%s: a mask took %v", b.at, took)
		}
		bad := m.Accept(id)
		if err != nil {
			return false
		}
		if allowed := mask[id>>5]>>(id&31)&1 != 0; allowed != (bad == nil) && bad != errAmbiguous {
			b.t.Errorf("token %d of %s: the mask says %v, Accept %v", id, text, allowed, bad)
		}
		if bad != nil {
			return false
		}
	}
	return m.Ends()
}

// spaced writes a value with a space behind colons and commas, as Python's json.dumps does.
func spaced(v *value) string {
	var b strings.Builder
	var write func(v *value)
	write = func(v *value) {
		switch v.kind {
		case kindNull:
			b.WriteString("null")
		case kindBool:
			fmt.Fprint(&b, v.yes)
		case kindNumber:
			b.WriteString(v.text)
		case kindString:
			b.WriteString(quote(v.text))
		case kindArray:
			b.WriteByte('[')
			for i, in := range v.list {
				if i > 0 {
					b.WriteString(", ")
				}
				write(in)
			}
			b.WriteByte(']')
		default:
			b.WriteByte('{')
			for i, m := range v.members {
				if i > 0 {
					b.WriteString(", ")
				}
				b.WriteString(quote(m.name) + ": ")
				write(m.value)
			}
			b.WriteByte('}')
		}
	}
	write(v)
	return b.String()
}

func (b *schemaBench) report() {
	share := func(n, of int) string {
		if of == 0 {
			return "–"
		}
		return fmt.Sprintf("%.1f %%", 100*float64(n)/float64(of))
	}
	b.t.Log("| set | schemas | taken | all tests right | valid accepted | invalid refused |")
	var sum schemaSet
	row := func(name string, s schemaSet) {
		b.t.Logf("| %s | %d | %s | %s | %s of %d | %s of %d |", name, s.schemas, share(s.taken, s.schemas),
			share(s.right, s.schemas), share(s.accepted, s.valid), s.valid, share(s.refused, s.invalid), s.invalid)
	}
	for _, name := range slices.Sorted(maps.Keys(b.sets)) {
		s := *b.sets[name]
		row(name, s)
		sum = schemaSet{sum.schemas + s.schemas, sum.taken + s.taken, sum.right + s.right, sum.valid + s.valid,
			sum.accepted + s.accepted, sum.invalid + s.invalid, sum.refused + s.refused}
	}
	row("all", sum)
	for name, all := range map[string][]time.Duration{"compiling": b.compiles, "a mask": b.masks} {
		if len(all) == 0 {
			continue
		}
		slices.Sort(all)
		at := func(p float64) time.Duration { return all[min(len(all)-1, int(p*float64(len(all))))] }
		b.t.Logf("%s, %d times: median %v, p90 %v, p99 %v, p99.9 %v, most %v", name, len(all), at(0.5), at(0.9), at(0.99),
			at(0.999), all[len(all)-1])
	}
	type count struct {
		why string
		n   int
	}
	var why []count
	for w, n := range b.why {
		why = append(why, count{w, n})
	}
	slices.SortFunc(why, func(a, b count) int { return b.n - a.n })
	for _, w := range why[:min(len(why), 25)] {
		b.t.Logf("%5d not taken: %s", w.n, w.why)
	}
}
