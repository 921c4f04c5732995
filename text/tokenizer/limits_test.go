package tokenizer

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
)

// numbered is n tokens of the alphabet.
func numbered(n, length int) map[string]int {
	v := make(map[string]int, n)
	for i := range n {
		v[fmt.Sprintf("%0*x", length, i)] = i
	}
	return v
}

// More than any model has is refused, whatever it is more of.
func TestLimits(t *testing.T) {
	manyAdded, longAdded := []fields{}, []fields{}
	for i := range maxAdded + 1 {
		manyAdded = append(manyAdded, added(i, fmt.Sprint("<", i, ">"), nil))
	}
	for i := range maxAddedBytes/mostAdded + 2 {
		longAdded = append(longAdded, added(1+i, fmt.Sprintf("%0*d", mostAdded, i), nil))
	}
	split := fields{"type": "Split", "pattern": fields{"String": "a"}, "behavior": "Isolated", "invert": false}
	stages := []fields{byteLevel}
	for range maxStages {
		stages = append(stages, split)
	}
	long := fields{"type": "Split", "pattern": fields{"Regex": strings.Repeat("a|", 50_000)}, "behavior": "Isolated"}
	one := bpeModel(vocabulary("a"))
	merges := make([]string, maxMerges+1)
	for i := range merges {
		merges[i] = "a a"
	}
	for name, c := range map[string]struct {
		file fields
		want string
	}{
		"tokens":            {plainFile(bpeModel(numbered(maxTokens+1, 5))), "more than 262144 tokens"},
		"long tokens":       {plainFile(bpeModel(numbered(5, 1e6))), "more than 4194304 bytes"},
		"merges":            {plainFile(bpeModel(vocabulary("a", "aa"), merges...)), "more than 524288"},
		"added tokens":      {plainFile(one).with(fields{"added_tokens": manyAdded}), "more than 16384 added tokens"},
		"long added tokens": {plainFile(one).with(fields{"added_tokens": longAdded}), "more than 524288 bytes"},
		"stages": {plainFile(one).with(fields{"pre_tokenizer": fields{"type": "Sequence", "pretokenizers": stages}}),
			"more than 64 stages"},
		"pattern": {plainFile(one).with(fields{"pre_tokenizer": long}), `a|…": it has 100000 bytes`},
		"pre-tokenizer": {plainFile(one).with(fields{"pre_tokenizer": fields{"type": strings.Repeat("a", maxPart)}}),
			"want at most 1048576"},
		"an added token": {plainFile(one).with(fields{"added_tokens": []fields{added(1, strings.Repeat("a", maxPart), nil)}}),
			"want at most 1048576"},
		"what nothing reads": {plainFile(one).with(fields{"x": strings.Repeat("a", maxPart)}), ""},
	} {
		_, err := Parse(c.file.json(t))
		if c.want == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		wantError(t, c.want, err)
		if err != nil && len(err.Error()) > 500 {
			t.Errorf("%s: an error of %d bytes", name, len(err.Error()))
		}
	}
}

// Files are as long as such files may be, and those beside tokenizer.json name as few tokens as itself.
func TestLimitsOfFiles(t *testing.T) {
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	good := file(string(plainFile(bpeModel(vocabulary("a"))).json(t)))
	names := strings.TrimSuffix(strings.Repeat(`"<x%d>",`, maxAdded+1), ",")
	list := make([]any, maxAdded+1)
	for i := range list {
		list[i] = i
	}
	for name, text := range map[string]string{
		"tokenizer.json":          `{"x":"` + strings.Repeat("a", maxTokenizer) + `"}`,
		"tokenizer_config.json":   `{"chat_template":"` + strings.Repeat("a", maxBeside) + `"}`,
		"special_tokens_map.json": `{"additional_special_tokens":[` + fmt.Sprintf(names, list...) + `]}`,
	} {
		files := fstest.MapFS{"tokenizer.json": good}
		files[name] = file(text)
		_, err := Load(files, ".")
		wantError(t, "more than", err)
	}
}

// The worst that is taken takes less than 100 MB.
func TestMemoryOfLoading(t *testing.T) {
	if testing.Short() {
		t.Skip("a second, and more of them under the race detector, which it tells nothing")
	}
	names := make([]string, maxAdded)
	for i := range names {
		names[i] = fmt.Sprintf(`"<%x>"`, i)
	}
	tokens := strings.Builder{}
	for i := range maxTokens {
		fmt.Fprintf(&tokens, `,"%015x":%d`, i, i+1)
	}
	merges := strings.Repeat(`,"a a"`, maxMerges-1)
	vocab := tokens.String()[:strings.LastIndex(tokens.String(), ",")]
	text := `{"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false},"decoder":{"type":"ByteLevel"},` +
		`"model":{"vocab":{"a":0` + vocab + `},"merges":["a a"` + merges + `]}}`
	text = strings.Replace(text, `"000000000000000":1,`, `"aa":1,`, 1)
	files := fstest.MapFS{"tokenizer.json": {Data: []byte(text)},
		"tokenizer_config.json": {Data: []byte(`{"additional_special_tokens":[` + strings.Join(names, ",") + `]}`)}}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	tok, err := Load(files, ".")
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	if got := after.Mallocs - before.Mallocs; got > 200_000 {
		t.Errorf("a file of %d tokens and as many merges took %d allocations, want some for every added one", maxTokens, got)
	}
	const most = 125 << 20 // with what is collected meanwhile
	if got := after.TotalAlloc - before.TotalAlloc; got > most {
		t.Errorf("a file of %d bytes took %d MB, want at most %d", len(text), got>>20, most>>20)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if got := int64(after.HeapAlloc) - int64(before.HeapAlloc); got > 50<<20 {
		t.Errorf("a tokenizer of %d tokens keeps %d MB, want at most 50", tok.VocabSize(), got>>20)
	}
}
