package server

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"falconmamba/internal/clock"
)

// Ollama's streams are lines of JSON, and its errors no more than a text:
// https://github.com/ollama/ollama/blob/main/docs/api.md.
var ollama = &dialect{
	failure: func(e *apiError, _ string) any { return ollamaError{e.message} },
	id:      openAI.id,
	mime:    "application/x-ndjson",
	event: func(b *bytes.Buffer, _ string, data []byte) {
		b.Write(data)
		b.WriteByte('\n')
	},
}

type ollamaError struct {
	Error string `json:"error"`
}

// ollamaVersion is the version of Ollama whose API this is: clients ask for it before they use what is newer.
const ollamaVersion = "0.17.4"

// ollamaName is the model's name with a tag, which Ollama's models have.
func (s *Server) ollamaName() string {
	if strings.Contains(s.o.Name, ":") {
		return s.o.Name
	}
	return s.o.Name + latest
}

const latest = ":latest"

// ollamaModel wants a request to name the model, or none.
func (s *Server) ollamaModel(o *object) {
	name := cmp.Or(o.text("model"), o.text("name")) // as it is called, and was before
	if name == "" || *o.err != nil || s.called(name) || s.called(strings.TrimSuffix(name, latest)) {
		return
	}
	o.fail(s.noModel(name))
}

// ollamaDetails tell of what kind a model is.
type ollamaDetails struct {
	Parent     string   `json:"parent_model"`
	Format     string   `json:"format"`
	Family     string   `json:"family"`
	Families   []string `json:"families"`
	Parameters string   `json:"parameter_size"`
	Type       string   `json:"quantization_level"`
}

// An ollamaCard is what Ollama's clients are told of the model.
type ollamaCard struct {
	Name     string        `json:"name"`
	Model    string        `json:"model"`
	Modified time.Time     `json:"modified_at"`
	Size     int64         `json:"size"`
	Digest   string        `json:"digest"`
	Details  ollamaDetails `json:"details"`
}

// weights counts the model's parameters, the bytes that they are stored in, and returns the type that most have.
func (s *Server) weights() (parameters, size int64, most string) {
	of := map[string]int64{}
	for _, t := range s.m.Checkpoint().Tensors() {
		parameters += t.Elements()
		size += t.Bytes
		of[t.Type.String()] += t.Elements()
	}
	for name, n := range of {
		if n > of[most] || n == of[most] && name < most {
			most = name
		}
	}
	return parameters, size, most
}

func (s *Server) ollamaDetails() ollamaDetails {
	family := s.m.Config().ModelType
	n, _, most := s.weights()
	size := fmt.Sprintf("%.1fM", float64(n)/1e6)
	if n >= 1e9 {
		size = fmt.Sprintf("%.1fB", float64(n)/1e9)
	}
	return ollamaDetails{Format: "safetensors", Family: family, Families: []string{family}, Parameters: size,
		Type: strings.ToUpper(most)}
}

// ollamaCard returns what is told of the model.
func (s *Server) ollamaCard() (ollamaCard, error) {
	print, err := s.m.Fingerprint()
	if err != nil {
		return ollamaCard{}, err
	}
	digest := sha256.Sum256([]byte(print))
	_, size, _ := s.weights()
	return ollamaCard{s.ollamaName(), s.ollamaName(), time.Unix(s.created, 0).UTC(), size,
		hex.EncodeToString(digest[:]), s.ollamaDetails()}, nil
}

// ollamaVersion answers GET /api/version.
func (c *call) ollamaVersion() error { return c.reply(map[string]string{"version": ollamaVersion}) }

// ollamaTags answers GET /api/tags: which models there are.
func (c *call) ollamaTags() error {
	card, err := c.s.ollamaCard()
	if err != nil {
		return err
	}
	return c.reply(map[string][]ollamaCard{"models": {card}})
}

// ollamaPs answers GET /api/ps: which models are loaded, and until when.
func (c *call) ollamaPs() error {
	card, err := c.s.ollamaCard()
	if err != nil {
		return err
	}
	type loaded struct {
		ollamaCard
		Expires time.Time `json:"expires_at"`
		Device  int64     `json:"size_vram"`
		Context int       `json:"context_length"` // 0: it has no end
	}
	return c.reply(map[string][]loaded{"models": {{card, time.Now().UTC().AddDate(100, 0, 0), card.Size, 0}}})
}

