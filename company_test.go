package falconmamba

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"falconmamba/backend"
	"falconmamba/backend/sampling"
	"falconmamba/engine"
)

// A guest is one of many requests, and what becomes of it.
type guest struct {
	prompt string
	o      GenerateOptions
	end    guestEnd
	at     int           // tokens after which it leaves
	after  time.Duration // that it comes
}

// A guestEnd is how a request ends.
type guestEnd int

const (
	stays   guestEnd = iota // to the end
	leaves                  // its loop
	returns                 // it leaves, and goes on from there
	cancels                 // its context ends
	guestEnds
)

// guests returns n requests of random prompts, lengths, samplers and ends.
func guests(n int) []guest {
	rnd := rand.New(rand.NewPCG(17, 200))
	all := make([]guest, n)
	for i := range all {
		g := &all[i]
		from := rnd.IntN(len(romeo))
		g.prompt = romeo[from:min(len(romeo), from+1+rnd.IntN(250))]
		g.o = GenerateOptions{MaxTokens: 1 + rnd.IntN(40), EOS: []int32{}, Background: rnd.IntN(8) == 0}
		if rnd.IntN(3) > 0 {
			g.o.Sampling = sampling.Params{Temperature: 0.7 + rnd.Float32(), TopP: 0.8 + rnd.Float32()/5,
				TopK: rnd.IntN(3) * 20, Seed: rnd.Uint64()}
		}
		if rnd.IntN(4) == 0 {
			g.o.Sampling.RepetitionPenalty, g.o.Sampling.RepeatLastN = 1.2, rnd.IntN(20)
		}
		if rnd.IntN(4) == 0 {
			g.o.LogProbs, g.o.TopLogProbs = true, rnd.IntN(4)
		}
		if rnd.IntN(6) == 0 {
			g.o.Bias = map[int32]float32{rnd.Int32N(90): 3, rnd.Int32N(90): -3}
		}
		g.end = guestEnd(rnd.IntN(int(guestEnds)))
		g.at = 1 + rnd.IntN(g.o.MaxTokens)
		g.after = time.Duration(rnd.IntN(3000)) * time.Microsecond
	}
	return all
}

// write writes the request's text on m, whole or as it ends, and returns what came.
func (g guest) write(m *Model, whole bool) (tokens []Token, err error) {
	s, err := m.NewSession()
	if err != nil {
		return nil, err
	}
	defer s.Close()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	o := g.o
	for x, err := range s.Generate(ctx, g.prompt, &o) {
		if err != nil {
			if g.end == cancels && errors.Is(err, context.Canceled) {
				return tokens, nil
			}
			return nil, err
		}
		tokens = append(tokens, x)
		if whole || len(tokens) != g.at {
			continue
		}
		if g.end == cancels {
			cancel()
		}
		if g.end == leaves || g.end == returns {
			break
		}
	}
	if whole || g.end != returns || g.at == o.MaxTokens {
		return tokens, nil
	}
	o.MaxTokens -= g.at
	for x, err := range s.Generate(ctx, "", &o) {
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, x)
	}
	return tokens, nil
}

// Two hundred requests come and go beside each other at random: each has the tokens that it
// has alone, of another model that reads other chunks, and to the bit what is told
// of their probabilities.
func TestManyAreEachAlone(t *testing.T) {
	n := 200
	if devices[0] != "cpu" {
		n = 12
	}
	device := backend.Options{BatchInvariant: true}
	m := open(t, Options{Backend: devices[0], Driver: device, Engine: engine.Options{Running: 10, Chunk: 48, States: 14}})
	all := guests(n)
	got := make([][]Token, n)
	var wait sync.WaitGroup
	room := make(chan bool, 24) // at once, of which some wait for their turn
	for i, g := range all {
		room <- true
		wait.Go(func() {
			defer func() { <-room }()
			time.Sleep(g.after)
			var err error
			if got[i], err = g.write(m, false); err != nil {
				t.Errorf("request %d: %v", i, err)
			}
		})
	}
	wait.Wait()
	one := open(t, Options{Backend: devices[0], Driver: device})
	ends := map[guestEnd]int{}
	for i, g := range all {
		ends[g.end]++
		want, err := g.write(one, true)
		if err != nil {
			t.Fatal(err)
		}
		if g.end == leaves || g.end == cancels {
			want = want[:min(len(want), len(got[i]))]
		}
		if !slices.EqualFunc(got[i], want, sameToken) || len(got[i]) < g.at {
			t.Errorf("request %d, %+v: %v beside others, alone %v", i, g, got[i], want)
		}
	}
	if s := m.Stats(); len(ends) != int(guestEnds) || s.Sessions != 0 {
		t.Errorf("ends %v, and %d sessions are left", ends, s.Sessions)
	}
}

func sameToken(a, b Token) bool {
	return a.ID == b.ID && a.Text == b.Text && fmt.Sprint(a.Probs) == fmt.Sprint(b.Probs)
}
