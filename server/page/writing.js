// How a text grows on the page: at most once a frame, with its speed.

import { Failure } from "./api.js";

// follow takes the parts of a text as they come. to(part) is given its new words, at most once a frame, and rate the
// tokens per second so far. It resolves to how the text ended: usage and id as the server told them, rate, and stopped
// or failure where it was cut off.
export async function follow(parts, signal, to, rate) {
	let waiting = "", frame = 0, first = 0, last = 0, count = 0;
	const end = {};
	const flush = () => {
		cancelAnimationFrame(frame);
		frame = 0;
		if (waiting) to(waiting);
		waiting = "";
		if (count > 1 && last > first) rate(1000 * (count - 1) / (last - first), count);
	};
	try {
		for await (const p of parts) {
			if (p.text) {
				waiting += p.text;
				last = performance.now();
				if (count++ === 0) first = last;
				if (!frame) frame = requestAnimationFrame(flush);
			} else {
				Object.assign(end, p);
			}
		}
	} catch (e) {
		if (signal.aborted) end.stopped = true;
		else if (e instanceof Failure) Object.assign(end, { failure: e.message, code: e.code });
		else end.failure = e instanceof TypeError ? "The connection broke off." : String(e.message);
	}
	flush();
	const written = end.usage?.written ?? count;
	if (written > 1 && last > first) end.rate = 1000 * (written - 1) / (last - first);
	end.count = written;
	return end;
}

// told words how a text came to be, for a line below it.
export function told({ count, rate, usage, stopped, cut }) {
	const parts = [];
	if (count) parts.push(`${count} tokens`);
	if (rate) parts.push(`${round(rate)} tok/s`);
	if (usage) parts.push(`${usage.reused} of ${usage.read} prompt tokens reused`);
	if (stopped) parts.push("stopped");
	if (cut) parts.push("token limit reached");
	return parts.join(" · ");
}

export function round(rate) { return rate < 10 ? rate.toFixed(1) : rate.toFixed(0); }