// ollamaShow answers POST /api/show.
func (c *call) ollamaShow() error {
	o, err := c.object()
	if err != nil {
		return err
	}
	s := c.s
	s.ollamaModel(o)
	o.flag("verbose")
	o.refuse("the model is as it is", []string{"system", "template", "options"})
	if bad := o.done(); bad != nil {
		return bad
	}
	g, k := s.m.Defaults(), s.m.Config()
	p := s.settings(g)
	parameters := fmt.Sprintf("temperature %v\ntop_k %d\ntop_p %v\nmin_p %v\nrepeat_penalty %v\nnum_predict %d",
		p.Temperature, p.TopK, p.TopP, p.MinP, p.RepeatPenalty, p.Predict)
	for _, stop := range g.Stop {
		parameters += fmt.Sprintf("\nstop %q", stop)
	}
	can, template := []string{"completion", "embedding"}, ""
	if t := s.chats.template; t != nil {
		can, template = append(can, "tools"), t.Source()
	}
	n, _, _ := s.weights()
	return c.reply(struct {
		Parameters   string         `json:"parameters"`
		Template     string         `json:"template"` // in Jinja
		Details      ollamaDetails  `json:"details"`
		Info         map[string]any `json:"model_info"`
		Capabilities []string       `json:"capabilities"`
		Modified     time.Time      `json:"modified_at"`
	}{parameters, template, s.ollamaDetails(), map[string]any{
		"general.architecture":            k.ModelType,
		"general.parameter_count":         n,
		k.ModelType + ".block_count":      k.NumHiddenLayers,
		k.ModelType + ".embedding_length": k.HiddenSize,
		k.ModelType + ".vocab_size":       k.VocabSize,
	}, can, time.Unix(s.created, 0).UTC()})
}

// ollamaPull answers POST /api/pull. The model is there: others are for whoever runs the server to bring.
func (c *call) ollamaPull() error {
	o, err := c.object()
	if err != nil {
		return err
	}
	c.s.ollamaModel(o)
	parts := ollamaStream(o)
	o.ignore("insecure", "username", "password") // of a registry, which is not asked
	if bad := o.done(); bad != nil {
		return bad
	}
	card, err := c.s.ollamaCard()
	if err != nil {
		return err
	}
	type progress struct {
		Status    string `json:"status"`
		Digest    string `json:"digest,omitempty"`
		Total     int64  `json:"total,omitempty"`
		Completed int64  `json:"completed,omitempty"`
	}
	all := []progress{{Status: "pulling manifest"},
		{"pulling " + card.Digest[:12], "sha256:" + card.Digest, card.Size, card.Size}, {Status: "success"}}
	if !parts {
		return c.reply(all[len(all)-1])
	}
	return c.stream(func(e *stream) error {
		for _, p := range all {
			if err := e.send("", p); err != nil {
				return err
			}
		}
		return nil
	})
}

// ollamaStream reads stream, which is true where nothing is said.
func ollamaStream(o *object) bool { return !o.has("stream") || o.flag("stream") }

// ollamaKeep reads keep_alive, which has no effect: the model stays. It reports whether it is to go.
func ollamaKeep(o *object) (leave bool) {
	switch raw := o.raw("keep_alive"); {
	case raw == nil:
	case raw[0] == '"':
		text := o.text("keep_alive")
		d, err := time.ParseDuration(text)
		if err != nil && text != "" {
			o.fail(invalid("keep_alive", "invalid_value", "keep_alive is %q: want a time such as 5m", abridged(text)))
		}
		return err == nil && d == 0
	default:
		seconds := o.number("keep_alive", -1e12, 1e12)
		return seconds != nil && *seconds == 0
	}
	return false
}

// ollamaEmbed answers POST /api/embed.
func (c *call) ollamaEmbed() error {
	o, err := c.object()
	if err != nil {
		return err
	}
	c.s.ollamaModel(o)
	inputs := c.s.inputs(o)
	c.s.dimensions(o)
	c.s.ollamaEmbedding(o)
	if bad := o.done(); bad != nil {
		return bad
	}
	all, err := c.embedAll(inputs)
	if err != nil {
		return err
	}
	return c.reply(struct {
		Model string      `json:"model"`
		All   [][]float32 `json:"embeddings"`
		Total int64       `json:"total_duration"`
		Load  int64       `json:"load_duration"`
		Read  int         `json:"prompt_eval_count"`
	}{c.s.ollamaName(), all, clock.Since(c.began).Nanoseconds(), 0, c.read})
}

// ollamaEmbeddings answers POST /api/embeddings, which /api/embed has replaced.
func (c *call) ollamaEmbeddings() error {
	o, err := c.object()
	if err != nil {
		return err
	}
	c.s.ollamaModel(o)
	ids, _ := c.s.encoded(o, "prompt", 1)
	c.s.ollamaEmbedding(o)
	if bad := o.done(); bad != nil {
		return bad
	}
	all, err := c.embedAll(ids)
	if err != nil {
		return err
	}
	return c.reply(map[string][]float32{"embedding": all[0]})
}

// ollamaEmbedding reads what has no effect on embeddings.
func (s *Server) ollamaEmbedding(o *object) {
	ollamaKeep(o)
	o.ignore("truncate") // a text has any length
	if in := o.object("options"); in != nil {
		ollamaLoading(in)
		if e := in.done(); e != nil {
			o.fail(e)
		}
	}
}

// ollamaLoading ignores what Ollama loads a model with: this one is loaded as whoever runs the server wants, and a
// context has no end.
func ollamaLoading(o *object) {
	o.ignore("num_ctx", "num_batch", "num_gpu", "main_gpu", "use_mmap", "use_mlock", "num_thread", "numa", "low_vram",
		"f16_kv", "logits_all", "vocab_only", "embedding_only", "num_keep")
}
