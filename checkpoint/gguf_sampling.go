package checkpoint

import (
	"falconmamba/checkpoint/gguf"
)

// ggufSampling maps GGUF's keys for drawing text to fields of a
// generation_config.json: the numbers with a fraction. llama.cpp's programs take these
// keys too.
func ggufSampling(g *GenerationConfig) []struct {
	key string
	to  **float64
} {
	return []struct {
		key string
		to  **float64
	}{
		{"general.sampling.temp", &g.Temperature},
		{"general.sampling.top_p", &g.TopP},
		{"general.sampling.min_p", &g.MinP},
		{"general.sampling.penalty_repeat", &g.RepetitionPenalty},
	}
}

const ggufTopK = "general.sampling.top_k"

// sampling writes the keys, of a checkpoint that is not greedy.
func (w *ggufWriter) sampling() {
	g := *w.ck.Generation()
	if g.DoSample == nil || !*g.DoSample {
		return
	}
	if g.Temperature == nil {
		one := 1.0
		g.Temperature = &one // what transformers takes; llama.cpp takes 0.8
	}
	for _, s := range ggufSampling(&g) {
		if *s.to != nil {
			w.key(s.key, gguf.Single(float32(**s.to)))
		}
	}
	if g.TopK != nil {
		w.key(ggufTopK, gguf.Integer(int32(min(*g.TopK, 1<<30))))
	}
}

// sampling reads the keys. A temperature of 0, or none of the keys, is greedy.
func (g *ggufModel) sampling(k *ggufKeys) {
	some := false
	for _, s := range ggufSampling(g.generation) {
		var x float64
		if value(k, s.key, &x, gguf.Value.Float) {
			*s.to, some = &x, true
		}
	}
	if p := g.generation.RepetitionPenalty; p != nil && *p == 0 {
		g.generation.RepetitionPenalty = nil
		g.warnings = append(g.warnings, "general.sampling.penalty_repeat is 0: want more than 0; nothing is penalised")
	}
	var n int64
	if value(k, ggufTopK, &n, gguf.Value.Int) {
		top := int(max(0, min(n, 1<<30)))
		g.generation.TopK, some = &top, true
	}
	if t := g.generation.Temperature; some && (t == nil || *t > 0) {
		g.generation.DoSample = &some
	}
}
