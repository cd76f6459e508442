/**
 * Translation phase 4 of one file: its directives in order, with what they include, and what follows from them for its
 * text: which of it is active, and which macro a name is at which place.
 *
 * What stands up to the last `#include` of the file is kept and used again while it and the headers stay as they are, to the letter:
 * that is what makes an edit below it cheap.
 *
 * Invariant: never throws on any text; a limit that is met is a doubt from there on.
 */
import { areWhereTheyWere } from './asked_headers.js';
import { DirectiveRun } from './directive_run.js';
import { finished } from './finished.js';
import { logicalLines } from './logical_lines.js';
import { MacroHistory } from './macro.js';
import type { Base } from './progress.js';
import type { TranslationUnit, UnitRequest } from './translation_unit.js';
import { INCLUDES } from './unread_text.js';

const bases = new Map<string, Base>();
const basesMax = 4;

export function translationUnit(request: UnitRequest): TranslationUnit {
	const lines = logicalLines(request.text);
	const { directives } = lines;
	const split = directives.findLastIndex(({ kind }) => INCLUDES.has(kind)) + 1;
	const prefix = directives.slice(0, split);
	// what is said of directives has their places, and __LINE__ the lines between them
	const key = `${request.key}\n${request.path}\n${request.text.slice(0, prefix.at(-1)?.end ?? 0)}`;
	let base = bases.get(key);
	if (base !== undefined && !isValid(base, request)) base = undefined;
	bases.delete(key);
	if (base === undefined) {
		const run = new DirectiveRun(request, new MacroHistory(), null);
		run.prelude();
		run.main(prefix, 0);
		base = run.base();
	}
	if (bases.size >= basesMax) bases.delete(bases.keys().next().value ?? '');
	bases.set(key, base);
	const run = new DirectiveRun(request, new MacroHistory(base.history), base.state);
	run.main(directives.slice(split), split);
	return finished({ ...run.base(), texts: base.texts }, request, lines);
}

function isValid(base: Base, { files }: UnitRequest): boolean {
	if (files === null) return true;
	for (const [path, text] of base.texts) if (files.text(path) !== text) return false;
	return areWhereTheyWere(base.asked, files);
}
