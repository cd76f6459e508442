/**
 * Which of racewalk's own files may say something of a name: an index of all that they define, declare or leave in doubt.
 */
import { doubtedNames } from '../syntax/doubts.js';
import type { Source } from '../syntax/source.js';

/** The units that may say something of a name, in their order. */
export function ownNames<U extends { readonly source: Source }>(
	units: readonly U[],
): (name: string) => readonly U[] {
	const byName = new Map<string, U[]>();
	for (const unit of units) {
		for (const name of mentionedNames(unit.source)) {
			const before = byName.get(name);
			if (before === undefined) byName.set(name, [unit]);
			else before.push(unit);
		}
	}
	const none: readonly U[] = [];
	return (name) => byName.get(name) ?? none;
}

const mentioned = new WeakMap<Source, ReadonlySet<string>>();

/** Every name of which `definedIn` may find something in a file that is not the checked one. */
function mentionedNames(source: Source): ReadonlySet<string> {
	const known = mentioned.get(source);
	if (known !== undefined) return known;
	const names = new Set([
		...doubtedNames(source),
		...source.preprocessed.macros.keys(),
		...source.functions.keys(),
		...source.brokenNames.keys(),
		...source.enumerators().keys(),
		...source.globals.keys(),
		...source.prototypes.keys(),
	]);
	mentioned.set(source, names);
	return names;
}
