package server

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"falconmamba/engine"
)

// A stream that ends with an error tells it as its API does, and then nothing.
func TestLateErrors(t *testing.T) {
	const hello = `"messages":[{"role":"user","content":"x"}],`
	const why = `the server is shutting down[^"]*`
	for path, c := range map[string]struct{ body, want string }{
		"/v1/chat/completions": {`{` + hello + `"max_tokens":4000,"ignore_eos":true,"stream":true}`,
			`\ndata: {"error":{"message":"` + why + `","type":"server_error","param":null,"code":"service_unavailable"}}\n\n$`},
		"/v1/messages": {`{` + hello + `"max_tokens":4000,"ignore_eos":true,"stream":true}`,
			`\nevent: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"` + why + `","details":{.*},` +
				`"request_id":"req_\w*"}\n\n$`},
		"/v1/responses": {`{"input":"x","max_output_tokens":4000,"ignore_eos":true,"stream":true}`,
			`\nevent: response.failed\ndata: {"type":"response.failed","sequence_number":\d+,"response":{.*"status":"failed",.*` +
				`"error":{"code":"server_error","message":"` + why + `"}.*}\n\n$`},
		"/api/chat": {`{` + hello + `"options":{"num_predict":4000,"ignore_eos":true}}`, `(^|\n){"error":"` + why + `"}\n$`},
	} {
		s, url := serve(t, engine.Options{}, Options{})
		r, err := http.Post(url+path, "application/json", strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		lines := bufio.NewReader(r.Body)
		if line, err := lines.ReadString('\n'); err != nil || r.StatusCode != 200 {
			t.Fatalf("%s: %d %q, %v", path, r.StatusCode, line, err)
		}
		s.cut(errDraining)
		rest, err := io.ReadAll(lines)
		if err != nil || !regexp.MustCompile(c.want).Match(rest) {
			t.Errorf("%s: %v, …%s", path, err, rest[max(0, len(rest)-600):])
		}
	}
}

// A header of another API makes no other dialect of a path that is of one.
func TestDialectOfPath(t *testing.T) {
	_, url := serve(t, engine.Options{}, Options{})
	for _, path := range []string{"/v1/chat/completions", "/v1/responses", "/v1/nothing"} {
		a := send(t, "POST", url+path, `{"model":"gone"}`, "Anthropic-Version", anthropicVersion)
		var e errorBody
		if err := json.Unmarshal(a.body, &e); err != nil || e.Error.Code == nil || a.header.Get("X-Request-Id") == "" {
			t.Errorf("%s: %v, %s", path, err, a.body)
		}
	}
}
