package tokenizer

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestTemplate(t *testing.T) {
	special := func(id string) fields { return fields{"SpecialToken": fields{"id": id, "type_id": 0}} }
	text := fields{"Sequence": fields{"id": "A", "type_id": 0}}
	template := fields{
		"type":   "TemplateProcessing",
		"single": []fields{special("<s>"), text, special("<e>")},
		"pair":   []fields{},
		"special_tokens": fields{
			"<s>": fields{"id": "<s>", "ids": []int{256}, "tokens": []string{"<s>"}},
			"<e>": fields{"id": "<e>", "ids": []int{257, 256}, "tokens": []string{"<e>", "<s>"}},
		},
	}
	f := plainFile(bpeModel(alphabet("<s>", "<e>")))
	for name, post := range map[string]fields{
		"alone":         template,
		"in a Sequence": {"type": "Sequence", "processors": []fields{byteLevel, template}},
	} {
		tok := f.with(fields{"post_processor": post}).tokenizer(t)
		if d := cmp.Diff([]int32{256, 'h', 'i', 257, 256}, tok.Encode("hi", EncodeOptions{AddSpecial: true})); d != "" {
			t.Errorf("%s: -want +got\n%s", name, d)
		}
		if d := cmp.Diff([]int32{'h', 'i'}, tok.Encode("hi", EncodeOptions{})); d != "" {
			t.Errorf("%s, not asked for: -want +got\n%s", name, d)
		}
	}
	for _, c := range []struct {
		change fields
		want   string
	}{
		{fields{"single": []fields{special("<x>"), text}}, `names "<x>", which is not in its special_tokens`},
		{fields{"single": []fields{special("<s>")}}, "the text 0 times"},
		{fields{"single": []fields{text, text}}, "the text 2 times"},
		{fields{"single": []fields{{"Sequence": fields{"id": "B"}}}}, `the sequence "B"`},
		{fields{"single": []fields{{}}}, "neither"},
		{fields{"single": "$A"}, "want an array"},
		{fields{"special_tokens": fields{"<s>": fields{"ids": []int{258}}, "<e>": fields{"ids": []int{1}}}},
			"id 258, but the vocabulary ends at 257"},
		{fields{"special_tokens": fields{"<s>": fields{"ids": []int{-1}}, "<e>": fields{"ids": []int{1}}}}, "id -1"},
	} {
		_, err := Parse(f.with(fields{"post_processor": template.with(c.change)}).json(t))
		wantError(t, c.want, err)
	}
}

// wantError checks for one line that has want in it.
func wantError(t *testing.T, want string, err error) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, want %q", want)
	} else if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %q, want one line with %q", err, want)
	}
}

