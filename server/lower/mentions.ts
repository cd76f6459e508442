/**
 * Functions of the checked file that text names which could not be lowered: it may call them, so they belong to the walk,
 * and whatever is found of them elsewhere does not cover what this text does with them.
 *
 * Invariant: a name that a function of the file defines and that is followed by `(` counts, also in a part that is
 * broken; a string does not, nor does a comment where the text is active.
 */
import type { OutlineItem } from '../syntax/outline.js';
import type { DefinedFunction, Names, Unit } from './names.js';

const called = /\b([A-Za-z_]\w*)\s*\(/g;
const strings = /"(?:[^"\\\n]|\\.)*"?/g;

/** Definitions that `text` of the checked file may call; through functions that are broken, what their text may call. */
export function mentionedIn(names: Names, from: Unit, text: string): readonly DefinedFunction[] {
	const found = new Map<string, DefinedFunction>();
	const seen = new Set<string>();
	const open = [text];
	for (let piece = open.pop(); piece !== undefined; piece = open.pop()) {
		for (const [, name = ''] of piece.replace(strings, '""').matchAll(called)) {
			if (seen.has(name)) continue;
			seen.add(name);
			const definition = names.value(name, from, 'without-macros');
			if (definition === null || !definition.unit.checked) continue;
			if (definition.kind === 'function') found.set(name, definition);
			if (definition.kind === 'broken') open.push(brokenText(definition.unit, name));
		}
	}
	return [...found.values()];
}

/** The text of a function that could not be read: its own, or that of the part it stands in. */
export function brokenText(unit: Unit, name: string): string {
	const { functions, brokenNames, preprocessed, original } = unit.source;
	const item: OutlineItem | undefined = functions.get(name)?.[0] ?? brokenNames.get(name);
	if (item === undefined) return '';
	const active = preprocessed.text.slice(item.start, item.end);
	// where #if and #endif do not balance, the text is there and counts as inactive
	return active.trim() === '' ? original.slice(item.start, item.end) : active;
}
