// LangChain's client.
import assert from "node:assert/strict";
import test from "node:test";
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
import { baseURL, idle, model } from "./common.js";

const options = { model, apiKey: "none", maxRetries: 0, maxTokens: 24, modelKwargs: { seed: 7 }, configuration: { baseURL } };
const messages = [["system", "Be brief."], ["user", "O Romeo"]];

test("chats, and streams the same", async () => {
  const chat = new ChatOpenAI(options);
  const whole = await chat.invoke(messages);
  assert(whole.content.length > 0);
  assert.equal(whole.usage_metadata.output_tokens, 24);
  let text = "";
  for await (const part of await chat.stream(messages)) text += part.content;
  assert.equal(text, whole.content);
});

test("cancels in the middle", async () => {
  const chat = new ChatOpenAI({ ...options, maxTokens: 4000 });
  let parts = 0;
  for await (const _ of await chat.stream(messages)) if (++parts === 3) break;
  assert.equal(parts, 3);
  await idle();
});

test("gets errors", async () => {
  await assert.rejects(new ChatOpenAI({ ...options, model: "gpt-4" }).invoke(messages), (e) => {
    assert.equal(e.status, 404);
    return true;
  });
});

test("gets log-probabilities", async () => {
  const a = await new ChatOpenAI({ ...options, logprobs: true, topLogprobs: 2 }).invoke(messages);
  assert.equal(a.response_metadata.logprobs.content.length, 24);
});

const person = {
  title: "person", type: "object", additionalProperties: false, required: ["name", "age"],
  properties: { name: { type: "string", maxLength: 8 }, age: { type: "integer", minimum: 1, maximum: 99 } },
};

test("asks for JSON by schema, and by a tool", async () => {
  for (const method of ["jsonSchema", "functionCalling"]) {
    const chat = new ChatOpenAI({ ...options, maxTokens: 200 }).withStructuredOutput(person, { name: "person", method });
    const p = await chat.invoke(messages);
    assert(typeof p.name === "string" && p.age >= 1 && p.age <= 99, method);
  }
});

test("embeds", async () => {
  const e = new OpenAIEmbeddings({ model, apiKey: "none", maxRetries: 0, configuration: { baseURL } });
  assert.equal((await e.embedQuery("x")).length, 256);
});