func TestBrokenFiles(t *testing.T) {
	for _, c := range []struct{ data, want string }{
		{"", "not JSON"},
		{"{\"model\": ", "not JSON: unexpected end of JSON input (byte 10)"},
		{"[]", "the file is [], want an object"},
		{"null", "want an object"},
		{"\xff\xfe{}", "is UTF-16"},
		{"\xff{}", "not UTF-8"},
		{"\ufeff{}", "byte order mark"},
		{strings.Repeat("[", 20000), "not JSON"},
		{"PK\x03\x04", "not JSON"},
		{"[\n1,\n2\n]", "the file is [ 1, 2 ], want an object"},
		{"\"" + strings.Repeat("é", 100) + "\"", "é\ufffd…"},
	} {
		_, err := Parse([]byte(c.data))
		wantError(t, c.want, err)
	}

	vocab := vocabulary("a", "b", "ab")
	model := bpeModel(vocab, "a b")
	whole := plainFile(model)
	change := func(key string, value any) fields { return whole.with(fields{key: value}) }
	inModel := func(key string, value any) fields { return change("model", model.with(fields{key: value})) }
	deep := fields{"type": "NFC"}
	for range 20 {
		deep = fields{"type": "Sequence", "normalizers": []fields{deep}}
	}
	for _, c := range []struct {
		file fields
		want string
	}{
		{change("version", "2.0"), `version is "2.0", want "1.0"`},
		{change("version", 1), "version is 1"},
		{change("model", nil), "there is no model"},
		{change("model", "x"), `model is "x", want an object`},
		{inModel("type", "WordPiece"), `model type "WordPiece" is not supported (supported: BPE over bytes)`},
		{inModel("type", 7), "model.type is 7, want a string"},
		{inModel("fuse_unk", "yes"), `model.fuse_unk is "yes", want a boolean`},
		{inModel("byte_fallback", true), "byte_fallback"},
		{inModel("dropout", 0.1), "dropout 0.1"},
		{inModel("continuing_subword_prefix", "##"), `continuing_subword_prefix "##"`},
		{inModel("end_of_word_suffix", "</w>"), `end_of_word_suffix "</w>"`},
		{inModel("unk_token", "<unk>"), `model.unk_token "<unk>" is not in model.vocab`},
		{inModel("unk_token", 0), "model.unk_token is 0, want a string"},
		{inModel("vocab", nil), "model.vocab is missing"},
		{inModel("vocab", []string{"a"}), "model.vocab is missing or no object"},
		{inModel("vocab", fields{"a": 0, "b": 1, "ab": "2"}), `token "ab" has id "2"`},
		{inModel("vocab", fields{"a": 0, "b": 1, "ab": 2.5}), "id 2.5"},
		{inModel("vocab", fields{"a": 0, "b": 1, "ab": -1}),
			`token "ab" has id -1, want a whole number from 0 to 2147483646`},
		{inModel("vocab", fields{"a": 0, "b": 1, "ab": 1 << 31}), "id 2147483648"},
		{inModel("vocab", fields{"a": 0, "b": 1, "ab": nil}), "id null"},
		{inModel("vocab", fields{"a": 0, "b": 1, "ab": 1}), "id 1 belongs to both"},
		{inModel("vocab", fields{"a": 0, "b": 1, "ab": 2000000000}),
			`token "ab" has id 2000000000, but there are only 3 tokens`},
		{inModel("vocab", fields{"a": 0, "b": 1, "ab": 3}), `id 3, but there are only 3 tokens`},
		{change("added_tokens", []fields{added(4, "<s>", nil)}), `token "<s>" has id 4, but there are only 4 tokens`},
		{inModel("vocab", fields{"a": 1, "b": 2,
			"ab": 0}).with(fields{"added_tokens": []fields{added(4, "<s>", nil), added(5, "<e>", nil)}}),
			"no token has id 3"},
		{inModel("merges", nil), "model.merges is missing"},
		{inModel("merges", []string{"a b", "a c"}), `model.merges: number 2 needs the token "c"`},
		{inModel("merges", []string{"b a"}), `number 1 needs the token "ba"`},
		{inModel("merges", []string{"ab"}), "number 1 has 1 parts"},
		{inModel("merges", []string{"a b c"}), "number 1 has 3 parts"},
		{inModel("merges", [][]string{{"a", "b", "c"}}), `number 1 is ["a","b","c"]`},
		{inModel("merges", []any{"a b", []string{"a", "b"}}), `number 2 is ["a","b"], want all of them as "a b"`},
		{inModel("merges", []any{[]any{"a", 1}}), "number 1 has 1 for a token"},
		{inModel("merges", []any{1}), "number 1 is 1"},
		{change("normalizer", fields{"type": "Lowercase"}),
			`normalizer "Lowercase" is not supported (supported: NFC, Sequence)`},
		{change("normalizer", deep), "nested too deeply"},
		{change("normalizer", fields{}), "normalizer has no type"},
		{change("pre_tokenizer", nil), "pre_tokenizer is null"},
		{change("pre_tokenizer", "ByteLevel"), `pre_tokenizer is "ByteLevel", want an object`},
		{change("pre_tokenizer", sequence(byteLevel, fields{"type": "Metaspace"})),
			`pre_tokenizer "Metaspace" is not supported`},
		{change("pre_tokenizer", sequence(byteLevel, byteLevel)), "ByteLevel twice"},
		{change("pre_tokenizer", fields{"type": "Digits", "individual_digits": true}), "no ByteLevel"},
		{change("pre_tokenizer", fields{"type": "ByteLevel"}), "no add_prefix_space"},
		{change("pre_tokenizer", sequence(byteLevel, split(literally("a"), "Sideways", false))),
			`Split behavior "Sideways"`},
		{change("pre_tokenizer", sequence(byteLevel, fields{"type": "Split", "pattern": literally("a")})),
			"Split has no behavior"},
		{change("pre_tokenizer", sequence(byteLevel, split(literally(""), "Isolated", false))),
			"one of String and Regex"},
		{change("pre_tokenizer", sequence(byteLevel, split(fields{}, "Isolated", false))), "one of String and Regex"},
		{change("decoder", nil), "decoder is null, want ByteLevel"},
		{change("decoder", fields{"type": "BPEDecoder"}), `decoder "BPEDecoder" is not supported`},
		{change("post_processor", fields{"type": "BertProcessing"}),
			`post_processor "BertProcessing" is not supported`},
		{change("added_tokens", fields{}), "added_tokens is {}, want an array"},
		{change("added_tokens", []string{"<s>"}), "want an object"},
		{change("added_tokens", []fields{{"content": "<s>"}}), `token "<s>" has no id`},
		{change("added_tokens", []fields{added(-3, "<s>", nil)}), `token "<s>" has id -3`},
		{change("added_tokens", []fields{added(2, "<s>", nil)}), `id 2 belongs to both "ab" and the added token "<s>"`},
		{change("added_tokens", []fields{added(1, "a", nil)}), `added token "a" has id 1, but 0 in model.vocab`},
		{change("added_tokens", []fields{added(3, "<s>", nil), added(3, "<s>", fields{"lstrip": true})}),
			"comes twice"},
		{change("added_tokens", []fields{added(3, "<s>", fields{"rstrip": 1})}),
			"added_tokens.rstrip is 1, want a boolean"},
		{change("normalizer", fields{"type": "NFC"}).with(fields{"added_tokens": []fields{
			added(3, "é", fields{"normalized": true}), added(4, "e\u0301",
				fields{"normalized": true})}}), "the same after normalization"},
	} {
		_, err := Parse(c.file.json(t))
		wantError(t, c.want, err)
	}
	// What a Go map cannot hold.
	_, err := Parse([]byte(strings.Replace(string(whole.json(t)), `"vocab":{`, `"vocab":{"a":7,`, 1)))
	wantError(t, `token "a" comes twice`, err)

	whole.tokenizer(t) // it was the changes that were wrong
}

