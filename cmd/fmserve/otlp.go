package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdk "go.opentelemetry.io/otel/sdk/trace"

	"falconmamba/cmd/internal/cli"
)

// An exporter sends spans to a collector, by OTLP over HTTP in its JSON form:
// https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding. OpenTelemetry's own would bring gRPC and protobuf
// along, which are larger than all else that this program needs for traces.
type exporter struct {
	url     string
	headers http.Header
	client  *http.Client
}

// otlp returns a variable of the exporter, that for traces first.
func otlp(name string) string {
	return cmp.Or(os.Getenv("OTEL_EXPORTER_OTLP_TRACES_"+name), os.Getenv("OTEL_EXPORTER_OTLP_"+name))
}

// newExporter returns what OTEL_EXPORTER_OTLP_… ask for.
func newExporter() (*exporter, error) {
	if p := otlp("PROTOCOL"); p != "" && p != "http/json" && p != "http/protobuf" {
		return nil, cli.Usagef("$OTEL_EXPORTER_OTLP_PROTOCOL is %.40q: want http/json, to an endpoint as "+
			"http://HOST:4318", p)
	}
	e := &exporter{url: os.Getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"), headers: http.Header{},
		client: &http.Client{Timeout: 10 * time.Second}}
	if e.url == "" {
		base := cmp.Or(os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT"), "http://localhost:4318")
		e.url = strings.TrimSuffix(base, "/") + "/v1/traces"
	}
	if u, err := url.Parse(e.url); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, cli.Usagef("$OTEL_EXPORTER_OTLP_ENDPOINT: want an address as http://HOST:4318")
	}
	if ms := otlp("TIMEOUT"); ms != "" {
		n, err := strconv.Atoi(ms)
		if err != nil || n < 1 {
			return nil, cli.Usagef("$OTEL_EXPORTER_OTLP_TIMEOUT is %.40q: want milliseconds", ms)
		}
		e.client.Timeout = time.Duration(n) * time.Millisecond
	}
	for _, pair := range strings.Split(otlp("HEADERS"), ",") {
		name, value, ok := strings.Cut(strings.TrimSpace(pair), "=")
		if value, err := url.PathUnescape(value); ok && err == nil {
			e.headers.Set(strings.TrimSpace(name), strings.TrimSpace(value))
		}
	}
	e.headers.Set("Content-Type", "application/json")
	return e, nil
}

// ExportSpans sends spans. Who has no time for them now is asked once more.
func (e *exporter) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	if len(spans) == 0 {
		return nil
	}
	body, err := json.Marshal(otlpOf(spans))
	if err != nil {
		return err
	}
	again, err := e.send(ctx, body)
	if again {
		select {
		case <-time.After(time.Second):
			_, err = e.send(ctx, body)
		case <-ctx.Done():
		}
	}
	return err
}

// send reports whether to send it again.
func (e *exporter) send(ctx context.Context, body []byte) (again bool, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, e.url, bytes.NewReader(body))
	if err != nil {
		return false, err
	}
	r.Header = e.headers.Clone()
	a, err := e.client.Do(r)
	if err != nil {
		return true, err
	}
	defer a.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(a.Body, 200))
	if a.StatusCode/100 == 2 {
		return false, nil
	}
	again = a.StatusCode == http.StatusTooManyRequests || a.StatusCode >= 502 && a.StatusCode <= 504
	return again, fmt.Errorf("the collector at %s answers %s: %.200q", e.url, a.Status, said)
}

// Shutdown has nothing to end.
func (e *exporter) Shutdown(context.Context) error { return nil }

// The form of a request: numbers of 64 bits are strings, ids hexadecimal.
type (
	otlpTraces struct {
		Resources []otlpResource `json:"resourceSpans"`
	}
	otlpResource struct {
		Resource struct {
			Attributes []otlpAttribute `json:"attributes"`
		} `json:"resource"`
		Scopes []otlpScope `json:"scopeSpans"`
	}
	otlpScope struct {
		Scope struct {
			Name    string `json:"name"`
			Version string `json:"version"`
		} `json:"scope"`
		Spans []otlpSpan `json:"spans"`
	}
	otlpSpan struct {
		Trace      string          `json:"traceId"`
		ID         string          `json:"spanId"`
		Parent     string          `json:"parentSpanId,omitempty"`
		State      string          `json:"traceState,omitempty"`
		Name       string          `json:"name"`
		Kind       int             `json:"kind"`
		Start      string          `json:"startTimeUnixNano"`
		End        string          `json:"endTimeUnixNano"`
		Attributes []otlpAttribute `json:"attributes"`
		Status     otlpStatus      `json:"status"`
	}
	otlpStatus struct {
		Code    int    `json:"code,omitempty"`
		Message string `json:"message,omitempty"`
	}
	otlpAttribute struct {
		Key   string         `json:"key"`
		Value map[string]any `json:"value"`
	}
)

// otlpOf returns spans of one program in that form.
func otlpOf(spans []sdk.ReadOnlySpan) otlpTraces {
	first := spans[0]
	var r otlpResource
	r.Resource.Attributes = otlpAttributes(first.Resource().Attributes())
	r.Scopes = make([]otlpScope, 1)
	s := &r.Scopes[0]
	s.Scope.Name, s.Scope.Version = first.InstrumentationScope().Name, first.InstrumentationScope().Version
	nano := func(t time.Time) string { return strconv.FormatInt(t.UnixNano(), 10) }
	for _, x := range spans {
		c := x.SpanContext()
		span := otlpSpan{Trace: c.TraceID().String(), ID: c.SpanID().String(), State: c.TraceState().String(),
			Name: x.Name(), Kind: int(x.SpanKind()), Start: nano(x.StartTime()), End: nano(x.EndTime()),
			Attributes: otlpAttributes(x.Attributes()), Status: otlpStatus{Message: x.Status().Description}}
		if x.Parent().HasSpanID() {
			span.Parent = x.Parent().SpanID().String()
		}
		switch x.Status().Code.String() {
		case "Ok":
			span.Status.Code = 1
		case "Error":
			span.Status.Code = 2
		}
		s.Spans = append(s.Spans, span)
	}
	return otlpTraces{[]otlpResource{r}}
}

func otlpAttributes(all []attribute.KeyValue) (out []otlpAttribute) {
	for _, a := range all {
		value := map[string]any{"stringValue": a.Value.Emit()}
		switch a.Value.Type() {
		case attribute.BOOL:
			value = map[string]any{"boolValue": a.Value.AsBool()}
		case attribute.INT64:
			value = map[string]any{"intValue": strconv.FormatInt(a.Value.AsInt64(), 10)}
		case attribute.FLOAT64:
			value = map[string]any{"doubleValue": a.Value.AsFloat64()}
		case attribute.STRINGSLICE:
			values := []map[string]any{}
			for _, s := range a.Value.AsStringSlice() {
				values = append(values, map[string]any{"stringValue": s})
			}
			value = map[string]any{"arrayValue": map[string]any{"values": values}}
		}
		out = append(out, otlpAttribute{string(a.Key), value})
	}
	return out
}
