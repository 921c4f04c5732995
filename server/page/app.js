// The page: a conversation that is a tree (tree.js), or a text that the model writes on.

import { answer, ask, complete, onKeyWanted } from "./api.js";
import { Tree } from "./tree.js";
import { byId, editor, element, message, redraw, sends, walk } from "./view.js";
import { follow, round, told } from "./writing.js";

const saved = JSON.parse(sessionStorage.getItem("page") ?? "{}");
const settings = saved.settings ?? {};
let tree = new Tree(saved.nodes);
// texts has every text that there was, with the one that it goes on from; at is the one that is shown.
let texts = saved.texts ?? [{ text: "", from: null }];
let at = saved.at ?? 0;
let mode = saved.mode ?? "chat";
let about = null; // what the server says of its model
let busy = null; // what stops the text that is being written

function save() {
	try {
		sessionStorage.setItem("page", JSON.stringify({ settings, nodes: tree.nodes, texts, at, mode }));
	} catch {
		fail("This tab has no room to keep more: export what you want to keep.");
	}
}

function fail(words) {
	byId("failure").textContent = words;
	byId("failure").hidden = !words;
}

// say has a screen reader say something.
function say(words) { byId("told").textContent = words; }

function state(words) { byId("state").textContent = words; }

// sampling returns what requests for the version of a text have beside it.
function sampling(version, most) {
	const o = {};
	for (const name of ["temperature", "top_p"]) if (settings[name] !== undefined) o[name] = settings[name];
	if (settings.seed !== undefined) o.seed = settings.seed + version;
	if (settings.max_tokens !== undefined) o[most] = settings.max_tokens;
	return o;
}

// writing runs what writes a text, with a signal that Stop and Esc give.
async function writing(run) {
	if (busy) return;
	busy = new AbortController();
	fail("");
	state("Reading …");
	say("The model writes.");
	controls();
	let end;
	try {
		end = await run(busy.signal);
	} finally {
		busy = null;
		state(end && mode === "text" ? told(end) : ""); // of an answer it stands below
		const stopHad = document.activeElement === byId("stop");
		controls();
		show(false);
		if (stopHad) byId(mode === "chat" ? "message" : "send").focus();
		save();
	}
}

const speed = (rate, count) => state(`${count} tokens · ${round(rate)} tok/s`);

// low reports whether the end of what is shown is in sight.
function low(e) { return e.scrollHeight - e.scrollTop - e.clientHeight < 80; }

// answerTo has the model answer a message.
function answerTo(id) {
	return writing(async (signal) => {
		const version = tree.nodes[id].behind.length;
		const n = tree.nodes[tree.add(id, "assistant", "")];
		n.writing = true;
		show(true);
		const said = byId("messages").querySelector("article.writing .said");
		const grow = (words) => {
			const follows = low(byId("main"));
			n.text += words;
			said.append(words);
			if (follows) byId("main").scrollTop = byId("main").scrollHeight;
		};
		const send = (whole) => {
			const body = { ...tree.input(id, whole), ...sampling(version, "max_output_tokens") };
			if (settings.system) body.instructions = settings.system;
			return follow(answer(body, signal), signal, grow, speed);
		};
		let end = await send(false);
		if (end.code === "previous_response_not_found") end = await send(true); // it is kept no more
		delete n.writing;
		n.response = end.id;
		for (const name of ["count", "rate", "usage", "stopped", "cut", "failure"]) n[name] = end[name];
		say(end.failure ?? n.text);
		return end;
	});
}

// writeOn has the model write a text on.
function writeOn(from) {
	return writing(async (signal) => {
		const version = texts.filter((t) => t.from === from).length;
		const t = { text: texts[from].text, from };
		texts.push(t);
		at = texts.length - 1;
		showText();
		const field = byId("document");
		const body = { prompt: t.text, ...sampling(version, "max_tokens") };
		body.max_tokens ??= about?.default_generation_settings.params.max_tokens;
		let words = "";
		const end = await follow(complete(body, signal), signal, (part) => {
			const follows = low(field);
			words += part;
			t.text += part;
			field.value = t.text;
			if (follows) field.scrollTop = field.scrollHeight;
		}, speed);
		if (end.failure) fail(end.failure);
		if (!words) { // nothing is lost
			texts.pop();
			at = from;
		}
		showText();
		say(words);
		return end;
	});
}

