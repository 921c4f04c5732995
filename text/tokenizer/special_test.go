package tokenizer

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

// Tokens that only the files beside tokenizer.json name are added as transformers adds them.
func TestNamedTokens(t *testing.T) {
	base := plainFile(bpeModel(alphabet("<s>", "<e>"))).with(fields{"added_tokens": []fields{
		added(258, "<old>", fields{"special": false})}})
	const text = "<s><e><old>  x"
	for name, c := range map[string]struct {
		config, specials, added string
		text, want, spoken      string // spoken: without special tokens
	}{
		"none":   {text: "<s>x", want: "[60 115 62 120]", spoken: "<s>x"},
		"named":  {config: `{"bos_token":"<s>","eos_token":{"content":"<e>"},"pad_token":"<old>"}`, text: text, want: "[256 257 258 32 32 120]", spoken: "  x"},
		"a list": {config: `{"additional_special_tokens":["<s>","<tool>"]}`, text: "<tool><s>", want: "[259 256]"},
		"an object": {config: `{"extra_special_tokens":{"image_token":"<s>"},"additional_special_tokens":["<e>"]}`,
			text: "<s><e>", want: "[256 60 101 62]", spoken: "<e>"},
		"decoder": {config: `{"added_tokens_decoder":{"300":{"content":"<new>"},"258":{"content":"<old>","rstrip":true},"7":{"content":"<e>","special":true}}}`,
			specials: `{"bos_token":"<s>"}`, text: text + "<new>", want: "[60 115 62 257 258 120 259]", spoken: "<s><old>x<new>"},
		"decoder and name": {config: `{"added_tokens_decoder":{"258":{"content":"<old>","rstrip":true}},"eos_token":"<old>"}`,
			text: "<old>  x", want: "[258 120]", spoken: "x"},
		"specials": {config: `{"bos_token":"<e>"}`, specials: `{"bos_token":"<s>"}`, text: "<s><e>", want: "[256 60 101 62]",
			spoken: "<e>"},
		"added": {added: `{"<z>":901,"<y>":900}`, text: "<y><z>", want: "[259 260]", spoken: "<y><z>"},
	} {
		files := fstest.MapFS{"tokenizer.json": &fstest.MapFile{Data: base.json(t)}}
		for file, text := range map[string]string{"tokenizer_config.json": c.config,
			"special_tokens_map.json": c.specials, "added_tokens.json": c.added} {
			if text != "" {
				files[file] = &fstest.MapFile{Data: []byte(text)}
			}
		}
		tok, err := Load(files, ".")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		ids := tok.Encode(c.text, EncodeOptions{})
		if got := fmt.Sprint(ids); got != c.want {
			t.Errorf("%s: Encode(%q) = %s, want %s", name, c.text, got, c.want)
		}
		if got := tok.Decode(ids, true); got != c.spoken {
			t.Errorf("%s: spoken %q, want %q", name, got, c.spoken)
		}
	}
}

// A chat template that cannot be read stops nothing but chats.
func TestUnreadableTemplate(t *testing.T) {
	files := fstest.MapFS{"tokenizer.json": &fstest.MapFile{Data: plainFile(bpeModel(alphabet())).json(t)},
		"chat_template.jinja": &fstest.MapFile{Mode: fs.ModeNamedPipe}}
	tok, err := Load(files, ".")
	if err != nil {
		t.Fatal(err)
	}
	if got := tok.Encode("a", EncodeOptions{}); len(got) != 1 {
		t.Errorf("%v", got)
	}
	if _, err := tok.ChatTemplate(); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("error %v", err)
	}
}
