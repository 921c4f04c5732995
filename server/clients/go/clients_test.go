// Package clients tests a running server with Go clients as they are. It is a module of its own, lest the clients
// become dependencies of the project.
package clients

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
)

// model is what scripts/test-clients.sh serves.
const model = "tiny-shakespeare"

// connect returns a client of the server at $FM_URL.
func connect(t *testing.T) (openai.Client, context.Context) {
	t.Helper()
	url := os.Getenv("FM_URL")
	if url == "" {
		t.Skip("FM_URL does not say where a server is")
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return openai.NewClient(option.WithBaseURL(url+"/v1"), option.WithAPIKey("none"), option.WithMaxRetries(0)), ctx
}

func hello() openai.ChatCompletionNewParams {
	return openai.ChatCompletionNewParams{Model: model, Seed: openai.Int(7), MaxCompletionTokens: openai.Int(24),
		Messages: []openai.ChatCompletionMessageParamUnion{openai.SystemMessage("Be brief."), openai.UserMessage("O Romeo")}}
}

func TestModels(t *testing.T) {
	client, ctx := connect(t)
	page, err := client.Models.List(ctx)
	if err != nil || len(page.Data) != 1 || page.Data[0].ID != model {
		t.Fatalf("%+v, %v", page, err)
	}
	one, err := client.Models.Get(ctx, model)
	if err != nil || one.ID != model {
		t.Fatalf("%+v, %v", one, err)
	}
}

// A stream is the answer in parts, with its usage at the end.
func TestChatAndStream(t *testing.T) {
	client, ctx := connect(t)
	whole, err := client.Chat.Completions.New(ctx, hello())
	if err != nil {
		t.Fatal(err)
	}
	want := whole.Choices[0].Message.Content
	if want == "" || whole.Choices[0].FinishReason != "length" || whole.Usage.CompletionTokens != 24 {
		t.Errorf("%s", whole.RawJSON())
	}
	p := hello()
	p.StreamOptions.IncludeUsage = openai.Bool(true)
	stream := client.Chat.Completions.NewStreaming(ctx, p)
	defer stream.Close()
	var all openai.ChatCompletionAccumulator
	for stream.Next() {
		if !all.AddChunk(stream.Current()) {
			t.Fatalf("a part does not belong: %s", stream.Current().RawJSON())
		}
	}
	if err := stream.Err(); err != nil {
		t.Fatal(err)
	}
	if got := all.Choices[0].Message.Content; got != want || all.Usage.CompletionTokens != 24 ||
		all.Choices[0].FinishReason != "length" {
		t.Errorf("%q, %+v; want %q", got, all.Usage, want)
	}
}

// A stream that is cancelled in the middle ends its text on the server.
func TestCancel(t *testing.T) {
	client, ctx := connect(t)
	ctx, cancel := context.WithCancel(ctx)
	p := hello()
	p.MaxCompletionTokens = openai.Int(4000)
	stream := client.Chat.Completions.NewStreaming(ctx, p, option.WithJSONSet("ignore_eos", true))
	for range 3 {
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

// idle waits until the server works on no text.
func idle(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); busy(t) > 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the text goes on")
		}
	}
}

// busy returns how many texts the server works on.
func busy(t *testing.T) (n int) {
	t.Helper()
	r, err := http.Get(os.Getenv("FM_URL") + "/slots")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	var slots []struct {
		Processing bool `json:"is_processing"`
	}
	if err := json.NewDecoder(r.Body).Decode(&slots); err != nil || len(slots) == 0 {
		t.Fatalf("%v: %v", err, slots)
	}
	for _, s := range slots {
		if s.Processing {
			n++
		}
	}
	return n
}

// What is wrong comes as the client's own error, with all its parts.
func TestErrors(t *testing.T) {
	client, ctx := connect(t)
	unknown, hot, tools := hello(), hello(), hello()
	unknown.Model = "gpt-4"
	hot.Temperature = openai.Float(3)
	tools.Tools = []openai.ChatCompletionToolUnionParam{
		openai.ChatCompletionFunctionTool(openai.FunctionDefinitionParam{Name: "no name"})}
	for _, c := range []struct {
		p           openai.ChatCompletionNewParams
		status      int
		param, code string
	}{{unknown, 404, "model", "model_not_found"}, {hot, 400, "temperature", "invalid_value"},
		{tools, 400, "tools[0].function.name", "invalid_value"}} {
		_, err := client.Chat.Completions.New(ctx, c.p)
		var e *openai.Error
		if !errors.As(err, &e) || e.StatusCode != c.status || e.Param != c.param || e.Code != c.code || e.Message == "" ||
			e.Type != "invalid_request_error" {
			t.Errorf("%v, want %d, %s, %s", err, c.status, c.param, c.code)
		}
		stream := client.Chat.Completions.NewStreaming(ctx, c.p)
		if stream.Next() || !errors.As(stream.Err(), &e) || e.StatusCode != c.status {
			t.Errorf("in a stream: %v, want %d", stream.Err(), c.status)
		}
	}
}

