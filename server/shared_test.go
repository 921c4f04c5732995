package server

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"falconmamba/engine"
	"falconmamba/engine/statecache/storetest"
	"falconmamba/text/chat"
)

// pair serves the model twice, with responses that both know, and states where they are shared too.
func pair(t *testing.T, states bool) (responses *storetest.Memory, urls [2]string) {
	t.Helper()
	var e engine.Options
	if states {
		e.Cache = engine.CacheOptions{Store: storetest.NewMemory(), Durable: engine.DurableTurn}
	}
	responses = storetest.NewMemory()
	for i := range urls {
		_, urls[i] = serve(t, e, Options{Store: responses})
	}
	return responses, urls
}

// A conversation goes on on any server, whichever the turn before was on: with the states too nothing is read
// but what is new.
func TestResponsesAreShared(t *testing.T) {
	for _, states := range []bool{false, true} {
		_, urls := pair(t, states)
		_, alone := serve(t, engine.Options{}, Options{})
		previous, same, before := "", "", 0
		for turn := range 6 {
			body := func(from string) string {
				if from != "" {
					from = `,"previous_response_id":"` + from + `"`
				}
				return fmt.Sprintf(`{"input":"What is number %d?","max_output_tokens":30,"seed":%d%s}`, turn, turn, from)
			}
			r := read[responseAnswer](t, post(t, urls[turn%2]+"/v1/responses", body(previous)))
			want := read[responseAnswer](t, post(t, alone+"/v1/responses", body(same)))
			if r.text() != want.text() || r.Usage.Input != want.Usage.Input {
				t.Fatalf("turn %d: %q of %d tokens, want %q of %d", turn, r.text(), r.Usage.Input, want.text(), want.Usage.Input)
			}
			if states && turn > 0 && r.Usage.Details.Cached != before-1 {
				t.Errorf("turn %d: %d tokens are known of %d", turn, r.Usage.Details.Cached, before)
			}
			previous, same, before = r.ID, want.ID, r.Usage.Total
		}
		if again := read[responseAnswer](t, get(t, urls[0]+"/v1/responses/"+previous)); again.Usage.Total != before {
			t.Errorf("%+v", again)
		}
		// What a client removes at one is gone at the other, which had it on its own shelf.
		if a := send(t, "DELETE", urls[0]+"/v1/responses/"+previous, ""); a.status != 200 {
			t.Errorf("%d, %s", a.status, a.body)
		}
		for _, url := range urls {
			refused(t, get(t, url+"/v1/responses/"+previous), 404, "id", "not_found", previous)
			refused(t, send(t, "DELETE", url+"/v1/responses/"+previous, ""), 404, "id", "not_found", previous)
		}
	}
}

// A store that fails, or has lost or damaged what it had, costs no more than that others do not know a response.
func TestStoreOfResponsesFails(t *testing.T) {
	responses, urls := pair(t, false)
	ask := func(url, from string) answer {
		return post(t, url+"/v1/responses", `{"input":"And?","max_output_tokens":5,"previous_response_id":"`+from+`"}`)
	}
	first := func() string {
		return read[responseAnswer](t, post(t, urls[0]+"/v1/responses", `{"input":"Who?","max_output_tokens":5}`)).ID
	}
	broken := func() error { return errors.New("no route to host") }
	responses.Puts(broken)
	id := first()
	read[responseAnswer](t, ask(urls[0], id))
	refused(t, ask(urls[1], id), 400, "previous_response_id", "previous_response_not_found", id)
	if text := string(get(t, urls[0]+"/metrics").body); !strings.Contains(text, "store_responses_failed_total 2\n") {
		t.Errorf("the failures are not counted: %s", text)
	}
	refused(t, send(t, "DELETE", urls[0]+"/v1/responses/"+first(), ""), 503, "", "store_unavailable", "later")
	responses.Puts(nil)
	id = first()
	responses.Gets(broken)
	read[responseAnswer](t, ask(urls[0], id))
	refused(t, ask(urls[1], id), 400, "previous_response_id", "previous_response_not_found", id)
	responses.Gets(nil)
	read[responseAnswer](t, ask(urls[1], id))
	for _, damage := range []func([]byte) []byte{
		func(v []byte) []byte { return v[:len(v)/2] },
		func([]byte) []byte { return nil },
		func([]byte) []byte { return []byte("{}") },
		func([]byte) []byte { return []byte(`{"version":2}`) },
	} {
		id = first()
		responses.Each(damage)
		read[responseAnswer](t, ask(urls[0], id))
		refused(t, ask(urls[1], id), 400, "previous_response_id", "previous_response_not_found", id)
	}
}

// What is shared comes back as it was, calls of functions too; tokens of another model do not.
func TestSharedForm(t *testing.T) {
	s, _ := serve(t, engine.Options{}, Options{})
	k := newKept([]byte(`{"a":"<b>"}`), []chat.Message{{Role: "user", Content: "<&>\u2028é"},
		{Role: "assistant", Fields: map[string]any{"tool_calls": []any{callOf("a", "f", `{"z":"<1>","a":[1.50,2e9]}`),
			callOf("b", "g", "no JSON")}}},
		{Role: "tool", Content: "x", Fields: map[string]any{"tool_call_id": "a", "name": "f"}}}, "the head", []int32{0, 5, 300})
	data, err := s.shared(k)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.unshared(data)
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprintf("%#v", got.messages) != fmt.Sprintf("%#v", k.messages) || string(got.body) != string(k.body) ||
		fmt.Sprint(got.ids) != fmt.Sprint(k.ids) || got.head != k.head || got.headSize != k.headSize {
		t.Errorf("%+v, want %+v", got, k)
	}
	print, err := s.m.Fingerprint()
	if err != nil {
		t.Fatal(err)
	}
	other, err := s.unshared([]byte(strings.Replace(string(data), print, "another", 1)))
	if err != nil || other.ids != nil || len(other.messages) != 3 {
		t.Errorf("of another model: %+v, %v", other, err)
	}
}
