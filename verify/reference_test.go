package verify

import (
	"testing"

	"falconmamba/checkpoint"
)

func TestReference(t *testing.T) {
	big, err := checkpoint.Preset("130m")
	if err != nil {
		t.Fatal(err)
	}
	ck, err := checkpoint.Open("../checkpoint/tiny", checkpoint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer ck.Close()
	for _, c := range []struct {
		cfg    *checkpoint.Config
		tokens int
		want   string
	}{{ck.Config(), 300, "ref"}, {ck.Config(), 1 << 20, "cpu"}, {big, 96, "cpu"}} {
		if got := Reference(c.cfg, c.tokens); got != c.want {
			t.Errorf("%d parameters and %d tokens are compared with %s, want %s",
				c.cfg.Parameters(), c.tokens, got, c.want)
		}
	}
}
