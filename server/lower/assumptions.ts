/** What a walk takes for granted, gathered along its calls and told where the checked file makes it matter. */
import type { FunctionIndex, SiteIndex } from '../../engine/program/op.js';
import type { Assumption, ProgramFunction } from '../../engine/program/program.js';
import type { Note } from './context.js';
import type { DefinedFunction } from './names.js';
import type { Walk } from './request.js';

interface Given {
	readonly functions: readonly ProgramFunction[];
	readonly walks: readonly Walk[];
	readonly definitions: readonly DefinedFunction[];
	readonly notes: readonly (readonly Note[])[];
	readonly path: string;
	readonly tree: boolean;
	/** What the file's directives take for granted, with the places of the directives. */
	readonly reading: readonly { readonly what: string; readonly site: SiteIndex }[];
	/** Definitions of the tree that are taken for others, for every function. */
	readonly strange: { readonly texts: readonly string[]; site(): SiteIndex };
}

/** One entry per assumption and function of the checked file. */
export function assumptionsOf(given: Given): readonly Assumption[] {
	const made = new Map<string, Assumption>();
	const add = (what: string, site: SiteIndex, name: string): void => {
		const key = `${name}:${what}`;
		if (!made.has(key)) made.set(key, { what, site, function: name });
	};
	const inFile = new Set(given.walks.flatMap((w) => w.functions));
	for (const index of inFile)
		for (const what of given.strange.texts)
			add(what, given.strange.site(), given.functions[index]?.name ?? '');
	for (const index of inFile) {
		const own = given.functions[index];
		for (const note of given.notes[index] ?? []) add(note.text, note.site, own?.name ?? '');
		for (const op of own?.ops ?? []) {
			if (op.kind !== 'call') continue;
			for (const what of below(given, op.callee, inFile)) add(what, op.site, own?.name ?? '');
		}
	}
	for (const { root } of given.walks)
		for (const { what, site } of given.reading) add(what, site, given.functions[root]?.name ?? '');
	return [...made.values()];
}

/** Assumptions of a function outside the checked file and of what it calls there. */
function below(
	given: Given,
	from: FunctionIndex,
	inFile: ReadonlySet<FunctionIndex>,
): readonly string[] {
	const texts: string[] = [];
	const seen = new Set<FunctionIndex>();
	const open = [from];
	for (let at = open.pop(); at !== undefined; at = open.pop()) {
		if (seen.has(at) || inFile.has(at)) continue;
		seen.add(at);
		const definition = given.definitions[at];
		if (definition?.unit.assumed === true) {
			texts.push(
				`${definition.syntax.name}(): body assumed (${given.tree ? 'not found in the tree' : 'no tree'})`,
			);
		}
		texts.push(...(given.notes[at] ?? []).map((n) => n.text));
		for (const op of given.functions[at]?.ops ?? []) if (op.kind === 'call') open.push(op.callee);
	}
	return texts;
}