// controls shows the buttons as they are of use now.
function controls() {
	const chat = mode === "chat";
	byId("chat").hidden = !chat;
	byId("plain").hidden = chat;
	byId("message").hidden = !chat;
	byId("text-tools").hidden = chat;
	byId("hint").textContent = chat ? "Enter sends, Shift+Enter begins a line, Esc stops" :
		"Ctrl+Enter writes on, Esc stops";
	byId("form").classList.toggle("plain", !chat);
	byId("send").textContent = chat ? "Send" : "Write on";
	byId("send").hidden = busy !== null;
	byId("stop").hidden = busy === null;
	byId("document").readOnly = busy !== null;
	byId("mode-chat").setAttribute("aria-pressed", String(chat));
	byId("mode-text").setAttribute("aria-pressed", String(!chat));
	document.querySelector(".skip").href = chat ? "#message" : "#document";
	for (const b of document.querySelectorAll("header button")) b.setAttribute("aria-disabled", String(busy !== null));
	if (!chat) showVersions();
}

function showVersions() {
	redraw(byId("versions"), () => byId("versions").replaceChildren(...(texts.length < 2 ? [] :
		walk({ at, of: texts.length }, "text", busy !== null, (by) => {
			keepText();
			at += by;
			showText();
			save();
		}, "the text"))));
	byId("again").setAttribute("aria-disabled", String(busy !== null || texts[at].from === null));
}

function showText() {
	byId("document").value = texts[at].text;
	byId("document").scrollTop = byId("document").scrollHeight;
	showVersions();
}

// keepText takes the text as it was edited.
function keepText() { texts[at].text = byId("document").value; }

// show draws the conversation; with down its end is in sight.
function show(down) {
	const part = tree.path().map((id, depth) => {
		const n = tree.nodes[id];
		return message(n, depth, tree.place(id), n.role === "user" || n.writing ? "" : told(n), busy !== null, {
			step: (by) => {
				tree.step(id, by);
				show(false);
				save();
			},
			edit: (a) => editor(a, n.text, (text) => {
				if (text === null || !text.trim()) {
					show(false);
					focusOn(`${depth}:edit`);
					return;
				}
				const to = tree.add(n.parent, "user", text);
				answerTo(to);
				focusOn(`${depth}:edit`);
			}),
			again: () => answerTo(n.parent),
			copy: (text) => navigator.clipboard.writeText(text).then(() => say("Copied."),
				() => say("It cannot be copied.")),
		});
	});
	const main = byId("main");
	const top = main.scrollTop;
	redraw(byId("messages"), () => byId("messages").replaceChildren(...(part.length ? part : nothing())));
	main.scrollTop = down ? main.scrollHeight : top;
}

function focusOn(key) { byId("messages").querySelector(`[data-key="${key}"]`)?.focus(); }

// nothing is what an empty conversation shows: those that there were.
function nothing() {
	const first = tree.nodes[0].behind;
	const list = [element("p", { className: "empty" }, "What would you like to know?")];
	if (first.length) {
		list.push(element("h2", {}, "Earlier in this tab"), element("ul", { className: "earlier" }, ...first.map((id) => {
			const b = element("button", { type: "button" }, tree.nodes[id].text);
			b.addEventListener("click", () => {
				tree.show(id);
				show(true);
				save();
				byId("message").focus();
			});
			return element("li", {}, b);
		})));
	}
	return list;
}

// fit makes a field as high as its text, where style sheets cannot.
function fit(field) {
	if (CSS.supports("field-sizing", "content")) return;
	field.style.height = "auto";
	field.style.height = `${field.scrollHeight + 2}px`;
}

function send() {
	if (busy) return;
	if (mode === "text") {
		keepText();
		writeOn(at);
		return;
	}
	const field = byId("message");
	if (!field.value.trim()) return;
	const to = tree.add(tree.path().at(-1) ?? 0, "user", field.value);
	field.value = "";
	fit(field);
	answerTo(to);
}

