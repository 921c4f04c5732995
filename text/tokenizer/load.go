package tokenizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
)

// Config is what is kept of tokenizer_config.json. Tokens are given by their
// content and are empty where the file has none.
type Config struct {
	BOS, EOS, PAD, UNK string
	AddBOS, AddEOS     bool // add_bos_token, add_eos_token
	// ChatTemplate is the Jinja source, not evaluated. Where a file has
	// several by name, it is the one called default.
	ChatTemplate string
}

// Load reads tokenizer.json in folder dir of fsys and, where they exist,
// tokenizer_config.json and chat_template.jinja beside it.
func Load(fsys fs.FS, dir string) (*Tokenizer, error) {
	name := path.Join(dir, "tokenizer.json")
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("tokenizer: %w", err)
	}
	t, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}

	name = path.Join(dir, "tokenizer_config.json")
	data, err = fs.ReadFile(fsys, name)
	if err == nil {
		t.config, err = parseConfig(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("tokenizer: %w", err)
	}

	data, err = fs.ReadFile(fsys, path.Join(dir, "chat_template.jinja"))
	if err == nil {
		t.config.ChatTemplate = string(data)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("tokenizer: %w", err)
	}
	return t, nil
}

func parseConfig(data []byte) (Config, error) {
	var file struct {
		BOS          tokenContent    `json:"bos_token"`
		EOS          tokenContent    `json:"eos_token"`
		PAD          tokenContent    `json:"pad_token"`
		UNK          tokenContent    `json:"unk_token"`
		AddBOS       bool            `json:"add_bos_token"`
		AddEOS       bool            `json:"add_eos_token"`
		ChatTemplate json.RawMessage `json:"chat_template"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return Config{}, jsonError(err)
	}
	template, err := chatTemplate(file.ChatTemplate)
	if err != nil {
		return Config{}, err
	}
	return Config{
		BOS: string(file.BOS), EOS: string(file.EOS), PAD: string(file.PAD), UNK: string(file.UNK),
		AddBOS: file.AddBOS, AddEOS: file.AddEOS,
		ChatTemplate: template,
	}, nil
}

// A tokenContent is spelled "x" or {"content": "x", …} or null.
type tokenContent string

func (c *tokenContent) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '{' {
		var object struct{ Content string }
		err := json.Unmarshal(b, &object)
		*c = tokenContent(object.Content)
		return err
	}
	return json.Unmarshal(b, (*string)(c))
}

// chatTemplate takes the template itself or a list of named ones.
func chatTemplate(raw json.RawMessage) (string, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return "", nil
	}
	if raw[0] == '"' {
		var s string
		err := json.Unmarshal(raw, &s)
		return s, err
	}
	var named []struct{ Name, Template string }
	if err := json.Unmarshal(raw, &named); err != nil {
		return "", fmt.Errorf("chat_template is neither a string nor a list of named templates")
	}
	for _, n := range named {
		if n.Name == "default" {
			return n.Template, nil
		}
	}
	return "", nil
}
