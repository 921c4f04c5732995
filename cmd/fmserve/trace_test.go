package main

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// A collector keeps the spans that it is sent, by name.
type collector struct {
	mu       sync.Mutex
	spans    map[string]otlpSpan
	resource []otlpAttribute
	headers  http.Header
	refuse   int // requests that it has no time for
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var in otlpTraces
	body, _ := io.ReadAll(r.Body)
	if err := json.Unmarshal(body, &in); err != nil || r.URL.Path != "/v1/traces" {
		http.Error(w, "no traces", http.StatusBadRequest)
		return
	}
	if c.refuse > 0 {
		c.refuse--
		http.Error(w, "later", http.StatusServiceUnavailable)
		return
	}
	c.headers = r.Header
	for _, res := range in.Resources {
		c.resource = res.Resource.Attributes
		for _, s := range res.Scopes {
			for _, span := range s.Spans {
				c.spans[span.Name] = span
			}
		}
	}
	_, _ = io.WriteString(w, "{}")
}

// has returns what an attribute is as text, "" where it is not there.
func has(all []otlpAttribute, key string) string {
	for _, a := range all {
		if a.Key == key {
			text, _ := json.Marshal(a.Value)
			return string(text)
		}
	}
	return ""
}

// A request is a span of its client's trace, with its parts below it and no word of its text.
func TestTraces(t *testing.T) {
	c := &collector{spans: map[string]otlpSpan{}, refuse: 1}
	h := httptest.NewServer(c)
	defer h.Close()
	for name, value := range map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": h.URL, "OTEL_SERVICE_NAME": "bard",
		"OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=test", "OTEL_EXPORTER_OTLP_HEADERS": "x-tenant=a%20b",
		"OTEL_BSP_SCHEDULE_DELAY": "60000"} {
		t.Setenv(name, value)
	}
	url, _, stop := start(t)
	ask := func(path, body string) {
		r, err := http.NewRequest("POST", url+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
		a, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, a.Body)
		a.Body.Close()
	}
	ask("/chat/completions", `{"messages":[{"role":"user","content":"Wherefore"}],"max_tokens":7,"temperature":0.5}`)
	ask("/completions", `{"prompt":7.5}`)
	if status := stop(); status != 0 {
		t.Errorf("status %d", status)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	root, ok := c.spans["chat tiny-shakespeare"]
	if !ok || root.Trace != "0af7651916cd43dd8448eb211c80319c" || root.Parent != "b7ad6b7169203331" || root.Kind != 2 {
		t.Fatalf("%+v of %d spans", root, len(c.spans))
	}
	for key, want := range map[string]string{"gen_ai.operation.name": `{"stringValue":"chat"}`,
		"gen_ai.request.model": `{"stringValue":"tiny-shakespeare"}`, "gen_ai.usage.output_tokens": `{"intValue":"7"}`,
		"gen_ai.request.max_tokens": `{"intValue":"7"}`, "gen_ai.request.temperature": `{"doubleValue":0.5}`,
		"gen_ai.response.finish_reasons": `{"arrayValue":{"values":[{"stringValue":"length"}]}}`,
		"http.response.status_code":      `{"intValue":"200"}`, "http.route": `{"stringValue":"/v1/chat/completions"}`} {
		if got := has(root.Attributes, key); got != want {
			t.Errorf("%s is %s, want %s", key, got, want)
		}
	}
	at := func(nano string) int64 {
		n, err := strconv.ParseInt(nano, 10, 64)
		if err != nil {
			t.Error(err)
		}
		return n
	}
	before := at(root.Start)
	for _, name := range []string{"queue", "prompt", "writing"} {
		s, ok := c.spans[name]
		if !ok || s.Trace != root.Trace || s.Parent != root.ID || at(s.Start) < before || at(s.End) < at(s.Start) ||
			at(s.End) > at(root.End) {
			t.Errorf("%s: %+v in %+v", name, s, root)
		}
		before = at(s.End)
	}
	bad := c.spans["text_completion tiny-shakespeare"]
	if has(bad.Attributes, "error.type") != `{"stringValue":"invalid_type"}` || bad.Status.Code != 0 {
		t.Errorf("a request that is wrong: %+v", bad)
	}
	if has(c.resource, "service.name") != `{"stringValue":"bard"}` || c.headers.Get("X-Tenant") != "a b" ||
		has(c.resource, "deployment.environment.name") == "" {
		t.Errorf("%+v, %v", c.resource, c.headers)
	}
	text, _ := json.Marshal(c.spans)
	if bytes.Contains(text, []byte("Wherefore")) {
		t.Error("a text is in a span")
	}
}

// There are no traces unless they are wanted, and what cannot be is told at once.
func TestTracesAreAskedFor(t *testing.T) {
	for _, x := range []struct {
		env  map[string]string
		want bool
		bad  string
	}{
		{nil, false, ""},
		{map[string]string{"OTEL_TRACES_EXPORTER": "otlp"}, true, ""},
		{map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://h:4318"}, true, ""},
		{map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://h:4318", "OTEL_TRACES_EXPORTER": "none"}, false, ""},
		{map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://h:4318", "OTEL_SDK_DISABLED": "true"}, false, ""},
		{map[string]string{"OTEL_TRACES_EXPORTER": "zipkin"}, false, "zipkin"},
		{map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "h:4318"}, false, "ENDPOINT"},
		{map[string]string{"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, false, "grpc"},
		{map[string]string{"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_TIMEOUT": "1s"}, false, "milliseconds"},
	} {
		t.Run("", func(t *testing.T) {
			for name, value := range x.env {
				t.Setenv(name, value)
			}
			tell, end, err := startTraces(t.Context(), "devel", slog.New(slog.DiscardHandler))
			if (tell != nil) != x.want || (err != nil) != (x.bad != "") ||
				err != nil && !strings.Contains(err.Error(), x.bad) {
				t.Errorf("%v: %v, %v", x.env, tell != nil, err)
			}
			if err := end(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}
