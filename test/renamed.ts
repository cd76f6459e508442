/**
 * A file of C with what it names itself named otherwise: parameters, locals and labels of each function, and its static
 * functions. What the kernel names (anything of a header, members, tags) stays.
 */
import { everythingOf } from '../server/lower/checked_source.js';
import { functionOf, type Source } from '../server/syntax/source.js';

/** How a function's own names are changed: to others that say nothing, or to each other's. */
export type Renaming = 'plain' | 'shuffled';

const WORDS = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+'|\/\*[\s\S]*?\*\/|\/\/[^\n]*|[A-Za-z_]\w*/g;

/** The text under other names, as long in lines, and what its functions were called. */
export function renamed(
	path: string,
	text: string,
	how: Renaming,
): { readonly text: string; readonly was: ReadonlyMap<string, string> } {
	// whatever a configuration leaves out is renamed as well
	const source = everythingOf(path, text);
	const was = new Map<string, string>();
	const functions = new Map<string, string>();
	for (const [name, [item]] of source.functions) {
		const head = item === undefined ? '' : text.slice(item.start, item.body);
		if (!/\bstatic\b/.test(head) || source.preprocessed.macros.has(name)) continue;
		functions.set(name, `walks_${functions.size}_${how}`);
		was.set(functions.get(name) ?? '', name);
	}
	const pieces: string[] = [];
	let at = 0;
	for (const item of source.items) {
		if (item.kind !== 'function' && item.kind !== 'prototype') continue;
		const own = item.kind === 'function' ? namesOf(source, item, how) : new Map<string, string>();
		pieces.push(replaced(text.slice(at, item.start), functions));
		pieces.push(replaced(text.slice(item.start, item.end), new Map([...functions, ...own])));
		at = item.end;
	}
	return { text: pieces.join('') + replaced(text.slice(at), functions), was };
}

function replaced(text: string, names: ReadonlyMap<string, string>): string {
	return text.replace(WORDS, (word: string, offset: number) => {
		const to = names.get(word);
		if (to === undefined) return word;
		// members and tags are not the file's to name
		return /(?:->|\.|\b(?:struct|union|enum))\s*$/.test(
			text.slice(Math.max(0, offset - 12), offset),
		)
			? word
			: to;
	});
}

/** Parameters, locals and labels of a function, by what they are called and will be. */
function namesOf(
	source: Source,
	item: Source['items'][number],
	how: Renaming,
): ReadonlyMap<string, string> {
	const syntax = functionOf(source.piece(item).text);
	if (syntax === null) return new Map();
	const found = new Set<string>(syntax.parameters.flatMap((p) => p.name ?? []));
	const visit = (node: unknown): void => {
		if (typeof node !== 'object' || node === null) return;
		if ('shape' in node && 'initialiser' in node && 'name' in node) found.add(String(node.name));
		if ('kind' in node && node.kind === 'label' && 'name' in node) found.add(String(node.name));
		for (const below of Object.values(node)) visit(below);
	};
	visit(syntax.body);
	// `goto pte_unmap;` beside a call of pte_unmap(): labels have names of their own
	const body = source.piece(item).text;
	const names = [...found].filter(
		(name) => name !== '' && !new RegExp(`\\b${name}\\s*\\(`).test(body.slice(body.indexOf('{'))),
	);
	const others = names.map((name, i) =>
		how === 'plain' ? `v${i}_` : (names[(i + 1) % names.length] ?? name),
	);
	return new Map(names.map((name, i) => [name, others[i] ?? name]));
}
