package server

import (
	"log/slog"
	"strings"
	"testing"

	"falconmamba/engine"
)

// With keys, who has none hears nothing but that the server is there.
func TestKeys(t *testing.T) {
	_, url := serve(t, engine.Options{}, Options{Keys: []string{"secret", "other"}})
	for _, c := range []struct {
		header, key string
		status      int
		words       string
	}{
		{"", "", 401, "missing"}, {"Bearer wrong", "", 401, "not one"}, {"Bearer ", "", 401, "missing"},
		{"secret", "", 401, "missing"}, {"", "wrong", 401, "not one"}, {"Bearer wrong", "wrong", 401, "not one"},
		{"Bearer secret", "", 200, ""}, {"Bearer other", "", 200, ""}, {"bearer secret", "", 200, ""},
		{"", "secret", 200, ""}, {"Bearer wrong", "other", 200, ""}, {"Bearer other", "wrong", 200, ""},
	} {
		a := send(t, "GET", url+"/v1/models", "", "Authorization", c.header, "X-Api-Key", c.key)
		if c.status == 200 {
			if a.status != 200 {
				t.Errorf("%q, %q: %d", c.header, c.key, a.status)
			}
			continue
		}
		refused(t, a, c.status, "", "invalid_api_key", c.words)
		refused(t, send(t, "GET", url+"/nowhere", "", "Authorization", c.header, "X-Api-Key", c.key), 401, "",
			"invalid_api_key", "")
	}
	if a := get(t, url+"/health"); a.status != 200 {
		t.Errorf("health without a key: %d", a.status)
	}
}

// A page of another site can neither send requests, nor call this machine by its own name; an allowed one can do both.
func TestBrowsers(t *testing.T) {
	_, url := serve(t, engine.Options{}, Options{})
	body := `{"prompt":"x","max_tokens":1}`
	refused(t, send(t, "POST", url+"/v1/completions", body, "Origin", "https://evil.example", "Content-Type", "text/plain"),
		403, "", "forbidden_origin", "origin")
	refused(t, send(t, "POST", url+"/v1/completions", body, "Sec-Fetch-Site", "cross-site"), 403, "", "forbidden_origin", "")
	refused(t, send(t, "GET", url+"/v1/models", "", "Host", "evil.example:80"), 403, "", "forbidden_host", "evil.example")
	if a := send(t, "POST", url+"/v1/completions", body, "Origin", url); a.status != 200 ||
		a.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("its own page: %d, %v", a.status, a.header)
	}
	if a := send(t, "GET", url+"/v1/models", "", "Host", "localhost:1"); a.status != 200 {
		t.Errorf("localhost: %d", a.status)
	}

	const page = "https://chat.example"
	for _, origins := range [][]string{{page}, {"*"}} {
		_, url = serve(t, engine.Options{}, Options{Origins: origins, Hosts: []string{"api.example"}, Keys: nil})
		a := send(t, "POST", url+"/v1/completions", body, "Origin", page, "Sec-Fetch-Site", "cross-site", "Host", "api.example")
		if a.status != 200 || a.header.Get("Access-Control-Allow-Origin") != page || a.header.Get("Vary") != "Origin" {
			t.Errorf("%q: %d, %v", origins, a.status, a.header)
		}
		a = send(t, "OPTIONS", url+"/v1/completions", "", "Origin", page, "Access-Control-Request-Method", "POST",
			"Access-Control-Request-Headers", "authorization,content-type")
		if a.status != 204 || a.header.Get("Access-Control-Allow-Headers") != "authorization,content-type" {
			t.Errorf("%q, beforehand: %d, %v", origins, a.status, a.header)
		}
	}
	_, url = serve(t, engine.Options{}, Options{Origins: []string{page}})
	refused(t, send(t, "POST", url+"/v1/completions", body, "Origin", "https://evil.example"), 403, "", "forbidden_origin", "")
	refused(t, send(t, "OPTIONS", url+"/v1/completions", "", "Origin", "https://evil.example",
		"Access-Control-Request-Method", "POST"), 405, "", "method_not_allowed", "")
	if _, err := New(openModel(t, engine.Options{}), Options{Origins: []string{"chat.example"}}); err == nil {
		t.Error("an origin without a scheme is taken")
	}
}

// The log has each request, and no text unless that is wanted.
func TestLog(t *testing.T) {
	const said = "a secret of Romeo"
	for _, texts := range []bool{false, true} {
		var log strings.Builder
		_, url := serve(t, engine.Options{}, Options{LogTexts: texts,
			Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
		post(t, url+"/v1/completions", `{"prompt":"`+said+`","max_tokens":2}`)
		post(t, url+"/v1/chat/completions", `{"messages":[{"role":"user","content":"`+said+`"}],"max_tokens":2}`)
		post(t, url+"/v1/completions", `{"prompt":"`+said+`","`+said+`":2}`)
		get(t, url+"/"+strings.ReplaceAll(said, " ", "_"))
		got := log.String()
		if strings.Contains(got, said) != texts || strings.Contains(got, "secret_of") {
			t.Errorf("with texts %v: %s", texts, got)
		}
		for _, want := range []string{"path=/v1/completions status=200", "path=/v1/chat/completions status=200", "written=2",
			"status=400", "refused=unknown_parameter", "path=other status=404"} {
			if !strings.Contains(got, want) {
				t.Errorf("no %s in %s", want, got)
			}
		}
	}
}

// Options that no server can be made of are refused.
func TestOptions(t *testing.T) {
	m := openModel(t, engine.Options{})
	for _, o := range []Options{{Keys: []string{""}}, {MaxTokens: -1}, {MaxBody: 10, MaxBodies: 5}, {BodyTime: -1}} {
		if _, err := New(m, o); err == nil {
			t.Errorf("%+v is taken", o)
		}
	}
}
