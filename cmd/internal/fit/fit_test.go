package fit

import (
	"testing"

	"falconmamba/backend"
	"falconmamba/checkpoint"
)

const gib = 1 << 30

// What the measured table of docs/hardware.md says of the 7B.
func TestChoicesOfThe7B(t *testing.T) {
	c, err := checkpoint.Preset("7b")
	if err != nil {
		t.Fatal(err)
	}
	choices, err := ChoicesOf(c, backend.BF16)
	if err != nil {
		t.Fatal(err)
	}
	measured := map[string]float64{"": 14.2, "q8_0": 7.5, "q6_K": 5.9, "q4_K": 4.3}
	if len(choices) != len(measured) {
		t.Fatalf("choices %+v", choices)
	}
	for _, choice := range choices {
		want, ok := measured[choice.Quant]
		if got := float64(choice.Need) / gib; !ok || got < want-0.05 || got > 1.1*want {
			t.Errorf("%q needs %.2f GiB, measured were %.1f", choice.Quant, got, want)
		}
	}
	for memory, want := range map[int64]string{4 * gib: "none", 6 * gib: "q4_K", 8 * gib: "q8_0", 24 * gib: ""} {
		best, ok := Best(choices, backend.Info{MemoryFree: memory})
		if ok != (want != "none") || ok && best.Quant != want {
			t.Errorf("with %d GiB free: %q, %v, want %q", memory/gib, best.Quant, ok, want)
		}
	}
}

func TestVerdicts(t *testing.T) {
	stored, packed := Choice{Need: 14 * gib}, Choice{Quant: "q4_K", Need: 5 * gib}
	host := backend.Info{Class: backend.Host, MemoryFree: 4 * gib}
	for _, v := range []struct {
		choice Choice
		info   backend.Info
		mapped bool
		want   Verdict
	}{
		{stored, host, true, Mapped}, {stored, host, false, No}, {packed, host, true, No},
		{stored, backend.Info{}, true, Unknown}, {packed, backend.Info{MemoryTotal: 5 * gib}, false, Yes},
		{stored, backend.Info{Class: backend.Discrete, MemoryFree: 13 * gib}, true, No},
	} {
		if got := v.choice.On(v.info, v.mapped); got != v.want {
			t.Errorf("%+v on %+v: %v, want %v", v.choice, v.info, got, v.want)
		}
	}
}
