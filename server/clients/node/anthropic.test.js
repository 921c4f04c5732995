// Anthropic's own client.
import assert from "node:assert/strict";
import test from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import { idle, isPerson, model, person, url } from "./common.js";

const client = new Anthropic({ baseURL: url, apiKey: "none", maxRetries: 0 });
const messages = [{ role: "user", content: "O Romeo" }];
const hello = { model, system: "Be brief.", messages, max_tokens: 24, seed: 7 };

test("lists models", async () => {
  const ids = [];
  for await (const m of client.models.list()) ids.push(m.id);
  assert.deepEqual(ids, [model]);
  assert.equal((await client.models.retrieve(model)).type, "model");
});

test("chats, and streams the same", async () => {
  const whole = await client.messages.create(hello);
  const [{ type, text: want }] = whole.content;
  assert.equal(type, "text");
  assert(want.length > 0);
  assert.deepEqual([whole.stop_reason, whole.usage.output_tokens], ["max_tokens", 24]);
  let text = "", last;
  for await (const e of await client.messages.create({ ...hello, stream: true })) {
    if (e.type === "content_block_delta") text += e.delta.text;
    last = e.type;
  }
  assert.deepEqual([text, last], [want, "message_stop"]);
  const helped = await client.messages.stream(hello).finalMessage(); // the helper that puts events together
  assert.equal(helped.content[0].text, want);
  assert.deepEqual([helped.stop_reason, helped.usage.output_tokens], ["max_tokens", 24]);
  assert(helped.usage.cache_read_input_tokens + helped.usage.input_tokens > 0);
});

test("counts tokens", async () => {
  const { max_tokens, seed, ...asked } = hello;
  const { usage } = await client.messages.create(hello);
  const n = (await client.messages.countTokens(asked)).input_tokens;
  assert.equal(n, usage.input_tokens + usage.cache_read_input_tokens);
});

test("cancels in the middle", async () => {
  const stream = await client.messages.create({ ...hello, max_tokens: 4000, stream: true });
  let parts = 0;
  for await (const _ of stream) if (++parts === 5) break;
  assert.equal(parts, 5);
  await idle();
});

test("gets errors", async () => {
  for (const [change, kind, type, words] of [
    [{ model: "claude" }, Anthropic.NotFoundError, "not_found_error", "there is no model claude"],
    [{ temperature: 3 }, Anthropic.BadRequestError, "invalid_request_error", "temperature"],
    [{ thinking: { type: "enabled", budget_tokens: 1024 } }, Anthropic.BadRequestError, "invalid_request_error", "thinking"],
    [{ messages: [{ role: "user", content: [{ type: "image", source: { type: "url", url: "x" } }] }] },
      Anthropic.BadRequestError, "invalid_request_error", "image"],
  ]) {
    for (const stream of [false, true]) {
      await assert.rejects(client.messages.create({ ...hello, ...change, stream }), (e) => {
        assert(e instanceof kind);
        assert.equal(e.type, type);
        assert(e.message.includes(words), e.message);
        assert(e.requestID.startsWith("req_"));
        return true;
      });
    }
  }
});

test("asks for JSON by schema", async () => {
  const asked = { ...hello, max_tokens: 200, output_config: { format: { type: "json_schema", schema: person } } };
  const a = await client.messages.create(asked);
  assert.equal(a.stop_reason, "end_turn");
  assert(isPerson(JSON.parse(a.content[0].text)));
});

test("calls a tool", async () => {
  const tools = [{ name: "person", description: "who it is", input_schema: person }];
  const asked = { ...hello, max_tokens: 200, tools, tool_choice: { type: "any", disable_parallel_tool_use: true } };
  const a = await client.messages.create(asked);
  assert.equal(a.stop_reason, "tool_use");
  const [call] = a.content;
  assert.deepEqual([call.type, call.name], ["tool_use", "person"]);
  assert(isPerson(call.input));
  const streamed = await client.messages.stream(asked).finalMessage();
  assert.deepEqual(streamed.content[0].input, call.input);
  const next = await client.messages.create({ ...hello, tools, messages: [
    ...messages, { role: "assistant", content: a.content },
    { role: "user", content: [{ type: "tool_result", tool_use_id: call.id, content: "yes" }] }] });
  assert.equal(next.usage.output_tokens, 24);
});
