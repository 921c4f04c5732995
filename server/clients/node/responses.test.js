// OpenAI's own client, with responses.
import assert from "node:assert/strict";
import test from "node:test";
import OpenAI from "openai";
import { baseURL, idle, isPerson, model, person } from "./common.js";

const client = new OpenAI({ baseURL, apiKey: "none", maxRetries: 0 });
const hello = { model, instructions: "Be brief.", input: "O Romeo", seed: 7, max_output_tokens: 24 };

test("answers, and streams the same", async () => {
  const whole = await client.responses.create(hello);
  assert(whole.output_text.length > 0);
  assert.deepEqual([whole.status, whole.incomplete_details.reason, whole.usage.output_tokens],
    ["incomplete", "max_output_tokens", 24]);
  let text = "", next = 0, last;
  for await (const e of await client.responses.create({ ...hello, stream: true })) {
    assert.equal(e.sequence_number, next++);
    if (e.type === "response.output_text.delta") text += e.delta;
    last = e;
  }
  assert.equal(text, whole.output_text);
  assert.equal(last.type, "response.incomplete");
  const helped = await client.responses.stream(hello).finalResponse(); // the helper that puts events together
  assert.equal(helped.output_text, whole.output_text);
});

test("goes on from a response, reads and deletes it", async () => {
  const first = await client.responses.create(hello);
  const next = await client.responses.create({ ...hello, input: "And?", previous_response_id: first.id });
  assert.equal(next.previous_response_id, first.id);
  assert.equal(next.usage.input_tokens_details.cached_tokens, first.usage.total_tokens - 1);
  assert.equal((await client.responses.retrieve(next.id)).output_text, next.output_text);
  await client.responses.delete(next.id);
  await assert.rejects(client.responses.retrieve(next.id), (e) => e instanceof OpenAI.NotFoundError);
  await assert.rejects(client.responses.create({ ...hello, previous_response_id: next.id }),
    (e) => e.code === "previous_response_not_found" && e.status === 400);
});

test("cancels in the middle", async () => {
  const stream = await client.responses.create({ ...hello, max_output_tokens: 4000, ignore_eos: true, stream: true });
  let parts = 0;
  for await (const _ of stream) if (++parts === 8) break;
  assert.equal(parts, 8);
  await idle();
});

test("gets errors", async () => {
  for (const [change, status, code, param] of [
    [{ model: "gpt-5" }, 404, "model_not_found", "model"],
    [{ background: true }, 400, "unsupported_parameter", "background"],
    [{ tools: [{ type: "web_search" }] }, 400, "unsupported_parameter", "tools[0].type"],
  ]) {
    for (const stream of [false, true]) {
      await assert.rejects(client.responses.create({ ...hello, ...change, stream }), (e) => {
        assert(e instanceof OpenAI.APIError);
        assert.deepEqual([e.status, e.code, e.param], [status, code, param]);
        return true;
      });
    }
  }
});

test("asks for JSON by schema", async () => {
  const asked = { ...hello, max_output_tokens: 200,
    text: { format: { type: "json_schema", name: "person", strict: true, schema: person } } };
  const a = await client.responses.parse(asked);
  assert.equal(a.status, "completed");
  assert(isPerson(a.output_parsed));
});

test("calls a tool", async () => {
  const tools = [{ type: "function", name: "person", strict: true, parameters: person }];
  const asked = { ...hello, max_output_tokens: 200, tools, tool_choice: "required", parallel_tool_calls: false };
  const a = await client.responses.create(asked);
  const [call] = a.output;
  assert.deepEqual([call.type, call.name], ["function_call", "person"]);
  assert(isPerson(JSON.parse(call.arguments)));
  const streamed = await client.responses.stream(asked).finalResponse();
  assert.equal(streamed.output[0].arguments, call.arguments);
  const output = [{ type: "function_call_output", call_id: call.call_id, output: "yes" }];
  const next = await client.responses.create({ ...hello, tools, input: output, previous_response_id: a.id });
  const sent = await client.responses.create({ ...hello, tools, input: [{ role: "user", content: "O Romeo" }, ...a.output, ...output] });
  for (const r of [next, sent]) assert.equal(r.usage.output_tokens, 24);
});

test("gets log-probabilities", async () => {
  const a = await client.responses.create({ ...hello, include: ["message.output_text.logprobs"], top_logprobs: 3 });
  const { logprobs, text } = a.output[0].content[0];
  assert.equal(Buffer.from(logprobs.flatMap((t) => t.bytes)).toString(), text);
  assert(logprobs.every((t) => t.top_logprobs.length === 3));
});
