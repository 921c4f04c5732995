package falconmamba

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"falconmamba/engine"
	"falconmamba/internal/softmax"
)

// Choices share passes, and are as likely as each is alone.
func TestScoreOfManyChoices(t *testing.T) {
	t.Run("room", func(t *testing.T) { scoreMany(t, open(t, Options{})) })
	t.Run("no room", func(t *testing.T) { scoreMany(t, open(t, Options{Engine: engine.Options{States: 5}})) })
}

func scoreMany(t *testing.T, m *Model) {
	ctx := context.Background()
	prefix, err := m.Encode(romeo)
	if err != nil {
		t.Fatal(err)
	}
	var choices [][]int32
	for i := range int32(32) {
		choices = append(choices, []int32{i, i + 1, 2 * i}[:1+i%3])
	}
	var want []Choice
	for _, c := range choices {
		one, err := m.Score(ctx, prefix, [][]int32{c})
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, one...)
	}
	// On a busy machine choices may come one by one, and then share nothing: not every time.
	passes, most := 0, len(choices)*3/4
	for range 20 {
		before := m.Stats().Rows.Count()
		got, err := m.Score(ctx, prefix, choices)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%v, one by one %v", got, want)
		}
		if passes = int(m.Stats().Rows.Count() - before); m.Stats().MovedOut > 0 || passes <= most {
			break
		}
	}
	if m.Stats().MovedOut == 0 && passes > most {
		t.Errorf("%d choices took %d passes in the last of 20 times, want %d at most", len(choices), passes, most)
	}
	choices[20] = []int32{-1}
	if _, err := m.Score(ctx, prefix, choices); err == nil {
		t.Error("a choice of a token that there is not is no error")
	}
}

// A choice is as likely as its tokens are one by one, and the prefix is read once.
func TestScore(t *testing.T) {
	m := open(t, Options{})
	ctx := context.Background()
	encode := func(text string) []int32 {
		ids, err := m.Encode(text)
		if err != nil {
			t.Fatal(err)
		}
		return ids
	}
	prefix := encode(romeo)
	s := session(t, m)
	greedy := []int32{}
	for x, err := range s.Generate(ctx, romeo, &GenerateOptions{MaxTokens: 6, EOS: []int32{}}) {
		if err != nil {
			t.Fatal(err)
		}
		greedy = append(greedy, x.ID)
	}
	choices := [][]int32{greedy, encode("It is the east"), {}, {5}}
	before := m.Stats().Read
	got, err := m.Score(ctx, prefix, choices)
	if err != nil {
		t.Fatal(err)
	}
	read := int(m.Stats().Read - before)
	if want := len(prefix) - 1 + len(greedy) + len(choices[1]) + 1; read != want {
		t.Errorf("%d tokens were read, want %d", read, want)
	}
	for i, ids := range choices {
		one := session(t, m)
		logits, err := one.Step(ctx, prefix...)
		if err != nil {
			t.Fatal(err)
		}
		want := 0.0
		for _, id := range ids {
			top, rest := softmax.LogSum(logits)
			want += float64(logits[id]) - top - rest
			if logits, err = one.Step(ctx, id); err != nil {
				t.Fatal(err)
			}
		}
		if math.Abs(got[i].LogProb-want) > 1e-3 || got[i].Greedy != (i == 0 || i == 2) {
			t.Errorf("choice %d is %+v, want %v", i, got[i], want)
		}
	}
	if _, err := m.Score(ctx, nil, choices); !errors.Is(err, ErrEmpty) {
		t.Errorf("of no prefix: %v", err)
	}
}

// A loop of Steps reads each token once, and the session goes on from there either way.
func TestStep(t *testing.T) {
	m := open(t, Options{Engine: engine.Options{Chunk: 8}})
	ctx := context.Background()
	ids, err := m.Encode(romeo)
	if err != nil {
		t.Fatal(err)
	}
	s, whole := session(t, m), session(t, m)
	before := m.Stats().Read
	if _, err := s.Step(ctx, ids[:11]...); err != nil { // more than a chunk
		t.Fatal(err)
	}
	var logits []float32
	for _, id := range ids[11:] {
		if logits, err = s.Step(ctx, id); err != nil {
			t.Fatal(err)
		}
	}
	if read := int(m.Stats().Read - before); read != len(ids) {
		t.Errorf("%d tokens were read for %d", read, len(ids))
	}
	if err := whole.Append(ids...); err != nil {
		t.Fatal(err)
	}
	want, err := whole.Logits(ctx)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "logits", logits, want)
	before = m.Stats().Read
	again, err := s.Logits(ctx)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "logits again", again, want)
	if read := m.Stats().Read - before; read != 1 {
		t.Errorf("%d tokens were read again, want 1", read)
	}
	if got, want := text(t, s, "", 8), text(t, whole, "", 8); got != want {
		t.Errorf("it goes on with %q, want %q", got, want)
	}
	if _, err := session(t, m).Step(ctx); !errors.Is(err, ErrEmpty) {
		t.Errorf("of nothing: %v", err)
	}
}

// What is asked about some rows and layers is what is asked about all.
func TestForwardOfSome(t *testing.T) {
	m := open(t, Options{Engine: engine.Options{Chunk: 16}})
	ctx := context.Background()
	ids, err := m.Encode(romeo + romeo)
	if err != nil {
		t.Fatal(err)
	}
	last := m.Config().NumHiddenLayers
	all, err := session(t, m).Forward(ctx, ids, ForwardOptions{AllLogits: true, Hidden: true})
	if err != nil {
		t.Fatal(err)
	}
	size := m.Config().HiddenSize
	for _, rows := range [][]int{{0}, {len(ids) - 1}, {3, 4, 5, 21, len(ids) - 2}, {2, len(ids) - 1}} {
		for _, layers := range [][]int{{last}, {1, 0}} {
			s := session(t, m)
			some, err := s.Forward(ctx, ids, ForwardOptions{AllLogits: true, Hidden: true, Rows: rows, Layers: layers})
			if err != nil {
				t.Fatal(err)
			}
			if len(some.Logits) != len(rows) || len(some.Hidden) != len(layers) {
				t.Fatalf("%d rows of logits, %d layers", len(some.Logits), len(some.Hidden))
			}
			for i, r := range rows {
				same(t, "logits", some.Logits[i], all.Logits[r])
				for j, l := range layers {
					same(t, "hidden", some.Hidden[j][i*size:][:size], all.Hidden[l][r*size:][:size])
				}
			}
			logits, err := s.Logits(ctx)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "logits of the last", logits, all.Logits[len(ids)-1])
		}
	}
	for _, o := range []ForwardOptions{{Rows: []int{-1}}, {Rows: []int{len(ids)}}, {Rows: []int{2, 2}},
		{Layers: []int{last + 1}}, {Layers: []int{-1}}} {
		s := session(t, m)
		if _, err := s.Forward(ctx, ids, o); err == nil || len(s.Tokens()) > 0 {
			t.Errorf("%+v: %v, and the text has %d tokens", o, err, len(s.Tokens()))
		}
	}
}

func same(t *testing.T, what string, got, want []float32) {
	t.Helper()
	if slices.Equal(got, want) {
		return
	}
	for i := range want {
		if d := math.Abs(float64(got[i] - want[i])); !(d <= 1e-4*math.Max(1, math.Abs(float64(want[i])))) {
			t.Fatalf("%s: element %d is %v, want %v", what, i, got[i], want[i])
		}
	}
}
