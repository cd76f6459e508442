/**
 * Walks in what the checked file includes: a check is of the file's own functions, so that a walk that stands in another file is said to be
 * there, and where. A file that is no header and not there may have one in it.
 */
import { everythingOf } from './checked_source.js';
import type { Unit } from './names.js';
import { lookNames, mayWalk, walkNames } from './roles.js';
import type { Reader } from './roles_readers.js';

/** Names of walks by the file they stand in; the oldest go first. */
const known = new Map<string, { readonly text: string; readonly names: readonly string[] }>();
const knownMax = 2000;

/** The roots of walks in included files, each at the directive that brings it. */
export function includedWalks(file: Unit): readonly Reader[] {
	const { unit } = file.source.preprocessed;
	if (unit === null) return [];
	return [...unit.headers()].flatMap(({ path, text, behind }) =>
		walksIn(file, path, text).map((name) =>
			undecided(
				name,
				behind,
				`it is a lockless walk of ${path}, which the file includes: only the file's own functions are checked (racewalk check ${path})`,
			),
		),
	);
}

function walksIn(file: Unit, path: string, text: string): readonly string[] {
	const before = known.get(path);
	if (before?.text === text) return before.names;
	const names = mayWalk(text) ? namesOf({ ...file, source: everythingOf(path, text) }) : [];
	if (known.size >= knownMax) known.delete(known.keys().next().value ?? '');
	known.set(path, { text, names });
	return names;
}

function namesOf(unit: Unit): readonly string[] {
	return [...new Set([...walkNames(unit), ...lookNames(unit)])];
}

/** Included files that are no headers and not there: nobody knows what is in them. */
export function includesUnread(file: Unit): readonly Reader[] {
	const { unit } = file.source.preprocessed;
	return (unit?.missing ?? []).flatMap(({ message, path, offset }) => {
		if (path !== unit?.path || isHeader(message)) return [];
		const why = `the file includes ${message}, which is not found: a walk in it is not checked`;
		return [undecided(message, offset, why)];
	});
}

function isHeader(path: string): boolean {
	return /\.h$/.test(path);
}

function undecided(name: string, start: number, why: string): Reader {
	const place = { nameStart: start, start, end: start + 1 };
	return { name, ...place, modelled: false, locked: false, continues: false, why };
}
