/**
 * Walks that a file has and a configuration leaves out: all of the file's walk stands under an `#if` that does not hold
 * (CONFIG_HAVE_GENERIC_GUP of 4.19 on an architecture with a walk of its own). They are said to be there, and are given no
 * verdict, so that a file whose walk is not compiled does not pass for one without a walk.
 */
import { everythingOf } from './checked_source.js';
import type { Unit } from './names.js';
import { rootNames, walkNames } from './roles.js';
import type { Reader } from './roles_readers.js';

/** Files that cannot have a walk are not looked at twice. */
const mentionsEntries = /\bp(?:te|md|ud|4d|gd)_t\b/;

/** The roots of such walks; none when the file has active ones (the caller knows). */
export function walksNotCompiled(file: Unit, text: string): readonly Reader[] {
	if (!mentionsEntries.test(text)) return [];
	const everything = everythingOf(file.source.path, text);
	return rootNames({ ...file, source: everything }).flatMap((name) => {
		const [item] = everything.functions.get(name) ?? [];
		if (item === undefined) return [];
		const why =
			'it is the root of a lockless walk that is not compiled under this configuration (#if)';
		return [undecided(name, item.nameStart, { length: name.length, why })];
	});
}

/**
 * Walks that stand in the replacement of a macro of the file: a function is read where it is written, and none is made of a
 * macro. Said to be there, so that a walk does not vanish by being written that way.
 */
export function walksOfMacros(file: Unit): readonly Reader[] {
	const isWalk = (text: string): boolean => {
		if (!text.includes('{') || !mentionsEntries.test(text)) return false;
		return walkNames({ ...file, source: everythingOf(file.source.path, text) }).length > 0;
	};
	const own = [...file.source.preprocessed.macros.values()].filter(({ body }) => isWalk(body));
	if (own.length > 0)
		return own.map(({ name, offset }) =>
			undecided(name, offset, { length: 1, why: `it is a macro that makes ${MADE}` }),
		);
	// what a macro of a header makes has its body where it ends, or none that is written
	const made = file.source.items.filter((i) => i.body < 0 || i.body === i.end);
	return made.flatMap((item) => {
		const { text, map } = file.source.piece(item);
		if (map === null || !isWalk(text)) return [];
		return [undecided(item.name, item.nameStart, { length: 1, why: `a macro makes it, ${MADE}` })];
	});
}

const MADE = 'a lockless walk: functions that a macro makes are not read';

/** Said to be there, without a verdict. */
function undecided(
	name: string,
	start: number,
	{ length, why }: { readonly length: number; readonly why: string },
): Reader {
	const place = { nameStart: start, start, end: start + length };
	return { name, ...place, modelled: false, locked: false, continues: false, why };
}
