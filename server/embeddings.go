package server

import (
	"encoding/base64"
	"encoding/binary"
	"math"
	"slices"

	"falconmamba"
)

// maxInputs is how many texts a request for embeddings may have, as OpenAI's.
const maxInputs = 2048

// embeddings answers POST /v1/embeddings: https://platform.openai.com/docs/api-reference/embeddings/create.
// An embedding is the mean of the last hidden states (after norm_f) over a text's tokens, of
// length 1. The model was not trained for that: texts on one subject are near each other, but a model
// that was made for retrieval tells them apart better.
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
		if all[i], err = c.embed(ids); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// embed returns the embedding of a text. What is held of it does not depend on its length.
func (c *call) embed(ids []int32) ([]float32, error) {
	session, err := c.s.m.NewSession()
	if err != nil {
		return nil, err
	}
	defer session.Close()
	k := c.s.m.Config()
	sum := make([]float64, k.HiddenSize)
	last := falconmamba.ForwardOptions{Hidden: true, Layers: []int{k.NumHiddenLayers}}
	for part := range slices.Chunk(ids, c.s.m.Chunk()) {
		out, err := session.Forward(c.ctx, part, last)
		if err != nil {
			return nil, err
		}
		for i, x := range out.Hidden[0] {
			sum[i%k.HiddenSize] += float64(x)
		}
		c.read += len(part)
	}
	square := 0.0
	for _, x := range sum {
		square += x * x
	}
	v := make([]float32, len(sum))
	for i, x := range sum {
		v[i] = float32(ratio(x, math.Sqrt(square)))
	}
	return v, nil
}
