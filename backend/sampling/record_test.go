package sampling

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestValidate(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, c := range []struct {
		p    Params
		want string // start of the error; "" is none
	}{
		{Params{}, ""},
		{Params{Temperature: 0.7, TopK: 40, TopP: 0.9, MinP: 0.05, RepetitionPenalty: 1.1, RepeatLastN: 64,
			Seed: 1 << 63}, ""},
		{Params{PresencePenalty: -2, FrequencyPenalty: 2}, ""},
		{Params{TopP: 1, MinP: 1, RepetitionPenalty: 1}, ""},
		{Params{Temperature: -1}, "temperature -1: want 0"},
		{Params{Temperature: nan}, "temperature NaN"},
		{Params{Temperature: inf}, "temperature +Inf"},
		{Params{TopK: -1}, "top_k -1: want 0 (off)"},
		{Params{TopP: -0.1}, "top_p -0.1: want 0 to 1"},
		{Params{TopP: 1.5}, "top_p 1.5"},
		{Params{TopP: nan}, "top_p NaN"},
		{Params{MinP: -0.1}, "min_p -0.1"},
		{Params{MinP: 1.01}, "min_p 1.01"},
		{Params{MinP: nan}, "min_p NaN"},
		{Params{RepetitionPenalty: -2}, "repetition_penalty -2"},
		{Params{RepetitionPenalty: nan}, "repetition_penalty NaN"},
		{Params{RepetitionPenalty: inf}, "repetition_penalty +Inf"},
		{Params{RepetitionPenalty: 1e-9}, "repetition_penalty 1e-09"},
		{Params{PresencePenalty: 2.1}, "presence_penalty 2.1: want -2 to 2"},
		{Params{PresencePenalty: nan}, "presence_penalty NaN"},
		{Params{FrequencyPenalty: -2.1}, "frequency_penalty -2.1"},
		{Params{FrequencyPenalty: inf}, "frequency_penalty +Inf"},
		{Params{RepeatLastN: -1}, "repeat_last_n -1"},
		{Params{RepeatLastN: MaxWindow + 1}, "repeat_last_n 1048577"},
	} {
		got := ""
		if err := c.p.Validate(); err != nil {
			got = err.Error()
		}
		if (got == "") != (c.want == "") || !strings.HasPrefix(got, c.want) {
			t.Errorf("%+v: got %q, want %q", c.p, got, c.want)
		}
	}
}

func TestEncode(t *testing.T) {
	p := Params{Temperature: 0.5, TopK: 40, TopP: 0.75, MinP: 0.25, RepetitionPenalty: 2, RepeatLastN: 64,
		PresencePenalty: -0.5, FrequencyPenalty: 1.5, Seed: 0x0123456789abcdef}
	got, err := Encode(p, 7, 100, []int32{11, 3})
	if err != nil {
		t.Fatal(err)
	}
	want := Record{
		0x3f000000, 40, 0x3f400000, 0x3e800000, 0x40000000, 64, 0x89abcdef, 0x01234567,
		7, 100, 2, math.Float32bits(2 * math.Log2E), 0x3f000000, 0xc0000000, 0x20000000, 0,
		11, 3, 32: 0xbf000000, 33: 0x3fc00000,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("record (-want +got):\n%s", d)
	}
	gotP, step, limit, eos, err := Decode(got)
	if err != nil || gotP != p || step != 7 || limit != 100 || !cmp.Equal(eos, []int32{11, 3}) {
		t.Errorf("Decode = %+v, %d, %d, %v, %v", gotP, step, limit, eos, err)
	}
}

func TestEncodeOff(t *testing.T) {
	negative := float32(math.Copysign(0, -1))
	a, errA := Encode(Params{}, 0, 0, nil)
	b, errB := Encode(Params{Temperature: negative, TopP: 1, MinP: negative, RepetitionPenalty: 1,
		PresencePenalty: -0x1p-101, FrequencyPenalty: negative}, 0, 0, nil)
	if errA != nil || errB != nil || a != b {
		t.Errorf("two ways of off differ: %x (%v) and %x (%v)", a, errA, b, errB)
	}
	if a[WordScale] != 0 || a[WordTopPFraction] != 0 || a[WordMinWeight] != 0 {
		t.Errorf("off is not 0: %x", a)
	}
	tiny, err := Encode(Params{Temperature: 1, TopP: 1e-30, MinP: 1e-30}, 0, 0, nil)
	if err != nil || tiny[WordTopPFraction] != 1 || tiny[WordMinWeight] != 1 {
		t.Errorf("tiny top_p and min_p: %x, %v", tiny, err)
	}
}

// Who asks for a top_p of 0 gets the most probable token; who asks for none, all.
func TestSetTopP(t *testing.T) {
	for mass, want := range map[float64]uint32{0: 1, 1e-60: 1, 1e-9: 4, 0.5: 1 << 31, 1: 0} {
		p := Params{Temperature: 1}
		p.SetTopP(mass)
		if r, err := Encode(p, 0, 0, nil); err != nil || r[WordTopPFraction] != want {
			t.Errorf("top_p %g: a fraction of %d (%v), want %d", mass, r[WordTopPFraction], err, want)
		}
	}
	for _, mass := range []float64{-1, -1e-30, 1.5, math.NaN()} {
		var p Params
		if p.SetTopP(mass); p.Validate() == nil {
			t.Errorf("top_p %g is taken", mass)
		}
	}
}

