/**
 * What a process and all that it started have in memory. Linux only: elsewhere nothing is seen.
 */
import { readdirSync, readFileSync } from 'node:fs';

/** Bytes of a page, as `statm` counts them. */
const PAGE = 4096;

/**
 * Bytes that are resident in a process and its descendants; NaN where it cannot be seen. What they share counts for each.
 * @param {number} root
 */
export function memoryOf(root) {
	/** @type {Map<number, number[]>} */
	const children = new Map();
	try {
		for (const name of readdirSync('/proc')) {
			if (!/^\d+$/.test(name)) continue;
			const stat = contents(`/proc/${name}/stat`);
			// the name in brackets may hold anything
			const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
			children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
		}
	} catch {
		return Number.NaN;
	}
	let bytes = 0;
	const open = [root];
	for (let id = open.pop(); id !== undefined; id = open.pop()) {
		bytes += Number(contents(`/proc/${id}/statm`).split(' ')[1] ?? 0) * PAGE;
		open.push(...(children.get(id) ?? []));
	}
	return bytes;
}

/**
 * Looks at it again and again; the most that was seen so far, in bytes.
 * @param {number} root @param {{ readonly every: number }} options milliseconds between two looks
 */
export function watchMemory(root, { every }) {
	let most = memoryOf(root);
	const timer = setInterval(() => {
		const now = memoryOf(root);
		if (!(now <= most)) most = now;
	}, every);
	timer.unref();
	return {
		most: () => most,
		stop: () => clearInterval(timer),
	};
}

/** @param {string} path the text, or nothing of a process that is gone */
function contents(path) {
	try {
		return readFileSync(path, 'utf8');
	} catch {
		return '';
	}
}
