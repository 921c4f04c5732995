// OpenAI's own client.
import assert from "node:assert/strict";
import test from "node:test";
import OpenAI from "openai";
import { baseURL, idle, isPerson, messages, model, person } from "./common.js";

const client = new OpenAI({ baseURL, apiKey: "none", maxRetries: 0 });
const hello = { model, messages, seed: 7, max_completion_tokens: 24 };

test("lists models", async () => {
  const ids = [];
  for await (const m of client.models.list()) ids.push(m.id);
  assert.deepEqual(ids, [model]);
  assert.equal((await client.models.retrieve(model)).id, model);
});

test("chats, and streams the same", async () => {
  const whole = await client.chat.completions.create(hello);
  const want = whole.choices[0].message.content;
  assert(want.length > 0);
  assert.equal(whole.choices[0].finish_reason, "length");
  let text = "", usage;
  const stream = await client.chat.completions.create({ ...hello, stream: true, stream_options: { include_usage: true } });
  for await (const part of stream) {
    text += part.choices[0]?.delta.content ?? "";
    usage = part.usage ?? usage;
  }
  assert.equal(text, want);
  assert.equal(usage.completion_tokens, 24);
  const helped = client.chat.completions.stream(hello); // the helper that puts parts together
  assert.equal((await helped.finalChatCompletion()).choices[0].message.content, want);
});

test("cancels in the middle", async () => {
  const stream = await client.chat.completions.create({
    ...hello, max_completion_tokens: 4000, ignore_eos: true, stream: true });
  let parts = 0;
  for await (const _ of stream) if (++parts === 3) break;
  assert.equal(parts, 3);
  await idle();
});

test("gets errors", async () => {
  for (const [change, status, code, param] of [
    [{ model: "gpt-4" }, 404, "model_not_found", "model"],
    [{ temperature: 3 }, 400, "invalid_value", "temperature"],
    [{ tools: [{ type: "custom", custom: { name: "f" } }] }, 400, "unsupported_parameter", "tools[0].type"],
    [{ response_format: { type: "json_schema", json_schema: { name: "a", schema: { $dynamicRef: "#" } } } },
      400, "invalid_value", "response_format.json_schema.schema"],
  ]) {
    for (const stream of [false, true]) {
      await assert.rejects(client.chat.completions.create({ ...hello, ...change, stream }), (e) => {
        assert(e instanceof OpenAI.APIError);
        assert.deepEqual([e.status, e.code, e.param], [status, code, param]);
        assert(e.requestID || e.headers);
        return true;
      });
    }
  }
});

test("asks for JSON by schema", async () => {
  const response_format = { type: "json_schema", json_schema: { name: "person", strict: true, schema: person } };
  const asked = { model, messages, seed: 7, response_format };
  const a = await client.chat.completions.parse(asked);
  assert.equal(a.choices[0].finish_reason, "stop");
  assert(isPerson(a.choices[0].message.parsed));
  const streamed = await client.chat.completions.stream(asked).finalContent();
  assert.equal(streamed, a.choices[0].message.content);
});

test("calls a tool", async () => {
  const tools = [{ type: "function", function: { name: "person", strict: true, parameters: person } }];
  const asked = { model, messages, seed: 7, tools, tool_choice: "required", parallel_tool_calls: false };
  const a = await client.chat.completions.create(asked);
  assert.equal(a.choices[0].finish_reason, "tool_calls");
  const [call] = a.choices[0].message.tool_calls;
  assert.equal(call.function.name, "person");
  assert(isPerson(JSON.parse(call.function.arguments)));
  const streamed = await client.chat.completions.stream(asked).finalMessage();
  assert.deepEqual(streamed.tool_calls[0].function.arguments, call.function.arguments);
  const next = await client.chat.completions.create({ ...hello, tools, messages: [
    ...messages, a.choices[0].message, { role: "tool", tool_call_id: call.id, content: "yes" }] });
  assert(next.usage.prompt_tokens > a.usage.prompt_tokens);
  let said;
  const runner = client.chat.completions.runTools({ ...asked, tool_choice: { type: "function", function: { name: "person" } },
    tools: [{ type: "function", function: { name: "person", parameters: person, parse: JSON.parse,
      function: (p) => { said = p; return "yes"; } } }] }, { maxChatCompletions: 1 });
  await runner.done();
  assert(isPerson(said));
});

test("gets log-probabilities", async () => {
  const a = await client.chat.completions.create({ ...hello, logprobs: true, top_logprobs: 3 });
  const { content } = a.choices[0].logprobs;
  assert.equal(content.length, 24);
  const bytes = Buffer.from(content.flatMap((t) => t.bytes));
  assert.equal(bytes.toString(), a.choices[0].message.content);
  for (const t of content) assert(t.top_logprobs.length === 3 && t.top_logprobs[0].logprob >= t.logprob);
});

test("completes, and embeds", async () => {
  const a = await client.completions.create({ model, prompt: ["ROMEO:", "JULIET:"], n: 2, max_tokens: 5 });
  assert.deepEqual(a.choices.map((c) => c.index), [0, 1, 2, 3]);
  const e = await client.embeddings.create({ model, input: ["x", "y"] }); // as base64
  assert.equal(e.data[1].embedding.length, 256);
});
