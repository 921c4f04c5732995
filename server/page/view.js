// How the page shows what there is. Texts become text nodes, never markup.

export const byId = (id) => document.getElementById(id);

// element makes an element with properties and what is in it; names with a dash are attributes.
export function element(tag, properties = {}, ...inside) {
	const e = document.createElement(tag);
	for (const [name, value] of Object.entries(properties)) {
		if (name.includes("-") || name === "role") e.setAttribute(name, value);
		else e[name] = value;
	}
	e.append(...inside);
	return e;
}

// button makes a button, whose focus is found again by its key when the page is drawn anew.
function button(words, key, off, act, label) {
	const b = element("button", { type: "button" }, words);
	b.dataset.key = key;
	if (label) b.setAttribute("aria-label", label);
	if (off) b.setAttribute("aria-disabled", "true"); // it keeps the focus, unlike one that is disabled
	b.addEventListener("click", () => { if (b.getAttribute("aria-disabled") !== "true") act(); });
	return b;
}

// walk makes what goes through versions: "2 of 3" between two buttons.
export function walk({ at, of }, key, busy, step, what) {
	return [button("‹", `${key}:back`, busy || at === 0, () => step(-1), `Previous version of ${what}`),
		element("span", { className: "which" }, `${at + 1} of ${of}`),
		button("›", `${key}:on`, busy || at === of - 1, () => step(1), `Next version of ${what}`)];
}

// redraw has draw put things anew, and the focus where it was.
export function redraw(inside, draw) {
	const key = inside.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
	draw();
	if (key) inside.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus();
}

// message draws a message. act has what its buttons do; busy turns them off.
export function message(n, depth, place, meta, busy, act) {
	const mine = n.role === "user";
	const name = mine ? "You" : "Model", what = mine ? "the message" : "the answer";
	const said = element("div", { className: "said", lang: "", dir: "auto" }, n.text);
	const a = element("article", { className: `${mine ? "user" : "model"}${n.writing ? " writing" : ""}`,
		"aria-label": name, "aria-busy": String(Boolean(n.writing)) }, element("h2", {}, name), said);
	if (n.failure) a.append(element("p", { className: "failure" }, n.failure));
	const below = element("div", { className: "below" });
	if (place.of > 1) {
		below.append(element("span", { className: "pair", role: "group", "aria-label": `Versions of ${what}` },
			...walk(place, `${depth}`, busy, act.step, what)));
	}
	if (mine) below.append(button("Edit", `${depth}:edit`, busy, () => act.edit(a), "Edit the message"));
	else below.append(button("Again", `${depth}:again`, busy, act.again, "Answer again"));
	if (navigator.clipboard && n.text && !n.writing) {
		below.append(button("Copy", `${depth}:copy`, false, () => act.copy(n.text), `Copy ${what}`));
	}
	if (meta) below.append(element("span", { className: "meta" }, meta));
	a.append(below);
	return a;
}

// editor puts a field in place of a message's text. done is called with the new text, or null.
export function editor(a, text, done) {
	const field = element("textarea", { value: text, rows: Math.min(10, text.split("\n").length + 1), lang: "", dir: "auto",
		"aria-label": "The message, changed" });
	const save = element("button", { type: "button", className: "main" }, "Send");
	const cancel = element("button", { type: "button" }, "Cancel");
	save.addEventListener("click", () => done(field.value));
	cancel.addEventListener("click", () => done(null));
	field.addEventListener("keydown", (e) => {
		if (sends(e)) {
			e.preventDefault();
			done(field.value);
		}
	});
	a.addEventListener("keydown", (e) => {
		if (e.key === "Escape") {
			e.stopPropagation();
			done(null);
		}
	});
	a.querySelector(".said").replaceWith(field);
	a.querySelector(".below").replaceChildren(save, cancel);
	field.focus();
	field.setSelectionRange(text.length, text.length);
}

const touch = matchMedia("(pointer: coarse)");

// sends reports whether a key sends what is in a field: on a phone Enter begins a line.
export function sends(e) {
	return e.key === "Enter" && !e.shiftKey && !e.isComposing && !touch.matches;
}
