/**
 * Functions that look without a lock and are not explored, as readers without a verdict: what each does, at which line, and the one
 * thing that is missing for a verdict on it.
 */

import { DOES, KINDS } from './look_words.js';
import { type Looker, lookersOf } from './looks.js';
import type { Names, Unit } from './names.js';
import { walkNames } from './roles.js';
import type { Reader } from './roles_readers.js';

/**
 * The functions of a file that are not explored, in its order; `readers`: what is explored, or was found to take references. A file
 * with a lockless walk has none beside it: what its walk does not reach is the slow path.
 */
export function unexploredIn(
	file: Unit,
	names: Names,
	readers: readonly Reader[],
): readonly Reader[] {
	if (walkNames(file).length > 0) return [];
	const explored = new Set(readers.filter((r) => r.modelled).map((r) => r.name));
	const lookers = lookersOf(file, names).filter((looker) => !explored.has(looker.name));
	const found = new Set(lookers.map((l) => l.name));
	const grabbing = readers.filter(
		(r) =>
			!r.modelled &&
			!found.has(r.name) &&
			r.kinds?.has('reference') === true &&
			OF_PAGES.test(textOf(file, r.name)),
	);
	return [...lookers.map((looker) => readerOf(file, looker)), ...grabbing].sort(
		(a, b) => a.nameStart - b.nameStart,
	);
}

/** A count that is raised belongs to a page, or to what a page leads to. */
const OF_PAGES = /\bstruct\s+(?:folio|page|anon_vma|ksm_stable_node)\b/;

function textOf({ source }: Unit, name: string): string {
	const [item] = source.functions.get(name) ?? [];
	return item === undefined ? '' : source.piece(item).text;
}

function readerOf(file: Unit, looker: Looker): Reader {
	const { name, item, looks } = looker;
	const [first] = looks;
	const { start, end } = first ?? { start: item.nameStart, end: item.nameStart + name.length };
	const { line } = file.source.lines.positionAt(start);
	return {
		...{ name, nameStart: item.nameStart, start, end },
		...{ modelled: false, locked: false, continues: false },
		why: looker.broken ?? `${doesWhat(looker)} (line ${line}); ${missing(looker)}`,
	};
}

function doesWhat({ looks }: Looker): string {
	const kinds = new Set(looks.map((look) => look.kind));
	return [...KINDS, 'found' as const]
		.filter((kind) => kinds.has(kind))
		.map((kind) => DOES[kind])
		.join(', ');
}

function missing({ looks, isOfKernel }: Looker): string {
	if (looks.every((look) => look.kind === 'found'))
		return 'what it looks at again under the lock is not explored';
	const isTables = looks.every((look) => look.kind === 'entry');
	return isOfKernel && isTables
		? 'no world has the page tables of the kernel itself'
		: 'racewalk does not know which locks its callers hold';
}
