// What the page asks of the server. Paths are relative, so that they hold behind a proxy that adds to them.

// A Failure is what the server, or the way to it, says went wrong.
export class Failure extends Error {
	constructor(message, status, code) {
		super(message);
		this.status = status;
		this.code = code;
	}
}

let key = sessionStorage.getItem("key") ?? "";

// askKey, which the page sets, resolves to a key, or null where whoever is asked has none.
let askKey = async () => null;
export function onKeyWanted(ask) { askKey = ask; }

// ask sends a request, with a body as JSON if there is one. Where the server wants a key, it is asked for.
export async function ask(path, body, signal) {
	for (;;) {
		const headers = {};
		if (key) headers.Authorization = `Bearer ${bytes(key)}`;
		if (body) headers["Content-Type"] = "application/json";
		let r;
		try {
			r = await fetch(path, { method: body ? "POST" : "GET", headers, signal, cache: "no-store",
				body: body && JSON.stringify(body) });
		} catch (e) {
			if (signal?.aborted) throw e;
			throw new Failure("The server cannot be reached. Is it running?", 0, "");
		}
		if (r.ok) return r;
		const failure = await failureOf(r);
		if (r.status !== 401) throw failure;
		const given = await askKey(failure.message);
		if (given === null) throw failure;
		key = given;
		sessionStorage.setItem("key", key);
	}
}

// bytes returns a text's UTF-8 as characters of a byte each, which is what headers have.
function bytes(text) { return String.fromCharCode(...new TextEncoder().encode(text)); }

async function failureOf(r) {
	const text = await r.text().catch(() => "");
	try {
		const { error } = JSON.parse(text);
		let message = error.message;
		const wait = r.headers.get("Retry-After");
		if (wait) message += ` (again in ${wait} s)`;
		return new Failure(message, r.status, error.code);
	} catch {
		return new Failure(`The server answered ${r.status} ${r.statusText}`, r.status, "");
	}
}

// events yields the data of server-sent events.
async function* events(r) {
	let rest = "", data = [];
	for await (const text of chunks(r.body)) {
		const lines = (rest + text).split("\n");
		rest = lines.pop();
		for (const line of lines.map((l) => l.replace(/\r$/, ""))) {
			if (line.startsWith("data:")) {
				data.push(line.slice(5).replace(/^ /, ""));
			} else if (line === "" && data.length > 0) {
				yield data.join("\n");
				data = [];
			}
		}
	}
}

async function* chunks(body) {
	const reader = body.pipeThrough(new TextDecoderStream()).getReader();
	try {
		for (;;) {
			const { done, value } = await reader.read();
			if (done) return;
			yield value;
		}
	} finally {
		reader.cancel().catch(() => {}); // of a stream that was aborted
	}
}

const brokeOff = () => new Failure("The connection broke off before the end.", 0, "");

// answer has the server answer a conversation. It yields { text } as it comes and at last { id, usage, cut }.
export async function* answer(body, signal) {
	for await (const data of events(await ask("v1/responses", { ...body, stream: true }, signal))) {
		const e = JSON.parse(data);
		switch (e.type) {
		case "response.output_text.delta":
			yield { text: e.delta };
			break;
		case "response.failed":
			throw new Failure(e.response.error.message, 0, e.response.error.code);
		case "error":
			throw new Failure(e.message ?? e.error?.message, 0, "");
		case "response.completed":
		case "response.incomplete": {
			const u = e.response.usage;
			yield { id: e.response.id, cut: e.type === "response.incomplete", usage: { read: u.input_tokens,
				reused: u.input_tokens_details.cached_tokens, written: u.output_tokens } };
			return;
		}
		}
	}
	throw brokeOff();
}

// complete has the server write a text on. It yields { text } as it comes and at last { usage, cut }.
export async function* complete(body, signal) {
	let cut = false, usage;
	const r = await ask("v1/completions", { ...body, stream: true, stream_options: { include_usage: true } }, signal);
	for await (const data of events(r)) {
		if (data === "[DONE]") {
			yield { usage, cut };
			return;
		}
		const e = JSON.parse(data);
		if (e.error) throw new Failure(e.error.message, 0, e.error.code);
		for (const c of e.choices) {
			if (c.finish_reason === "length") cut = true;
			if (c.text) yield { text: c.text };
		}
		if (e.usage) {
			usage = { read: e.usage.prompt_tokens, reused: e.usage.prompt_tokens_details?.cached_tokens ?? 0,
				written: e.usage.completion_tokens };
		}
	}
	throw brokeOff();
}
