// Vercel's AI SDK: its clients of chats, of responses and of Anthropic's messages.
import assert from "node:assert/strict";
import test from "node:test";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { embed, generateObject, generateText, jsonSchema, streamText, tool } from "ai";
import { baseURL, idle, isPerson, messages, model, person } from "./common.js";

const compatible = createOpenAICompatible({
  name: "fm", baseURL, apiKey: "none", includeUsage: true, supportsStructuredOutputs: true });
const providers = {
  chats: compatible,
  responses: createOpenAI({ baseURL, apiKey: "none" }),
  messages: createAnthropic({ baseURL, apiKey: "none" }),
};

for (const [name, provider] of Object.entries(providers)) {
  const hello = { model: provider(model), messages, temperature: 0, maxOutputTokens: 24, maxRetries: 0 };

  test(`${name}: chats, and streams the same`, async () => {
    const whole = await generateText(hello);
    assert(whole.text.length > 0);
    assert.equal(whole.finishReason, "length");
    const stream = streamText(hello);
    let text = "";
    for await (const part of stream.textStream) text += part;
    assert.equal(text, whole.text);
    assert.equal((await stream.usage).outputTokens, 24);
  });

  test(`${name}: cancels in the middle`, async () => {
    const abort = new AbortController();
    const stream = streamText({ ...hello, maxOutputTokens: 4000, abortSignal: abort.signal, onError() {} });
    let parts = 0;
    for await (const _ of stream.textStream) if (++parts === 3) abort.abort();
    assert(parts >= 3);
    await idle();
  });

  test(`${name}: gets errors`, async () => {
    await assert.rejects(generateText({ ...hello, model: provider("gpt-4") }), (e) => {
      assert.equal(e.statusCode, 404);
      assert.match(e.message, /there is no model gpt-4/);
      return true;
    });
  });

  test(`${name}: asks for JSON by schema`, async () => {
    const { object } = await generateObject({ ...hello, maxOutputTokens: 200, schema: jsonSchema(person) });
    assert(isPerson(object));
  });

  test(`${name}: calls a tool`, async () => {
    const tools = { person: tool({ description: "who it is", inputSchema: jsonSchema(person) }) };
    const asked = { ...hello, maxOutputTokens: 200, tools, toolChoice: { type: "tool", toolName: "person" } };
    const { toolCalls, finishReason } = await generateText(asked);
    assert.equal(finishReason, "tool-calls");
    assert.equal(toolCalls[0].toolName, "person");
    assert(isPerson(toolCalls[0].input));
    assert.deepEqual((await streamText(asked).toolCalls)[0].input, toolCalls[0].input);
  });
}

test("embeds", async () => {
  const { embedding } = await embed({ model: compatible.textEmbeddingModel(model), value: "x" });
  assert.equal(embedding.length, 256);
});
