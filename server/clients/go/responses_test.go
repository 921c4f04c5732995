package clients

import (
	"context"
	"errors"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/responses"
)

func ask(input string) responses.ResponseNewParams {
	return responses.ResponseNewParams{Model: model, MaxOutputTokens: openai.Int(24), Instructions: openai.String("Be brief."),
		Input: responses.ResponseNewParamsInputUnion{OfString: openai.String(input)}}
}

// A stream is the response in parts, and a conversation goes on from it.
func TestResponses(t *testing.T) {
	client, ctx := connect(t)
	seed := option.WithJSONSet("seed", 7)
	whole, err := client.Responses.New(ctx, ask("O Romeo"), seed)
	if err != nil || whole.OutputText() == "" || whole.Status != "incomplete" || whole.Usage.OutputTokens != 24 {
		t.Fatalf("%s, %v", whole.RawJSON(), err)
	}
	stream := client.Responses.NewStreaming(ctx, ask("O Romeo"), seed)
	defer stream.Close()
	text, n := "", int64(0)
	var last responses.ResponseStreamEventUnion
	for ; stream.Next(); n++ {
		if last = stream.Current(); last.SequenceNumber != n {
			t.Fatalf("event %d: %s", n, last.RawJSON())
		}
		if last.Type == "response.output_text.delta" {
			text += last.AsResponseOutputTextDelta().Delta
		}
	}
	if err := stream.Err(); err != nil || text != whole.OutputText() || last.AsResponseIncomplete().Response.OutputText() != text {
		t.Errorf("%q, %v; want %q", text, err, whole.OutputText())
	}
	p := ask("And?")
	p.PreviousResponseID = openai.String(whole.ID)
	next, err := client.Responses.New(ctx, p)
	if err != nil || next.Usage.InputTokensDetails.CachedTokens != whole.Usage.TotalTokens-1 {
		t.Fatalf("%s, %v", next.RawJSON(), err)
	}
	if err := client.Responses.Delete(ctx, whole.ID); err != nil {
		t.Error(err)
	}
	var e *openai.Error
	if _, err := client.Responses.Get(ctx, whole.ID, responses.ResponseGetParams{}); !errors.As(err, &e) || e.StatusCode != 404 {
		t.Errorf("%v", err)
	}
	if _, err := client.Responses.New(ctx, p); !errors.As(err, &e) || e.Code != "previous_response_not_found" {
		t.Errorf("%v", err)
	}
}

func TestResponseCancel(t *testing.T) {
	client, ctx := connect(t)
	ctx, cancel := context.WithCancel(ctx)
	p := ask("O Romeo")
	p.MaxOutputTokens = openai.Int(4000)
	stream := client.Responses.NewStreaming(ctx, p, option.WithJSONSet("ignore_eos", true))
	for range 8 {
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

// A schema and a tool hold what is written.
func TestResponseForms(t *testing.T) {
	client, ctx := connect(t)
	p := ask("O Romeo")
	p.MaxOutputTokens = openai.Int(200)
	p.Text.Format = responses.ResponseFormatTextConfigParamOfJSONSchema("person", person)
	a, err := client.Responses.New(ctx, p)
	if err != nil || a.Status != "completed" || !isPerson(a.OutputText()) {
		t.Fatalf("%s, %v", a.RawJSON(), err)
	}
	p = ask("O Romeo")
	p.MaxOutputTokens = openai.Int(200)
	p.Tools = []responses.ToolUnionParam{{OfFunction: &responses.FunctionToolParam{Name: "person", Parameters: person}}}
	p.ToolChoice.OfFunctionTool = &responses.ToolChoiceFunctionParam{Name: "person"}
	a, err = client.Responses.New(ctx, p)
	if err != nil || len(a.Output) != 1 || !isPerson(a.Output[0].AsFunctionCall().Arguments) {
		t.Fatalf("%s, %v", a.RawJSON(), err)
	}
}
