package server

import (
	"encoding/base64"
	"encoding/binary"
	"math"
)

// maxInputs is how many texts a request for embeddings may have, as OpenAI's.
const maxInputs = 2048

// embeddings answers POST /v1/embeddings: https://platform.openai.com/docs/api-reference/embeddings/create.
// What an embedding is stands at Embed of the model.
func (c *call) embeddings() error {
	o, err := c.object()
	if err != nil {
		return err
	}
	s := c.s
	s.checkModel(o)
	inputs := s.inputs(o)
	format := o.text("encoding_format")
	if format != "" && format != "float" && format != "base64" {
		o.fail(invalid("encoding_format", "invalid_value", "encoding_format is %q: want float or base64",
			abridged(format)))
	}
	s.dimensions(o)
	o.ignore("user")
	if bad := o.done(); bad != nil {
		return bad
	}
	type embedding struct {
		Object    string `json:"object"`
		Index     int    `json:"index"`
		Embedding any    `json:"embedding"` // numbers, or base64 of float32, the lowest byte first
	}
	vectors, err := c.embedAll(inputs)
	if err != nil {
		return err
	}
	all := make([]embedding, len(inputs))
	for i, v := range vectors {
		all[i] = embedding{"embedding", i, v}
		if format == "base64" {
			data, _ := binary.Append(nil, binary.LittleEndian, v) // never fails on numbers
			all[i].Embedding = base64.StdEncoding.EncodeToString(data)
		}
	}
	type counts struct {
		Prompt int `json:"prompt_tokens"`
		Total  int `json:"total_tokens"`
	}
	return c.reply(struct {
		Object string      `json:"object"`
		Data   []embedding `json:"data"`
		Model  string      `json:"model"`
		Usage  counts      `json:"usage"`
	}{"list", all, s.o.Name, counts{c.read, c.read}})
}

// dimensions refuses to have embeddings of another length than they have.
func (s *Server) dimensions(o *object) {
	size := s.m.Config().HiddenSize
	if n := o.integer("dimensions", 1, math.MaxInt32); n != nil && int(*n) != size {
		o.fail(unsupported("dimensions", "dimensions %d is not supported: this model's embeddings have %d", *n, size))
	}
}

// inputs reads input: a text or token ids, or an array of one or the other.
func (s *Server) inputs(o *object) [][]int32 {
	inputs, texts := s.encoded(o, "input", maxInputs)
	for i, ids := range inputs {
		if len(ids) == 0 || texts != nil && texts[i] == "" {
			o.fail(invalid("input", "invalid_value", "an input is missing or empty: want one or more tokens"))
			return nil
		}
	}
	return inputs
}

// embedAll returns the embeddings of texts.
func (c *call) embedAll(inputs [][]int32) (all [][]float32, err error) {
	all = make([][]float32, len(inputs))
	for i, ids := range inputs {
		if all[i], err = c.s.m.Embed(c.ctx, ids); err != nil {
			return nil, err
		}
		c.read += len(ids)
	}
	return all, nil
}
