package main

import (
	"context"
	"log/slog"
	"os"
	"strings"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"falconmamba/cmd/internal/cli"
	"falconmamba/server"
)

// Traces go to a collector of OpenTelemetry where its standard variables ask for that:
// https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables. What is sampled, how much is sent
// at once and what the resource is called the SDK reads from them by itself.

// traces reports whether there are to be traces.
func traces() (bool, error) {
	if strings.EqualFold(os.Getenv("OTEL_SDK_DISABLED"), "true") {
		return false, nil
	}
	switch to := os.Getenv("OTEL_TRACES_EXPORTER"); to {
	case "none":
		return false, nil
	case "otlp":
		return true, nil
	case "": // a program is quiet unless it is told where to
		return otlp("ENDPOINT") != "", nil
	default:
		return false, cli.Usagef("$OTEL_TRACES_EXPORTER is %.40q: want otlp or none", to)
	}
}

// startTraces returns what requests are told to, nil for nobody, and what ends it.
func startTraces(ctx context.Context, version string, log *slog.Logger) (
	tell func(server.Trace), end func(context.Context) error, err error,
) {
	end = func(context.Context) error { return nil }
	if on, err := traces(); err != nil || !on {
		return nil, end, err
	}
	out, err := newExporter()
	if err != nil {
		return nil, end, err
	}
	about, err := resource.New(ctx, resource.WithAttributes(attribute.String("service.name", program),
		attribute.String("service.version", version)), resource.WithTelemetrySDK(), resource.WithHost(),
		resource.WithFromEnv())
	if err != nil {
		log.Warn("what $OTEL_RESOURCE_ATTRIBUTES says is not all of use", "err", err)
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Warn("traces are lost", "err", err) }))
	p := sdk.NewTracerProvider(sdk.WithBatcher(out), sdk.WithResource(about))
	t := tracer{p.Tracer("falconmamba/server", trace.WithInstrumentationVersion(version))}
	return t.tell, p.Shutdown, nil
}

type tracer struct{ trace.Tracer }

// tell makes spans of a request: one for all of it, with the attributes of the conventions for servers of HTTP and for
// generative AI, and below it those of its time in the queue, of its prompt and of its writing.
func (t tracer) tell(r server.Trace) {
	ctx := propagation.TraceContext{}.Extract(context.Background(), propagation.HeaderCarrier(r.Header))
	name := r.Method + " " + r.Path
	attrs := []attribute.KeyValue{attribute.String("http.request.method", r.Method),
		attribute.String("http.route", r.Path), attribute.Int("http.response.status_code", r.Status),
		attribute.String("falconmamba.request.id", r.ID)}
	if r.Operation != "" {
		name = r.Operation + " " + r.Model
		attrs = append(attrs, generated(r)...)
	}
	if r.Code != "" {
		attrs = append(attrs, attribute.String("error.type", r.Code))
	}
	ctx, span := t.Start(ctx, name, trace.WithSpanKind(trace.SpanKindServer), trace.WithTimestamp(r.Began),
		trace.WithAttributes(attrs...))
	if r.Status >= 500 {
		span.SetStatus(codes.Error, r.Code)
	}
	t.parts(ctx, r)
	span.End(trace.WithTimestamp(r.Ended))
}

// parts makes the spans below.
func (t tracer) parts(ctx context.Context, r server.Trace) {
	part := func(name string, from, to time.Time) {
		if from.IsZero() || to.Before(from) {
			return
		}
		_, span := t.Start(ctx, name, trace.WithTimestamp(from))
		span.End(trace.WithTimestamp(to))
	}
	switch {
	case r.Asked.IsZero():
	case r.First.IsZero():
		part("queue and prompt", r.Asked, r.Ended)
	default:
		part("queue", r.Asked, r.Placed)
		part("prompt", r.Placed, r.First)
		part("writing", r.First, r.Ended)
	}
}

// generated returns the attributes of https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans. No text is among
// them.
func generated(r server.Trace) []attribute.KeyValue {
	attrs := []attribute.KeyValue{attribute.String("gen_ai.operation.name", r.Operation),
		attribute.String("gen_ai.provider.name", "falconmamba"), attribute.String("gen_ai.request.model", r.Model),
		attribute.String("gen_ai.response.model", r.Model), attribute.Int("gen_ai.usage.input_tokens", r.Read),
		attribute.Int("gen_ai.usage.cache_read.input_tokens", r.Reused)}
	if r.Operation == "embeddings" {
		return attrs
	}
	p := r.Options.Sampling
	attrs = append(attrs, attribute.Int("gen_ai.usage.output_tokens", r.Written),
		attribute.Int("gen_ai.request.choice.count", r.Texts),
		attribute.Int("gen_ai.request.max_tokens", r.Options.MaxTokens),
		attribute.Float64("gen_ai.request.temperature", float64(p.Temperature)),
		attribute.StringSlice("gen_ai.response.finish_reasons", r.Finish))
	if p.TopP > 0 {
		attrs = append(attrs, attribute.Float64("gen_ai.request.top_p", float64(p.TopP)))
	}
	return attrs
}
