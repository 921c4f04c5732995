package verify

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"falconmamba/backend/sampling"
	"falconmamba/checkpoint"
	"falconmamba/checkpoint/safetensors"
	"falconmamba/internal/jsonerr"
	"falconmamba/internal/regular"
)

// Files beside a checkpoint that say what it must compute.
const (
	goldenJSON    = "golden.json"
	goldenTensors = "golden.safetensors"
	casesJSON     = "cases.json"
)

// maxGolden bounds golden.json and cases.json, in bytes.
const maxGolden = 256 << 20

// A golden is what transformers computes for a checkpoint: see the README of
// checkpoint/testdata for the format. All of it has been checked against the config.
type golden struct {
	Prompt    *string        `json:"prompt"` // whose ids IDs are, or nil
	IDs       []int32        `json:"input_ids"`
	Loss      *float64       `json:"loss"`
	Greedy    []int32        `json:"greedy_ids"`
	Batch     [][]int32      `json:"batch_ids"`
	Mask      [][]int        `json:"batch_mask"`
	Processed []goldenFilter `json:"processed"`

	alone []int32 // the batch's second prompt without its padding

	logits      []float32   // [L·V]
	hidden      [][]float32 // by layer, norm_f's last: [L·H]
	conv        [][]float32 // by layer: [D·(K−1)], oldest first
	ssm         [][]float32 // by layer: [D·N]
	aloneLogits []float32   // [l·V]
	processed   [][]float32 // by filter: [V]
}

// A goldenFilter is what probabilities were made with, in transformers' names.
type goldenFilter struct {
	Temperature       *float32 `json:"temperature"`
	TopK              *int     `json:"top_k"`
	TopP              *float32 `json:"top_p"`
	MinP              *float32 `json:"min_p"`
	RepetitionPenalty *float32 `json:"repetition_penalty"`
}

func (f goldenFilter) params() sampling.Params {
	p := sampling.Params{Temperature: 1}
	if f.Temperature != nil {
		p.Temperature = *f.Temperature
	}
	if f.TopK != nil {
		p.TopK = *f.TopK
	}
	if f.TopP != nil {
		p.SetTopP(float64(*f.TopP))
	}
	if f.MinP != nil {
		p.MinP = *f.MinP
	}
	if f.RepetitionPenalty != nil {
		p.RepetitionPenalty = *f.RepetitionPenalty
	}
	return p
}

// readGolden reads the golden of the checkpoint in dir.
func readGolden(dir string, c *checkpoint.Config) (*golden, error) {
	path := filepath.Join(dir, goldenJSON)
	text, err := regular.Read(path, maxGolden)
	if err != nil {
		return nil, err
	}
	g, err := parseGolden(text, c)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	path = filepath.Join(dir, goldenTensors)
	f, err := safetensors.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := g.tensors(f, c); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return g, nil
}

// parseGolden reads golden.json and checks it against the config.
func parseGolden(text []byte, c *checkpoint.Config) (*golden, error) {
	g := &golden{}
	if err := json.Unmarshal(text, g); err != nil {
		return nil, jsonerr.Plain(err)
	}
	if len(g.IDs) < 2 {
		return nil, fmt.Errorf("input_ids has %d ids: want two or more", len(g.IDs))
	}
	if len(g.Greedy) == 0 {
		return nil, errors.New("has no greedy_ids")
	}
	if g.Loss == nil {
		return nil, errors.New("has no loss")
	}
	if len(g.Batch) != 2 || len(g.Mask) != 2 || len(g.Batch[1]) != len(g.Mask[1]) {
		return nil, fmt.Errorf("batch_ids and batch_mask are of %d and %d rows: want two of the same length",
			len(g.Batch), len(g.Mask))
	}
	for i, m := range g.Mask[1] {
		if m != 0 {
			g.alone = append(g.alone, g.Batch[1][i])
		}
	}
	if len(g.alone) == 0 {
		return nil, errors.New("batch_mask leaves nothing of the second prompt")
	}
	for _, list := range []struct {
		name string
		ids  []int32
	}{{"input_ids", g.IDs}, {"greedy_ids", g.Greedy}, {"batch_ids", g.alone}} {
		if i := slices.IndexFunc(list.ids, func(id int32) bool { return id < 0 || int(id) >= c.VocabSize }); i >= 0 {
			return nil, fmt.Errorf("%s: id %d is %d: the model has ids 0 to %d",
				list.name, i, list.ids[i], c.VocabSize-1)
		}
	}
	var raw struct {
		Processed []map[string]json.RawMessage `json:"processed"`
	}
	if err := json.Unmarshal(text, &raw); err != nil {
		return nil, jsonerr.Plain(err)
	}
	known := []string{"temperature", "top_k", "top_p", "min_p", "repetition_penalty"}
	for j, f := range g.Processed {
		for key := range raw.Processed[j] {
			if !slices.Contains(known, key) {
				return nil, fmt.Errorf("processed.%d has the filter %q, which is not known: want one of %v",
					j, key, known)
			}
		}
		if err := f.params().Validate(); err != nil {
			return nil, fmt.Errorf("processed.%d: %w", j, err)
		}
	}
	return g, nil
}

// tensors takes in golden.safetensors.
func (g *golden) tensors(f *safetensors.File, c *checkpoint.Config) error {
	var failed error
	take := func(name string, shape ...int) []float32 {
		if failed != nil {
			return nil
		}
		values, got, err := f.Floats(name)
		if err == nil && !slices.Equal(got, shape) {
			err = fmt.Errorf("%s has shape %v, want %v", name, got, shape)
		}
		failed = err
		return values
	}
	l, k := len(g.IDs), c.ConvKernel
	g.logits = take("logits", l, c.VocabSize)
	for i := range c.NumHiddenLayers + 1 {
		g.hidden = append(g.hidden, take(fmt.Sprintf("hidden_states.%d", i), l, c.HiddenSize))
	}
	for i := range c.NumHiddenLayers {
		// transformers keeps K columns, the first of which is not needed again.
		whole := take(fmt.Sprintf("conv_state.%d", i), 1, c.IntermediateSize, k)
		var kept []float32
		for at := 0; at+k <= len(whole); at += k {
			kept = append(kept, whole[at+1:at+k]...)
		}
		g.conv = append(g.conv, kept)
		g.ssm = append(g.ssm, take(fmt.Sprintf("ssm_state.%d", i), 1, c.IntermediateSize, c.StateSize))
	}
	g.aloneLogits = take("batch.alone_logits", len(g.alone), c.VocabSize)
	for j := range g.Processed {
		g.processed = append(g.processed, take(fmt.Sprintf("processed.%d", j), c.VocabSize))
	}
	return failed
}