// Escapes in the file, of tokens and of keys.
func TestEscapes(t *testing.T) {
	const file = `{"version":"1.0","pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false},"decoder":{"type":"ByteLevel"},
		"added_tokens":[{"id":4,"content":"\ud83d\ude42\t","special":false}],
		"m\u006fdel":{"vocab":{"\u0120":0,"\"":1,"\u0120\"":2,"\\\/":3},"merges":["\u0120 \""]}}`
	tok := mustParse(t, []byte(file))
	if d := cmp.Diff([]int32{4, 2}, tok.Encode("🙂\t \"", EncodeOptions{})); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
	if got, ok := tok.Token(3); got != `\/` || !ok {
		t.Errorf("Token(3) = %q, %v", got, ok)
	}
}

func TestVocabulary(t *testing.T) {
	tok := plainFile(bpeModel(vocabulary("Ġ", "a"))).with(fields{"added_tokens": []fields{
		added(2, "<s>", nil), added(3, "x", fields{"special": false}), added(9, "", nil),
	}}).tokenizer(t)
	if got, want := tok.VocabSize(), 4; got != want {
		t.Errorf("VocabSize() = %d, want %d", got, want)
	}
	for id, want := range map[int32]struct {
		token   string
		ok      bool
		special bool
	}{
		-1: {}, 0: {"Ġ", true, false}, 2: {"<s>", true, true}, 3: {"x", true, false}, 4: {},
	} {
		token, ok := tok.Token(id)
		if token != want.token || ok != want.ok || tok.IsSpecial(id) != want.special {
			t.Errorf("Token(%d), IsSpecial = %q, %v, %v, want %v", id, token, ok, tok.IsSpecial(id), want)
		}
		if want.ok {
			if got, ok := tok.ID(want.token); got != id || !ok {
				t.Errorf("ID(%q) = %d, %v, want %d", want.token, got, ok, id)
			}
		}
	}
	if _, ok := tok.ID("y"); ok {
		t.Error("ID of an absent token is found")
	}
}

