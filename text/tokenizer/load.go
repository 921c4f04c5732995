package tokenizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"falconmamba/internal/regular"
)

// Config is what is kept of tokenizer_config.json. Tokens are given by their
// content and are empty where the file has none.
type Config struct {
	BOS, EOS, PAD, UNK string
	AddBOS, AddEOS     bool // add_bos_token, add_eos_token
	// ChatTemplate is the Jinja source, not evaluated. Where a file has
	// several by name, it is the one called default; see Tokenizer.ChatTemplate.
	ChatTemplate string
}

// Limits of the files, in bytes. The largest tokenizer.json of bytes that are known have 28 MB.
const (
	maxTokenizer = 32 << 20
	maxBeside    = 2 << 20 // of what lies beside it
)

// Load reads tokenizer.json in folder dir of fsys and, where they exist, the files beside it
// that say which tokens are special and how a chat is worded: tokenizer_config.json,
// special_tokens_map.json, added_tokens.json and chat_template.jinja.
func Load(fsys fs.FS, dir string) (*Tokenizer, error) {
	name := path.Join(dir, "tokenizer.json")
	var make func(named []namedToken) (*Tokenizer, error)
	if s, ok := fsys.(Source); ok {
		g, err := s.TokenizerGGUF()
		if err != nil {
			return nil, fmt.Errorf("tokenizer: %w", err)
		}
		make = g.tokenizer
	} else {
		data, err := regular.ReadFS(fsys, name, maxTokenizer)
		if err != nil {
			return nil, fmt.Errorf("tokenizer: %w", err)
		}
		make = func(named []namedToken) (*Tokenizer, error) { return parse(data, named) }
	}
	var files [3]map[string]json.RawMessage
	for i, beside := range []string{"tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"} {
		var err error
		if files[i], err = readObject(fsys, path.Join(dir, beside)); err != nil {
			return nil, err
		}
	}
	where := path.Join(dir, "tokenizer_config.json")
	named, err := namedTokens(files[0], files[1], files[2])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", where, err)
	}
	t, err := make(named)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if t.config, err = parseConfig(files[0]); err != nil {
		return nil, fmt.Errorf("%s: %w", where, err)
	}
	if t.config.ChatTemplate, err = chatTemplate(files[0]["chat_template"]); err != nil {
		t.noTemplate = fmt.Errorf("%s: %w", where, err)
	}

	data, err := regular.ReadFS(fsys, path.Join(dir, "chat_template.jinja"), maxBeside)
	if err == nil {
		t.config.ChatTemplate, t.noTemplate = string(data), nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		t.noTemplate = fmt.Errorf("chat template: %w", err)
	}
	return t, nil
}

// readObject reads a file that holds an object; one that is not there is empty.
func readObject(fsys fs.FS, name string) (map[string]json.RawMessage, error) {
	data, err := regular.ReadFS(fsys, name, maxBeside)
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]json.RawMessage{}, nil
	} else if err != nil {
		return nil, fmt.Errorf("tokenizer: %w", err)
	}
	if err := wellFormed(data); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var m map[string]json.RawMessage
	if json.Unmarshal(data, &m) != nil || m == nil {
		return nil, fmt.Errorf("%s: the file is %s, want an object", name, abridged(data))
	}
	return m, nil
}

// ChatTemplate is Config().ChatTemplate, or an error where the files have templates but
// do not say which is meant: a plain text does not need one.
func (t *Tokenizer) ChatTemplate() (string, error) { return t.config.ChatTemplate, t.noTemplate }

// parseConfig takes what a Config has of the members of a tokenizer_config.json, but for the
// template.
func parseConfig(m map[string]json.RawMessage) (c Config, err error) {
	for _, f := range []struct {
		key string
		to  *string
	}{{"bos_token", &c.BOS}, {"eos_token", &c.EOS}, {"pad_token", &c.PAD}, {"unk_token", &c.UNK}} {
		var t tokenJSON
		if err := member(m, f.key, &t); err != nil {
			return c, err
		}
		*f.to = t.Content
	}
	for _, f := range []struct {
		key string
		to  *bool
	}{{"add_bos_token", &c.AddBOS}, {"add_eos_token", &c.AddEOS}} {
		if raw := m[f.key]; !isNull(raw) && json.Unmarshal(raw, f.to) != nil {
			return c, fmt.Errorf("%s is %s, want a boolean", f.key, abridged(raw))
		}
	}
	return c, nil
}

// chatTemplate takes the template itself, or the one called default of several: a list of
// named ones, or an object. A single one is taken whatever its name.
func chatTemplate(raw json.RawMessage) (string, error) {
	if isNull(raw) {
		return "", nil
	}
	if raw[0] == '"' {
		var s string
		err := json.Unmarshal(raw, &s)
		return s, err
	}
	named := map[string]string{}
	if raw[0] == '{' {
		if json.Unmarshal(raw, &named) != nil {
			return "", errors.New("chat_template is an object, but not of templates by name")
		}
	} else {
		var list []struct{ Name, Template string }
		if json.Unmarshal(raw, &list) != nil {
			return "", errors.New("chat_template is neither a string, nor a list or an object of named templates")
		}
		for _, n := range list {
			named[n.Name] = n.Template
		}
	}
	names := slices.Sorted(maps.Keys(named))
	switch s, ok := named["default"]; {
	case ok:
		return s, nil
	case len(names) == 1:
		return named[names[0]], nil
	}
	return "", fmt.Errorf("chat_template has templates for %.80s, but none called default: give the one to use",
		strings.Join(names, ", "))
}