func TestEncodeErrors(t *testing.T) {
	for _, c := range []struct {
		p    Params
		eos  []int32
		want string
	}{
		{Params{Temperature: -1}, nil, "temperature -1"},
		{Params{}, make([]int32, 17), "17 eos ids: want at most 16"},
		{Params{}, []int32{1, -1}, "eos id -1"},
	} {
		if _, err := Encode(c.p, 0, 0, c.eos); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("Encode(%+v, eos %v): %v, want %q", c.p, c.eos, err, c.want)
		}
	}
}

// What Decode takes, Encode gives back.
func FuzzDecode(f *testing.F) {
	for _, p := range []Params{{}, {Temperature: 0.7, TopK: 40, TopP: 0.9, MinP: 0.1, RepetitionPenalty: 1.1,
		RepeatLastN: 64, Seed: 1}, {PresencePenalty: 1, FrequencyPenalty: -1}} {
		r, err := Encode(p, 3, 9, []int32{0, 11})
		if err != nil {
			f.Fatal(err)
		}
		b := make([]byte, 0, 4*RecordWords)
		for _, w := range r {
			b = binary.LittleEndian.AppendUint32(b, w)
		}
		f.Add(b)
		b[4*WordEOSCount] = 200
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var r Record
		for i := range r {
			if len(b) >= 4*i+4 {
				r[i] = binary.LittleEndian.Uint32(b[4*i:])
			}
		}
		var p Picker
		p.Pick([]float32{1, 2, 3}, []int32{0, 1, 0}, &r) // any words: no panic
		Advance(&r, make([]int32, 3), []int32{-1, 7}, 1)

		params, step, limit, eos, err := Decode(r)
		if err != nil {
			return
		}
		again, err := Encode(params, step, limit, eos)
		if err != nil || again != r {
			t.Errorf("Encode(Decode(%x)) = %x, %v", r, again, err)
		}
	})
}

func TestStopped(t *testing.T) {
	r, err := Encode(Params{}, 3, 5, []int32{11, 0})
	if err != nil {
		t.Fatal(err)
	}
	counts := make([]int32, 12)
	for i, c := range []struct {
		id   int32
		want bool
	}{{4, false}, {4, true}, {4, true}} { // steps 4, 5, 6
		if got := Advance(&r, counts, nil, c.id); got != c.want {
			t.Errorf("token %d: stop %v, want %v", i, got, c.want)
		}
	}
	r[WordStep], r[WordLimit] = 0, 0
	for id, want := range map[int32]bool{11: true, 0: true, 1: false} {
		if got := Advance(&r, nil, nil, id); got != want {
			t.Errorf("id %d: stop %v, want %v", id, got, want)
		}
	}
}

// Counts after any history are those of its last n tokens, whichever part was
// loaded and whichever advanced.
func TestWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const vocab = 6
		window := rapid.IntRange(0, 7).Draw(t, "window")
		history := rapid.SliceOfN(rapid.Int32Range(0, vocab-1), 0, 30).Draw(t, "history")
		loaded := rapid.IntRange(0, len(history)).Draw(t, "loaded")
		step := rapid.Uint32Range(0, 100).Draw(t, "step")
		r, err := Encode(Params{RepetitionPenalty: 1.5, RepeatLastN: window}, step, 0, nil)
		if err != nil {
			t.Fatal(err)
		}
		counts, ring := make([]int32, vocab), make([]int32, 9)
		counts[1] = 99 // of the slot's last owner
		if err := Load(counts, ring, history[:loaded], window, step); err != nil {
			t.Fatal(err)
		}
		s, err := NewSampler(Params{RepetitionPenalty: 1.5, RepeatLastN: window}, vocab)
		if err != nil {
			t.Fatal(err)
		}
		for i, id := range history {
			if i >= loaded {
				Advance(&r, counts, ring, id)
			}
			if err := s.Accept(id); err != nil {
				t.Fatal(err)
			}
		}
		want := make([]int32, vocab)
		tail := history
		if window > 0 {
			tail = history[max(0, len(history)-window):]
		}
		for _, id := range tail {
			want[id]++
		}
		if d := cmp.Diff(want, counts); d != "" {
			t.Errorf("slot's counts (-want +got):\n%s", d)
		}
		if d := cmp.Diff(want, s.counts); d != "" {
			t.Errorf("sampler's counts (-want +got):\n%s", d)
		}
		if got, want := r[WordStep], step+uint32(len(history)-loaded); got != want {
			t.Errorf("step %d, want %d", got, want)
		}
	})
}

func TestLoadErrors(t *testing.T) {
	if err := Load(make([]int32, 4), nil, []int32{1, 4}, 0, 0); err == nil {
		t.Error("a token outside the vocabulary was taken")
	}
	if err := Load(make([]int32, 4), make([]int32, 2), nil, 3, 0); err == nil {
		t.Error("a ring shorter than the window was taken")
	}
}
