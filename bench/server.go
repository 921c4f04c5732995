package bench

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"falconmamba"
)

// A Server is a target that writes over HTTP, by the completions of OpenAI's API.
type Server struct {
	URL   string // up to /v1
	Model string
	Key   string // none if empty
	Vocab int    // prompts are of the ids below it

	client *http.Client
}

// commonVocab is what is taken for the vocabulary of a server that does not say: any model has so many tokens.
const commonVocab = 1000

// NewServer asks the server at url, such as http://127.0.0.1:11435/v1, for what is not given: its first model, and
// how large its vocabulary is, which only fmserve says.
func NewServer(ctx context.Context, url, model, key string) (*Server, error) {
	s := &Server{URL: strings.TrimSuffix(url, "/"), Model: model, Key: key, Vocab: commonVocab,
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1 << 12}}}
	var models struct{ Data []struct{ ID string } }
	into := func(v any) func(io.Reader) error {
		return func(r io.Reader) error { return json.NewDecoder(r).Decode(v) }
	}
	if err := s.ask(ctx, "/models", nil, into(&models)); err != nil {
		return nil, fmt.Errorf("%s/models: %w", s.URL, err)
	}
	if model == "" && len(models.Data) == 0 {
		return nil, fmt.Errorf("%s/models names no model: give one", s.URL)
	}
	if model == "" {
		s.Model = models.Data[0].ID
	}
	props := *s
	props.URL = strings.TrimSuffix(s.URL, "/v1")
	var own struct {
		Vocab int `json:"vocab_size"`
	}
	// A server that is none of ours may have no such page.
	_ = props.ask(ctx, "/props", nil, into(&own))
	s.Vocab = cmp.Or(own.Vocab, s.Vocab)
	return s, nil
}

// ask sends a request, with a body if there is one, and reads what is answered.
func (s *Server) ask(ctx context.Context, path string, body []byte, read func(io.Reader) error) error {
	method := "GET"
	if body != nil {
		method = "POST"
	}
	r, err := http.NewRequestWithContext(ctx, method, s.URL+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	if s.Key != "" {
		r.Header.Set("Authorization", "Bearer "+s.Key)
	}
	a, err := s.client.Do(r)
	if err != nil {
		return err
	}
	defer a.Body.Close()
	switch a.StatusCode {
	case http.StatusOK:
		return read(a.Body)
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return fmt.Errorf("%s: %w", a.Status, falconmamba.ErrQueueFull)
	}
	text, _ := io.ReadAll(io.LimitReader(a.Body, 1<<10))
	return fmt.Errorf("%s: %s", a.Status, bytes.TrimSpace(text))
}

// Write writes a text as a stream. An event counts as a token, also where it has no text: a model may have no
// tokenizer. Tokens that share an event, or have none, count when the usage is there.
func (s *Server) Write(ctx context.Context, o Order, token func()) error {
	body, err := json.Marshal(map[string]any{
		"model": s.Model, "prompt": o.Prompt, "max_tokens": o.Tokens, "ignore_eos": true,
		"stream": true, "stream_options": map[string]bool{"include_usage": true},
		"seed": o.Seed >> 1, "temperature": drawing.Temperature, "top_p": drawing.TopP,
	})
	if err != nil {
		return err
	}
	return s.ask(ctx, "/completions", body, func(r io.Reader) error { return events(r, token) })
}

// events reads the events of a stream.
func events(r io.Reader, token func()) error {
	lines, seen := bufio.NewReader(r), 0
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return fmt.Errorf("the stream ended early: %w", err)
		}
		data, ok := bytes.CutPrefix(bytes.TrimSpace(line), []byte("data: "))
		if !ok {
			continue
		}
		if string(data) == "[DONE]" {
			return nil
		}
		var e struct {
			Choices []struct {
				Text   string
				Reason string `json:"finish_reason"`
			}
			Usage *struct {
				Written int `json:"completion_tokens"`
			}
			Error *struct{ Message string }
		}
		switch err := json.Unmarshal(data, &e); {
		case err != nil:
			return err
		case e.Error != nil:
			return fmt.Errorf("in the stream: %s", e.Error.Message)
		case e.Usage != nil:
			for ; seen < e.Usage.Written; seen++ {
				token()
			}
		case len(e.Choices) > 0 && (e.Choices[0].Text != "" || e.Choices[0].Reason == ""):
			token()
			seen++
		}
	}
}
