package nearest

import (
	"strings"
	"testing"
)

func TestName(t *testing.T) {
	names := []string{"model", "prompt", "backend", "temp", "top-k", "世界"}
	for typed, want := range map[string]string{"modle": "model", "mdel": "model", "promptt": "prompt", "bakcend": "backend",
		"tmep": "temp", "top_k": "top-k", "x": "", "zebra": "", "": "", "model": "", strings.Repeat("model", 100): "",
		"tempo": "temp"} {
		if got := Name(typed, names); got != want {
			t.Errorf("%.20s: %q, want %q", typed, got, want)
		}
	}
	if got := Did("--", "modle", names); got != "; did you mean --model?" {
		t.Errorf("%q", got)
	}
}
