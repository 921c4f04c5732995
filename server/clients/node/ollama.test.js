// Ollama's client.
import assert from "node:assert/strict";
import test from "node:test";
import { Ollama } from "ollama";
import { idle, isPerson, messages, model, person, url } from "./common.js";

const client = new Ollama({ host: url });
const hello = { model, messages, options: { seed: 7, num_predict: 24 } };

test("lists models, shows and pulls one", async () => {
  const { models } = await client.list();
  assert.deepEqual(models.map((m) => m.name), [`${model}:latest`]);
  assert.equal((await client.ps()).models[0].digest, models[0].digest);
  assert((await client.show({ model })).capabilities.includes("completion"));
  assert.match((await client.version()).version, /^\d+\.\d+\.\d+$/);
  assert.equal((await client.pull({ model })).status, "success");
  let last;
  for await (const p of await client.pull({ model, stream: true })) last = p.status;
  assert.equal(last, "success");
});

test("chats, and streams the same", async () => {
  const whole = await client.chat(hello);
  assert(whole.message.content.length > 0);
  assert.deepEqual([whole.done, whole.done_reason, whole.eval_count], [true, "length", 24]);
  assert(whole.total_duration > 0 && whole.eval_duration > 0 && whole.prompt_eval_count > 0);
  let text = "", last;
  for await (const part of await client.chat({ ...hello, stream: true })) {
    text += part.message.content;
    last = part;
  }
  assert.equal(text, whole.message.content);
  assert.equal(last.eval_count, 24);
});

test("generates, and goes on from a context", async () => {
  const { messages: _, ...asked } = hello;
  const whole = await client.generate({ ...asked, prompt: "O Romeo", system: "Be brief." });
  let text = "", last;
  for await (const part of await client.generate({ ...asked, prompt: "O Romeo", system: "Be brief.", stream: true })) {
    text += part.response;
    last = part;
  }
  assert.equal(text, whole.response);
  assert.deepEqual(last.context, whole.context);
  const next = await client.generate({ ...asked, prompt: "And?", context: whole.context });
  assert(next.prompt_eval_count > whole.context.length);
});

test("cancels in the middle", async () => {
  const stream = await client.chat({ ...hello, options: { num_predict: 4000, ignore_eos: true }, stream: true });
  let parts = 0;
  await assert.rejects(async () => {
    for await (const _ of stream) if (++parts === 3) stream.abort();
  }, { name: "AbortError" });
  await idle();
});

test("gets errors", async () => {
  for (const [change, status, words] of [
    [{ model: "llama3" }, 404, /there is no model llama3/],
    [{ options: { mirostat: 1 } }, 400, /mirostat/],
    [{ messages: [{ role: "user", content: "x", images: ["aGk="] }] }, 400, /images/],
  ]) {
    for (const stream of [false, true]) {
      await assert.rejects(client.chat({ ...hello, ...change, stream }), (e) => {
        assert.equal(e.status_code, status);
        assert.match(e.message, words);
        return true;
      });
    }
  }
});

test("asks for JSON by schema", async () => {
  const a = await client.chat({ ...hello, options: { seed: 7, num_predict: 200 }, format: person });
  assert(isPerson(JSON.parse(a.message.content)));
});

test("calls a tool", async () => {
  const tools = [{ type: "function", function: { name: "person", description: "who it is", parameters: person } }];
  const asked = { ...hello, options: { seed: 7, num_predict: 200 }, tools, tool_choice: "required", parallel_tool_calls: false };
  const a = await client.chat(asked);
  const [call] = a.message.tool_calls;
  assert.equal(call.function.name, "person");
  assert(isPerson(call.function.arguments));
  const calls = [];
  for await (const part of await client.chat({ ...asked, stream: true })) calls.push(...(part.message.tool_calls ?? []));
  assert.deepEqual(calls.map((c) => c.function), a.message.tool_calls.map((c) => c.function));
  const next = await client.chat({ ...hello, tools, messages: [
    ...messages, a.message, { role: "tool", tool_name: "person", content: "yes" }] });
  assert.equal(next.eval_count, 24);
});

test("embeds, and gets log-probabilities", async () => {
  const e = await client.embed({ model, input: ["x", "y"] });
  assert.deepEqual(e.embeddings.map((v) => v.length), [256, 256]);
  const a = await client.chat({ ...hello, logprobs: true, top_logprobs: 2 });
  assert.equal(a.logprobs.length, 24);
  assert(a.logprobs.every((t) => t.top_logprobs.length === 2));
});
