package server

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"falconmamba/engine"
)

// metrics answers GET /metrics, in Prometheus' text format:
// https://prometheus.io/docs/instrumenting/exposition_formats. Names are those that dashboards for
// vLLM and for llama.cpp's server look for, as far as there is what they say, and the engine's own.
func (c *call) metrics() error {
	text := c.s.exposition()
	c.w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	c.w.limit(c.s.o.WriteTime)
	c.w.WriteHeader(http.StatusOK)
	if _, err := c.w.Write(text); err != nil {
		return errGone
	}
	return nil
}

// A page is a text of metrics.
type page struct {
	bytes.Buffer
	labels string // of each
}

// head begins a metric.
func (p *page) head(name, kind, about string) {
	fmt.Fprintf(p, "# HELP %s %s\n# TYPE %s %s\n", name, about, name, kind)
}

// sample writes a value, with labels as name="value".
func (p *page) sample(name string, v float64, labels ...string) {
	if p.labels != "" {
		labels = append(labels, p.labels)
	}
	if len(labels) > 0 {
		name += "{" + strings.Join(labels, ",") + "}"
	}
	fmt.Fprintf(p, "%s %s\n", name, strconv.FormatFloat(v, 'g', -1, 64))
}

func (p *page) gauge(name, about string, v float64) {
	p.head(name, "gauge", about)
	p.sample(name, v)
}

func (p *page) counter(name, about string, v float64) {
	p.head(name, "counter", about)
	p.sample(name, v)
}

func (p *page) histogram(name, about string, h engine.Histogram) {
	p.head(name, "histogram", about)
	n := uint64(0)
	for i, bound := range h.Bounds {
		n += h.Counts[i]
		p.sample(name+"_bucket", float64(n), fmt.Sprintf("le=%q", strconv.FormatFloat(bound, 'g', 6, 64)))
	}
	p.sample(name+"_bucket", float64(h.Count()), `le="+Inf"`)
	p.sample(name+"_sum", h.Sum)
	p.sample(name+"_count", float64(h.Count()))
}

// label writes a label, its value escaped as the format wants it.
func label(name, value string) string {
	return name + `="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(value) + `"`
}

