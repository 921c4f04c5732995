// A conversation is a tree of messages. Each knows the one before it, and which of those behind it is shown; the first
// message of every conversation in the tab stands behind node 0, which is none. An answer that the server keeps has
// the id of its response: what goes on behind it, however old it is, sends that id and what is new.

export class Tree {
	constructor(nodes) {
		this.nodes = nodes ?? [{ parent: null, behind: [], shown: null }];
		for (const n of this.nodes) {
			if (n.writing) { // the page was left meanwhile
				delete n.writing;
				n.stopped = true;
			}
		}
	}

	// add puts a message behind another, and shows it. It returns its number.
	add(parent, role, text) {
		const id = this.nodes.length;
		this.nodes.push({ parent, role, text, behind: [], shown: null });
		this.nodes[parent].behind.push(id);
		this.show(id);
		return id;
	}

	// show has a message, and those before it, be what is shown.
	show(id) {
		for (let n = this.nodes[id]; n.parent !== null; id = n.parent, n = this.nodes[id]) {
			this.nodes[n.parent].shown = id;
		}
	}

	// path lists the messages that are shown.
	path() {
		const all = [];
		for (let id = this.nodes[0].shown; id !== null; id = this.nodes[id].shown) all.push(id);
		return all;
	}

	// place returns which of the versions of a message it is, from 0, and how many there are.
	place(id) {
		const all = this.nodes[this.nodes[id].parent].behind;
		return { at: all.indexOf(id), of: all.length };
	}

	// step shows the version of a message that is so many further on, where there is one.
	step(id, by) {
		const parent = this.nodes[this.nodes[id].parent];
		const to = parent.behind[parent.behind.indexOf(id) + by];
		if (to !== undefined) parent.shown = to;
		return to !== undefined;
	}

	// input returns what a request for an answer behind a message sends: the response before that the server keeps, if
	// there is any, and the messages since. With whole it is all of the messages.
	input(id, whole) {
		const input = [];
		for (; id !== 0; id = this.nodes[id].parent) {
			const n = this.nodes[id];
			if (n.response && !whole) return { previous_response_id: n.response, input };
			if (n.role === "user" || n.text) input.unshift({ role: n.role, content: n.text });
		}
		return { input };
	}
}
