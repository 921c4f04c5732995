// What the tests have in common: where the server is, and what it is busy with.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

export const url = process.env.FM_URL;
export const baseURL = `${url}/v1`;
export const model = "tiny-shakespeare"; // what scripts/test-clients.sh serves
export const messages = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "O Romeo" },
];

// idle waits until the server works on no text.
export async function idle() {
  for (let i = 0; i < 1000; i++) {
    const slots = await (await fetch(`${url}/slots`)).json();
    assert(slots.length > 0);
    if (!slots.some((s) => s.is_processing)) return;
    await sleep(10);
  }
  assert.fail("a text goes on");
}

// What tests ask for by schema, and by a tool.
export const person = {
  type: "object", additionalProperties: false, required: ["name", "age"],
  properties: { name: { type: "string", maxLength: 8 }, age: { type: "integer", minimum: 1, maximum: 99 } },
};
export const isPerson = (p) => typeof p.name === "string" && p.age >= 1 && p.age <= 99 && Object.keys(p).length === 2;
