package main

import (
	"fmt"
	"slices"
	"strings"

	"falconmamba/cmd/internal/cli"
	"falconmamba/internal/nearest"
)

// settable are the flags that /set changes.
var settable = []string{"temp", "top-k", "top-p", "min-p", "repeat-penalty", "repeat-last-n", "presence-penalty",
	"frequency-penalty", "n-predict", "seed", "system-prompt"}

// set changes a flag while people talk, or says what all are.
func (k *conversation) set(arg string, note func(format string, args ...any) error) error {
	name, value, _ := strings.Cut(arg, " ")
	name, value = strings.TrimLeft(name, "-"), strings.TrimSpace(value)
	switch {
	case name == "":
		return note("%s", k.settings())
	case !slices.Contains(settable, name):
		return fmt.Errorf("there is no /set %s: want one of %s%s", short(name), strings.Join(settable, ", "),
			nearest.Did("", name, settable))
	case value == "" && name != "system-prompt":
		return fmt.Errorf("/set %s to what? It is %s", name, k.flags.Lookup(name).Value)
	}
	flag := k.flags.Lookup(name)
	was, changed := flag.Value.String(), flag.Changed
	err := k.flags.Set(name, value)
	if err == nil {
		err = k.check()
	}
	if err == nil && name == "system-prompt" {
		err = k.replace()
	}
	if err != nil {
		_ = flag.Value.Set(was) // it was valid before
		flag.Changed = changed
		return fmt.Errorf("/set %s: %s", name, cli.Line(err)) // not of the command line
	}
	if name == "seed" {
		k.seed, err = seedOf(value)
		k.turns = 0
	}
	if err != nil {
		return err
	}
	return note("%s is %s", name, short(value))
}

// replace begins anew in this copy, with the system's message as it is now.
func (k *conversation) replace() error {
	c, err := k.begin()
	if err != nil {
		return err
	}
	k.all[slices.Index(k.all, k.c)] = c
	old := k.c
	k.c = c
	return old.Close()
}

// settings says how answers are drawn.
func (k *conversation) settings() string {
	p := k.generation(k.m, k.seed)
	s := p.Sampling
	limit := "none"
	if p.MaxTokens > 0 {
		limit = cli.Count(p.MaxTokens, "token")
	}
	system := short(k.systemPrompt)
	if system == "" {
		system = "none"
	}
	return fmt.Sprintf("temp %g, top-k %d, top-p %g, min-p %g, repeat-penalty %g, repeat-last-n %d, "+
		"presence-penalty %g, frequency-penalty %g\nn-predict %s, seed %d, system-prompt %s",
		s.Temperature, s.TopK, s.TopP, s.MinP, s.RepetitionPenalty, s.RepeatLastN,
		s.PresencePenalty, s.FrequencyPenalty, limit, k.seed, system)
}