// on has a button do something, unless it is turned off.
function on(id, act) {
	byId(id).addEventListener("click", (e) => {
		if (e.currentTarget.getAttribute("aria-disabled") !== "true") act();
	});
}

function begin() {
	byId("form").addEventListener("submit", (e) => {
		e.preventDefault();
		send();
	});
	byId("message").addEventListener("keydown", (e) => {
		if (sends(e)) {
			e.preventDefault();
			send();
		}
	});
	byId("message").addEventListener("input", (e) => fit(e.target));
	byId("document").addEventListener("keydown", (e) => {
		if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) send();
	});
	byId("document").addEventListener("change", () => {
		if (!busy) {
			keepText();
			save();
		}
	});
	byId("stop").addEventListener("click", () => busy?.abort());
	document.addEventListener("keydown", (e) => {
		if (e.key === "Escape" && busy && !document.querySelector("dialog[open]")) busy.abort();
	});
	on("again", () => writeOn(texts[at].from));
	for (const m of ["chat", "text"]) {
		on(`mode-${m}`, () => {
			mode = m;
			fail("");
			state("");
			controls();
			save();
		});
	}
	on("new", () => {
		if (mode === "text") {
			keepText();
			texts.push({ text: "", from: null });
			at = texts.length - 1;
			showText();
			byId("document").focus();
		} else {
			tree.nodes[0].shown = null;
			show(true);
			byId("message").focus();
		}
		state("");
		save();
	});
	on("export", exported);
	on("open-settings", openSettings);
	byId("settings-form").addEventListener("submit", takeSettings);
	byId("settings-cancel").addEventListener("click", () => byId("settings").close());
	byId("forget").addEventListener("click", () => {
		if (!confirm("Forget every conversation and text of this tab?")) return;
		tree = new Tree();
		texts = [{ text: "", from: null }];
		at = 0;
		show(true);
		showText();
		save();
		byId("settings").close();
	});
	addEventListener("pagehide", () => {
		busy?.abort(); // else it ends as if the connection had failed
		if (mode === "text" && !busy) keepText();
		save();
	});
	onKeyWanted(askKey);
}

const fields = ["temperature", "top_p", "max_tokens", "seed"];

function openSettings() {
	const form = byId("settings-form").elements;
	form.system.value = settings.system ?? "";
	for (const name of fields) form[name].value = settings[name] ?? "";
	byId("settings").showModal();
}

function takeSettings() {
	const form = byId("settings-form").elements;
	settings.system = form.system.value;
	for (const name of fields) settings[name] = form[name].value === "" ? undefined : form[name].valueAsNumber;
	save();
}

// askKey asks for an API key, and resolves to null where none is given.
function askKey(why) {
	const dialog = byId("keys"), form = byId("keys-form");
	byId("keys-why").textContent = why;
	form.elements.key.value = "";
	return new Promise((resolve) => {
		form.addEventListener("submit", () => resolve(form.elements.key.value), { once: true });
		dialog.addEventListener("close", () => setTimeout(resolve, 0, null), { once: true });
		byId("keys-cancel").addEventListener("click", () => dialog.close(), { once: true });
		dialog.showModal();
	});
}

// exported gives the browser a file with everything.
function exported() {
	if (mode === "text") keepText();
	const all = { model: about?.model_alias, device: about?.device, settings, messages: tree.nodes, texts };
	const url = URL.createObjectURL(new Blob([JSON.stringify(all, null, "\t")], { type: "application/json" }));
	element("a", { href: url, download: "conversation.json" }).click();
	setTimeout(() => URL.revokeObjectURL(url), 1000);
	say("Exported.");
}

// meet learns what the server has.
async function meet() {
	try {
		about = await (await ask("props")).json();
	} catch (e) {
		fail(e.message);
		return;
	}
	byId("model").textContent = document.title = about.model_alias;
	byId("device").textContent = about.device;
	const usual = about.default_generation_settings.params;
	for (const name of ["temperature", "top_p", "max_tokens"]) {
		byId("settings-form").elements[name].placeholder = usual[name];
	}
	if (!about.chat_template) { // a model that no chat is known of
		mode = "text";
		byId("modes").hidden = true;
	}
	controls();
}

begin();
controls();
show(true);
showText();
meet();
