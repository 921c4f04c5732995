package main

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"

	"falconmamba"
	"falconmamba/checkpoint/tiny"
	"falconmamba/cmd/internal/cli"
	"falconmamba/server"
)

// A server is measured as the model of this process is.
func TestLoadURL(t *testing.T) {
	m, err := falconmamba.OpenFS(context.Background(), tiny.FS(), &falconmamba.Options{Backend: "cpu"})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	s, err := server.New(m, server.Options{Name: "served", Keys: []string{"secret"}})
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(s)
	defer h.Close()
	t.Setenv("FM_API_KEY", "secret")
	url := h.URL + "/v1"
	all := rows(t, cli.OK, "load", "--url", url, "-c", "1,2", "-n", "3", "--prompt", "4", "--tokens", "5")
	for _, key := range []string{"model", "backend", "clients", "requests", "written_per_s", "first_p50", "between_p50"} {
		got := column(all, "load", key)
		want := map[string]any{"model": "served", "backend": url, "requests": 3.0}[key]
		if len(got) != 2 || got[1] == nil || want != nil && got[1] != want {
			t.Errorf("%s is %v, want %v", key, got, want)
		}
	}
	for args, want := range map[string]string{
		"--quant q4_0": "--quant: of no use with --url", "-m other": "404",
	} {
		o := fmbench(t, "", append([]string{"load", "--url", url, "-n", "1"}, strings.Fields(args)...)...)
		if o.status == cli.OK || !strings.Contains(o.stderr, want) || strings.Count(o.stderr, "\n") != 1 {
			t.Errorf("%s: status %d, %q, want %q", args, o.status, o.stderr, want)
		}
	}
	t.Setenv("FM_API_KEY", "wrong")
	if o := fmbench(t, "", "load", "--url", url); o.status != cli.Failed || !strings.Contains(o.stderr, "401") {
		t.Errorf("with a wrong key: status %d, %q", o.status, o.stderr)
	}
}