func TestLoad(t *testing.T) {
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	good := file(string(plainFile(bpeModel(vocabulary("a"))).json(t)))
	for _, c := range []struct {
		name  string
		files fstest.MapFS
		want  Config
		err   string
	}{
		{"no config", fstest.MapFS{}, Config{}, ""},
		{"strings", fstest.MapFS{"m/tokenizer_config.json": file(`{"bos_token":"<s>","eos_token":"<e>","pad_token":null,"unk_token":"u","add_bos_token":true,"chat_template":"{{x}}"}`)},
			Config{BOS: "<s>", EOS: "<e>", UNK: "u", AddBOS: true, ChatTemplate: "{{x}}"}, ""},
		{"objects", fstest.MapFS{"m/tokenizer_config.json": file(`{"eos_token":{"content":"<e>","lstrip":false},"chat_template":[{"name":"tools","template":"a"},{"name":"default","template":"b"}]}`)},
			Config{EOS: "<e>", ChatTemplate: "b"}, ""},
		{"a template of its own", fstest.MapFS{"m/tokenizer_config.json": file(`{"chat_template":"old"}`),
			"m/chat_template.jinja": file("new")},
			Config{ChatTemplate: "new"}, ""},
		{"templates by name", fstest.MapFS{"m/tokenizer_config.json": file(`{"chat_template":{"tools":"a","default":"b"}}`)},
			Config{ChatTemplate: "b"}, ""},
		{"one template", fstest.MapFS{"m/tokenizer_config.json": file(`{"chat_template":[{"name":"rag","template":"a"}]}`)},
			Config{ChatTemplate: "a"}, ""},
		{"no default", fstest.MapFS{"m/tokenizer_config.json": file(`{"chat_template":{"rag":"a","tools":"b"}}`)},
			Config{}, "chat_template has templates for rag, tools, but none called default"},
		{"special tokens", fstest.MapFS{"m/tokenizer_config.json": file(`{"bos_token":"<s>"}`),
			"m/special_tokens_map.json": file(`{"bos_token":{"content":"<b>"}}`)}, Config{BOS: "<b>"}, ""},
		{"broken token", fstest.MapFS{"m/tokenizer_config.json": file(`{"bos_token":3}`)}, Config{},
			"m/tokenizer_config.json: bos_token is 3, want a token"},
		{"broken config", fstest.MapFS{"m/tokenizer_config.json": file(`{`)}, Config{},
			"m/tokenizer_config.json: not JSON"},
		{"wrong type", fstest.MapFS{"m/tokenizer_config.json": file(`{"add_bos_token":3}`)}, Config{},
			"m/tokenizer_config.json: add_bos_token is 3, want a boolean"},
		{"wrong template", fstest.MapFS{"m/tokenizer_config.json": file(`{"chat_template":3}`)}, Config{},
			"chat_template is neither"},
		{"broken tokenizer", fstest.MapFS{"m/tokenizer.json": file(`{}`)}, Config{},
			"m/tokenizer.json: pre_tokenizer is null"},
	} {
		if c.files["m/tokenizer.json"] == nil {
			c.files["m/tokenizer.json"] = good
		}
		tok, err := Load(c.files, "m")
		if err == nil {
			_, err = tok.ChatTemplate()
		}
		if c.err != "" {
			wantError(t, c.err, err)
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if d := cmp.Diff(c.want, tok.Config()); d != "" {
			t.Errorf("%s: -want +got\n%s", c.name, d)
		}
	}
	_, err := Load(fstest.MapFS{}, "m")
	wantError(t, "m/tokenizer.json", err)
}
