package clients

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/anthropics/anthropic-sdk-go/v2"
	"github.com/anthropics/anthropic-sdk-go/v2/option"
)

// claude returns a client of Anthropic's API.
func claude(t *testing.T) (anthropic.Client, context.Context) {
	t.Helper()
	url := os.Getenv("FM_URL")
	if url == "" {
		t.Skip("FM_URL does not say where a server is")
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return anthropic.NewClient(option.WithBaseURL(url), option.WithAPIKey("none"), option.WithMaxRetries(0),
		option.WithJSONSet("seed", 7)), ctx
}

func helloClaude() anthropic.MessageNewParams {
	return anthropic.MessageNewParams{Model: model, MaxTokens: 24, System: []anthropic.TextBlockParam{{Text: "Be brief."}},
		Messages: []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock("O Romeo"))}}
}

func TestAnthropicModels(t *testing.T) {
	client, ctx := claude(t)
	page, err := client.Models.List(ctx, anthropic.ModelListParams{})
	if err != nil || len(page.Data) != 1 || page.Data[0].ID != model || page.HasMore {
		t.Fatalf("%+v, %v", page, err)
	}
}

// A stream is the answer in parts.
func TestAnthropicChatAndStream(t *testing.T) {
	client, ctx := claude(t)
	whole, err := client.Messages.New(ctx, helloClaude())
	if err != nil {
		t.Fatal(err)
	}
	if len(whole.Content) != 1 || whole.Content[0].Text == "" || whole.StopReason != "max_tokens" ||
		whole.Usage.OutputTokens != 24 {
		t.Fatalf("%s", whole.RawJSON())
	}
	stream := client.Messages.NewStreaming(ctx, helloClaude())
	defer stream.Close()
	var all anthropic.Message
	for stream.Next() {
		if err := all.Accumulate(stream.Current()); err != nil {
			t.Fatal(err)
		}
	}
	if err := stream.Err(); err != nil {
		t.Fatal(err)
	}
	if got := all.Content[0].Text; got != whole.Content[0].Text || all.StopReason != "max_tokens" {
		t.Errorf("%q, %s; want %q", got, all.StopReason, whole.Content[0].Text)
	}
	count, err := client.Messages.CountTokens(ctx, anthropic.MessageCountTokensParams{Model: model,
		Messages: helloClaude().Messages,
		System:   anthropic.MessageCountTokensParamsSystemUnion{OfString: anthropic.String("Be brief.")}})
	if err != nil || count.InputTokens != whole.Usage.InputTokens+whole.Usage.CacheReadInputTokens {
		t.Errorf("%+v, %v; want %+v", count, err, whole.Usage)
	}
}

// A stream that is cancelled in the middle ends its text on the server.
func TestAnthropicCancel(t *testing.T) {
	client, ctx := claude(t)
	ctx, cancel := context.WithCancel(ctx)
	p := helloClaude()
	p.MaxTokens = 4000
	stream := client.Messages.NewStreaming(ctx, p, option.WithJSONSet("ignore_eos", true))
	for range 5 {
		if !stream.Next() {
			t.Fatal(stream.Err())
		}
	}
	cancel()
	for stream.Next() {
	}
	if err := stream.Err(); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	idle(t)
}

func TestAnthropicErrors(t *testing.T) {
	client, ctx := claude(t)
	unknown, long := helloClaude(), helloClaude()
	unknown.Model, long.MaxTokens = "claude", 5000
	for _, c := range []struct {
		p      anthropic.MessageNewParams
		status int
		kind   string
	}{{unknown, 404, "not_found_error"}, {long, 400, "invalid_request_error"}} {
		_, err := client.Messages.New(ctx, c.p)
		var e *anthropic.Error
		if !errors.As(err, &e) || e.StatusCode != c.status || string(e.Type()) != c.kind || e.RequestID == "" {
			t.Errorf("%v, want %d %s", err, c.status, c.kind)
		}
		stream := client.Messages.NewStreaming(ctx, c.p)
		if stream.Next() || !errors.As(stream.Err(), &e) || e.StatusCode != c.status {
			t.Errorf("in a stream: %v, want %d", stream.Err(), c.status)
		}
	}
}

func TestAnthropicSchema(t *testing.T) {
	client, ctx := claude(t)
	p := helloClaude()
	p.MaxTokens = 200
	p.OutputConfig.Format.Schema = person
	a, err := client.Messages.New(ctx, p)
	if err != nil || a.StopReason != "end_turn" || !isPerson(a.Content[0].Text) {
		t.Fatalf("%s, %v", a.RawJSON(), err)
	}
}

// A tool is called, and what came of it is taken.
func TestAnthropicTools(t *testing.T) {
	client, ctx := claude(t)
	p := helloClaude()
	p.MaxTokens = 200
	p.Tools = []anthropic.ToolUnionParam{{OfTool: &anthropic.ToolParam{Name: "person",
		InputSchema: anthropic.ToolInputSchemaParam{Properties: person["properties"], Required: []string{"name", "age"},
			ExtraFields: map[string]any{"additionalProperties": false}}}}}
	p.ToolChoice = anthropic.ToolChoiceParamOfTool("person")
	a, err := client.Messages.New(ctx, p)
	if err != nil || len(a.Content) != 1 || a.StopReason != "tool_use" {
		t.Fatalf("%s, %v", a.RawJSON(), err)
	}
	call := a.Content[0].AsToolUse()
	if call.Name != "person" || !isPerson(string(a.Content[0].Input)) {
		t.Errorf("%s", a.RawJSON())
	}
	p.Messages = append(p.Messages, a.ToParam(), anthropic.NewUserMessage(anthropic.NewToolResultBlock(call.ID, "yes", false)))
	p.ToolChoice, p.MaxTokens = anthropic.ToolChoiceUnionParam{}, 5
	if _, err := client.Messages.New(ctx, p); err != nil {
		t.Error(err)
	}
}