// exposition returns what there is to tell.
func (s *Server) exposition() []byte {
	st := s.m.Stats()
	states := share(st.Slots.Total-st.Slots.Free, st.Slots.Total)
	p := &page{labels: label("model_name", s.o.Name) + `,engine="0"`}
	p.gauge("vllm:num_requests_running", "Texts that are read or written.", float64(st.Running))
	p.gauge("vllm:num_requests_waiting", "Texts that wait for their turn.", float64(st.Waiting))
	p.gauge("vllm:kv_cache_usage_perc", "Share of the states on the device that are in use; 1 is all.", states)
	p.counter("vllm:prompt_tokens_total", "Tokens read.", float64(st.Read))
	p.counter("vllm:generation_tokens_total", "Tokens written.", float64(st.Written))
	p.counter("vllm:prefix_cache_queries_total", "Tokens of texts, whether they were read or known.",
		float64(st.Read+st.Cache.Reused))
	p.counter("vllm:prefix_cache_hits_total", "Tokens of texts that were not read, since a state was known.",
		float64(st.Cache.Reused))
	p.histogram("vllm:time_to_first_token_seconds", "From a request to its first token.", st.FirstToken)
	p.histogram("vllm:inter_token_latency_seconds", "From a token of a text to its next.", st.BetweenToken)
	p.histogram("vllm:iteration_tokens_total", "Tokens of a pass.", st.Rows)
	s.count.texts(p)

	p.labels = ""
	p.counter("llamacpp:prompt_tokens_total", "Tokens read.", float64(st.Read))
	p.counter("llamacpp:prompt_seconds_total", "Seconds in which texts were read.", st.Reading.Seconds())
	p.counter("llamacpp:tokens_predicted_total", "Tokens written.", float64(st.Written))
	p.counter("llamacpp:tokens_predicted_seconds_total", "Seconds in which texts were only written.",
		st.Writing.Seconds())
	p.counter("llamacpp:n_decode_total", "Passes.", float64(st.Rows.Count()))
	p.gauge("llamacpp:n_busy_slots_per_decode", "Tokens of a pass, on average.",
		ratio(st.Rows.Sum, float64(st.Rows.Count())))
	p.gauge("llamacpp:prompt_tokens_seconds", "Tokens read per second of reading.",
		ratio(float64(st.Read), st.Reading.Seconds()))
	p.gauge("llamacpp:predicted_tokens_seconds", "Tokens written per second of reading and writing.",
		ratio(float64(st.Written), (st.Reading+st.Writing).Seconds()))
	p.gauge("llamacpp:requests_processing", "Texts that are read or written.", float64(st.Running))
	p.gauge("llamacpp:requests_deferred", "Texts that wait for their turn.", float64(st.Waiting))

	p.counter("falconmamba:requests_refused_total", "Texts that found the queue full.", float64(st.Refused))
	p.counter("falconmamba:requests_left_total", "Texts whose clients left.", float64(st.Left))
	p.counter("falconmamba:requests_failed_total", "Texts that ended with an error.", float64(st.Failed))
	p.counter("falconmamba:gave_way_total", "Times that a text gave its place to another.", float64(st.GaveWay))
	p.counter("falconmamba:devices_lost_total", "Times that the device was opened anew.", float64(st.Lost))
	p.counter("falconmamba:tokens_drafted_total", "Tokens that were guessed.", float64(st.Drafted))
	p.counter("falconmamba:tokens_accepted_total", "Tokens that were guessed right.", float64(st.Accepted))
	p.counter("falconmamba:drafting_seconds_total", "Seconds of passes of the draft model.", st.Drafting.Seconds())
	p.counter("falconmamba:scoring_seconds_total", "Seconds of passes for embeddings and prompts' probabilities.",
		st.Scoring.Seconds())
	p.gauge("falconmamba:up_seconds", "Since the model was opened.", st.Up.Seconds())
	p.gauge("falconmamba:sessions", "Open sessions.", float64(st.Sessions))
	p.head("falconmamba:states", "gauge", "States, by where they are.")
	for _, of := range []struct {
		where string
		n     int
	}{{"free", st.Slots.Free}, {"resting", st.Slots.Resting}, {"kept", st.Slots.Kept}, {"running", st.Slots.Running},
		{"host", st.Slots.Host}} {
		p.sample("falconmamba:states", float64(of.n), label("where", of.where))
	}
	p.gauge("falconmamba:cache_states", "States that are kept for texts to come.", float64(st.Cache.States))
	p.gauge("falconmamba:cache_bytes", "Memory that they take.", float64(st.Cache.Device+st.Cache.Host))
	p.counter("falconmamba:store_written_total", "States that were written to the farthest place.",
		float64(st.Cache.Written))
	p.counter("falconmamba:store_read_total", "States from there that texts went on from.", float64(st.Cache.Read))
	p.counter("falconmamba:store_failed_total", "Times that it failed, for states.", float64(st.Cache.Failed))
	p.counter("falconmamba:store_responses_failed_total", "Times that the store failed, for responses.",
		float64(s.count.unshared.Load()))
	s.count.answers(p)
	p.gauge("falconmamba:http_requests_now", "Requests that are being answered.", float64(s.requests.Load()))
	return p.Bytes()
}

func share(n, of int) float64 { return ratio(float64(n), float64(of)) }

// ratio is 0 where there is nothing yet to divide by.
func ratio(x, by float64) float64 {
	if by == 0 {
		return 0
	}
	return x / by
}

// texts writes what was counted of texts.
func (c *counters) texts(p *page) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p.head("vllm:request_success_total", "counter", "Texts that came to their end, by what ended them.")
	for _, why := range []string{"stop", "length"} {
		p.sample("vllm:request_success_total", float64(c.reasons[why]), label("finished_reason", why))
	}
	p.histogram("vllm:e2e_request_latency_seconds", "From a request to the end of its answer.", c.took)
}

// answers writes what was counted of requests.
func (c *counters) answers(p *page) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p.head("falconmamba:http_requests_total", "counter", "Requests, by path and status.")
	keys := slices.SortedFunc(maps.Keys(c.requests), func(a, b answered) int {
		return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(a.status, b.status))
	})
	for _, k := range keys {
		p.sample("falconmamba:http_requests_total", float64(c.requests[k]), label("path", k.path),
			label("status", strconv.Itoa(k.status)))
	}
}
