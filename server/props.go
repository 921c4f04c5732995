package server

import (
	"time"

	"falconmamba"
)

// What programs ask of llama.cpp's server beside OpenAI's API, in its words:
// https://github.com/ggml-org/llama.cpp/tree/master/tools/server.

// generationSettings are what a text has whose request does not say, in llama.cpp's words.
type generationSettings struct {
	Seed             int64    `json:"seed"` // -1: another each time
	Temperature      float32  `json:"temperature"`
	TopK             int      `json:"top_k"`
	TopP             float32  `json:"top_p"`
	MinP             float32  `json:"min_p"`
	RepeatPenalty    float32  `json:"repeat_penalty"`
	RepeatLastN      int      `json:"repeat_last_n"`
	PresencePenalty  float32  `json:"presence_penalty"`
	FrequencyPenalty float32  `json:"frequency_penalty"`
	MaxTokens        int      `json:"max_tokens"`
	Predict          int      `json:"n_predict"`
	Stop             []string `json:"stop"`
}

func (s *Server) settings(g falconmamba.GenerateOptions) generationSettings {
	p := g.Sampling
	one := func(x float32) float32 {
		if x == 0 {
			return 1 // off
		}
		return x
	}
	limit := firstLimit(g.MaxTokens, s.o.MaxTokens)
	return generationSettings{-1, p.Temperature, p.TopK, one(p.TopP), p.MinP, one(p.RepetitionPenalty), -1,
		p.PresencePenalty, p.FrequencyPenalty, limit, limit, append([]string{}, g.Stop...)}
}

// props answers GET /props.
func (c *call) props() error {
	type defaults struct {
		Params  generationSettings `json:"params"`
		Context int                `json:"n_ctx"` // 0: a state has no length
	}
	s := c.s
	template := ""
	if t := s.chats.template; t != nil {
		template = t.Source()
	}
	return c.reply(struct {
		Defaults   defaults        `json:"default_generation_settings"`
		Slots      int             `json:"total_slots"`
		Alias      string          `json:"model_alias"`
		Template   string          `json:"chat_template"`
		BOS        string          `json:"bos_token"`
		EOS        string          `json:"eos_token"`
		Modalities map[string]bool `json:"modalities"`
		Build      string          `json:"build_info"`
		Device     string          `json:"device"`
		Vocab      int             `json:"vocab_size"`
	}{defaults{s.settings(s.m.Defaults()), 0}, s.o.Running, s.o.Name, template, s.chats.options.BOS,
		s.chats.options.EOS, map[string]bool{"vision": false, "audio": false}, s.o.Version,
		s.m.Backend().Info().Device, s.m.Config().VocabSize})
}

// A slot is a place for a text that is read or written.
type slot struct {
	ID         int                `json:"id"`
	Task       int64              `json:"id_task"` // -1: none
	Context    int                `json:"n_ctx"`
	Processing bool               `json:"is_processing"`
	Params     generationSettings `json:"params"`
	Prompt     int                `json:"n_prompt_tokens"`
	Next       slotNext           `json:"next_token"`
	Seconds    float64            `json:"seconds"` // since its request came
}

type slotNext struct {
	Remains bool `json:"has_next_token"`
	Remain  int  `json:"n_remain"`
	Decoded int  `json:"n_decoded"`
}

// slots answers GET /slots: what runs, in no more places than there are, without a word of texts. Where several texts
// belong to one request, the first of their places has what they read and wrote together.
func (c *call) slots() error {
	s := c.s
	all := make([]slot, s.o.Running)
	for i := range all {
		all[i] = slot{ID: i, Task: -1}
	}
	s.mu.Lock()
	free := 0
	for _, t := range s.inOrder() {
		for i := range len(t.prompts) * t.each {
			if free == len(all) {
				break
			}
			p := &all[free]
			free++
			p.Task, p.Processing, p.Params, p.Seconds = t.id, true, s.settings(t.options), time.Since(t.began).Seconds()
			if i == 0 {
				written := int(t.written.Load())
				p.Prompt = t.read
				p.Next = slotNext{true, max(0, t.options.MaxTokens*len(t.prompts)*t.each-written), written}
			}
		}
	}
	s.mu.Unlock()
	return c.reply(all)
}