// person is a schema that tests ask for.
var person = map[string]any{"type": "object", "additionalProperties": false, "required": []string{"name", "age"},
	"properties": map[string]any{"name": map[string]any{"type": "string", "maxLength": 8},
		"age": map[string]any{"type": "integer", "minimum": 1, "maximum": 99}}}

func isPerson(text string) bool {
	var p struct {
		Name *string
		Age  int
	}
	return json.Unmarshal([]byte(text), &p) == nil && p.Name != nil && p.Age >= 1 && p.Age <= 99
}

func TestSchema(t *testing.T) {
	client, ctx := connect(t)
	p := hello()
	p.MaxCompletionTokens = openai.Int(200)
	p.ResponseFormat.OfJSONSchema = &openai.ResponseFormatJSONSchemaParam{
		JSONSchema: openai.ResponseFormatJSONSchemaJSONSchemaParam{Name: "person", Schema: person, Strict: openai.Bool(true)}}
	a, err := client.Chat.Completions.New(ctx, p)
	if err != nil || a.Choices[0].FinishReason != "stop" || !isPerson(a.Choices[0].Message.Content) {
		t.Fatalf("%s, %v", a.RawJSON(), err)
	}
}

// A tool is called, whole and in a stream, and what came of it is taken.
func TestTools(t *testing.T) {
	client, ctx := connect(t)
	p := hello()
	p.MaxCompletionTokens = openai.Int(200)
	p.Tools = []openai.ChatCompletionToolUnionParam{
		openai.ChatCompletionFunctionTool(openai.FunctionDefinitionParam{Name: "person", Parameters: person})}
	p.ToolChoice = openai.ToolChoiceOptionFunctionToolChoice(openai.ChatCompletionNamedToolChoiceFunctionParam{Name: "person"})
	a, err := client.Chat.Completions.New(ctx, p)
	if err != nil || len(a.Choices[0].Message.ToolCalls) != 1 {
		t.Fatalf("%s, %v", a.RawJSON(), err)
	}
	call := a.Choices[0].Message.ToolCalls[0]
	if call.Function.Name != "person" || !isPerson(call.Function.Arguments) || a.Choices[0].FinishReason != "tool_calls" {
		t.Errorf("%s", a.RawJSON())
	}
	stream := client.Chat.Completions.NewStreaming(ctx, p)
	defer stream.Close()
	var all openai.ChatCompletionAccumulator
	for stream.Next() {
		all.AddChunk(stream.Current())
	}
	if err := stream.Err(); err != nil {
		t.Fatal(err)
	}
	if got := all.Choices[0].Message.ToolCalls; len(got) != 1 || got[0].Function.Name != "person" ||
		got[0].Function.Arguments != call.Function.Arguments {
		t.Errorf("%+v, want %s", got, call.RawJSON())
	}
	p.Messages = append(p.Messages, a.Choices[0].Message.ToParam(), openai.ToolMessage("yes", call.ID))
	p.ToolChoice, p.MaxCompletionTokens = openai.ChatCompletionToolChoiceOptionUnionParam{}, openai.Int(5)
	if _, err := client.Chat.Completions.New(ctx, p); err != nil {
		t.Error(err)
	}
}

func TestLogProbs(t *testing.T) {
	client, ctx := connect(t)
	p := hello()
	p.Logprobs, p.TopLogprobs = openai.Bool(true), openai.Int(3)
	a, err := client.Chat.Completions.New(ctx, p)
	if err != nil {
		t.Fatal(err)
	}
	content := a.Choices[0].Logprobs.Content
	if len(content) != 24 {
		t.Fatalf("%d tokens", len(content))
	}
	var text strings.Builder
	for _, x := range content {
		for _, b := range x.Bytes {
			text.WriteByte(byte(b))
		}
		if x.Logprob > 0 || math.IsNaN(x.Logprob) || len(x.TopLogprobs) != 3 || x.TopLogprobs[0].Logprob < x.Logprob {
			t.Errorf("%s", x.RawJSON())
		}
	}
	if text.String() != a.Choices[0].Message.Content {
		t.Errorf("the tokens are %q of %q", text.String(), a.Choices[0].Message.Content)
	}
}

func TestCompletionsAndEmbeddings(t *testing.T) {
	client, ctx := connect(t)
	a, err := client.Completions.New(ctx, openai.CompletionNewParams{Model: model, N: openai.Int(2), Seed: openai.Int(1),
		Prompt: openai.CompletionNewParamsPromptUnion{OfString: openai.String("ROMEO:")}, Stop: openai.CompletionNewParamsStopUnion{
			OfStringArray: []string{"\n\n"}}})
	if err != nil || len(a.Choices) != 2 || a.Choices[1].Text == "" {
		t.Fatalf("%+v, %v", a, err)
	}
	e, err := client.Embeddings.New(ctx, openai.EmbeddingNewParams{Model: model,
		Input: openai.EmbeddingNewParamsInputUnion{OfArrayOfStrings: []string{"x", "y"}}})
	if err != nil || len(e.Data) != 2 || len(e.Data[1].Embedding) != 256 {
		t.Fatalf("%+v, %v", e, err)
	}
}
