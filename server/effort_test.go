package server

import (
	"fmt"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"falconmamba/engine"
)

// serveCounted answers a request in this goroutine, and counts what is allocated.
func serveCounted(s *Server, path, body string, w *sizes) (allocations int) {
	r := httptest.NewRequest("POST", path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	s.ServeHTTP(w, r)
	runtime.ReadMemStats(&after)
	return int(after.Mallocs - before.Mallocs)
}

// sizes takes an answer and keeps how large its writes are.
type sizes struct {
	*httptest.ResponseRecorder
	largest, writes int
}

func (w *sizes) Write(p []byte) (int, error) {
	w.largest, w.writes = max(w.largest, len(p)), w.writes+1
	return w.ResponseRecorder.Write(p)
}

// More functions than a request may have are refused before any is looked at closely.
func TestManyToolsAreRefusedAtOnce(t *testing.T) {
	const n = 20_000
	s, _ := serve(t, engine.Options{}, Options{})
	parameters := `{"type":"object","properties":{"a":{"type":"string"},"b":{"enum":[1,2,3]},"c":{"pattern":"x+"}}}`
	list := func(format string) string {
		all := make([]string, n)
		for i := range all {
			all[i] = fmt.Sprintf(format, i, parameters)
		}
		return strings.Join(all, ",")
	}
	nested := list(`{"type":"function","function":{"name":"f%d","parameters":%s}}`)
	for path, body := range map[string]string{
		"/v1/chat/completions": `{"messages":[{"role":"user","content":"x"}],"tools":[` + nested + `]}`,
		"/api/chat":            `{"model":"falcon-mamba","messages":[{"role":"user","content":"x"}],"tools":[` + nested + `]}`,
		"/v1/responses":        `{"input":"x","tools":[` + list(`{"type":"function","name":"f%d","parameters":%s}`) + `]}`,
		"/v1/messages": `{"model":"falcon-mamba","max_tokens":1,"messages":[{"role":"user","content":"x"}],"tools":[` +
			list(`{"name":"f%d","input_schema":%s}`) + `]}`,
	} {
		w := &sizes{ResponseRecorder: httptest.NewRecorder()}
		allocations := serveCounted(s, path, body, w)
		if w.Code != 400 || !strings.Contains(w.Body.String(), "tools has 20000 functions: want at most 128") {
			t.Errorf("%s: %d %.200s", path, w.Code, w.Body)
		}
		if allocations > 3*n { // a list of raw ones takes one for each
			t.Errorf("%s: %d functions took %d allocations: each was read", path, n, allocations)
		}
	}
}

// The pieces of a long text are written as they are made.
func TestPiecesAreWrittenAsTheyAreMade(t *testing.T) {
	s, _ := serve(t, engine.Options{}, Options{})
	w := &sizes{ResponseRecorder: httptest.NewRecorder()}
	const n = 1 << 19
	allocations := serveCounted(s, "/tokenize", `{"with_pieces":true,"content":"`+strings.Repeat("é x ", n/4)+`"}`, w)
	if w.Code != 200 || w.Body.Len() < 4*n {
		t.Fatalf("%d, %d bytes", w.Code, w.Body.Len())
	}
	if w.largest > 1<<17 || w.writes < 10 {
		t.Errorf("%d bytes came in %d writes of up to %d bytes", w.Body.Len(), w.writes, w.largest)
	}
	if allocations > 10_000 {
		t.Errorf("a text of %d characters took %d allocations: some for every token", n, allocations)
	}
}
