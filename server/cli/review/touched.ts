/**
 * What a step's changes lie in: functions of the files that it changes, and adversaries that stand for them.
 */
import { actorsOf, candidatesOf } from '../../actors/catalog.js';
import type { ActorSource } from '../../actors/sources.js';
import { changedLines, hunksBetween } from '../../patch/changes.js';
import type { Hunk } from '../../patch/patch.js';
import { logicalLines } from '../../syntax/preprocess/logical_lines.js';
import { unnoted } from '../../tree/asked_files.js';
import { definedOn, definitionEnd, definitionLine, splitLines } from '../../tree/source_lines.js';
import type { Step } from './series.js';

/** A file as a step changes it. */
export interface FileChange {
	/** Path after the step, before it where it is gone. */
	readonly path: string;
	readonly from: string | null;
	readonly to: string | null;
	readonly before: string;
	readonly after: string;
	readonly hunks: readonly Hunk[];
	/** Lines of the text after the step on which code changed: comments and blanks are none. */
	readonly lines: readonly number[];
}

export function changesOf({ files, before, after }: Step): readonly FileChange[] {
	return files.flatMap(({ from, to, isBinary }) => {
		const path = to ?? from;
		if (path === null || isBinary) return [];
		const old = from === null ? '' : (unnoted(() => before.read(from)) ?? '');
		const now = to === null ? '' : (unnoted(() => after.read(to)) ?? '');
		const hunks = hunksBetween(old, now);
		return [{ path, from, to, before: old, after: now, hunks, lines: codeLines(old, now) }];
	});
}

/** Lines on which code differs. */
function codeLines(before: string, after: string): readonly number[] {
	return hunksBetween(codeOf(before), codeOf(after)).flatMap(changedLines);
}

function codeOf(text: string): string {
	return splitLines(logicalLines(text).plain())
		.map((line) => line.replace(/\s+/g, ' ').trim())
		.join('\n');
}

/** Names of the functions of the changed text whose code, or that of what they call in this file, is changed; null: all may be. */
export function touchedIn({ after, lines }: FileChange): ReadonlySet<string> | null {
	// what a comment mentions calls nothing
	const functions = functionsIn(splitLines(logicalLines(after).plain()));
	const touched = new Set<string>();
	for (const line of lines) {
		const around = functions.find(({ begin, end }) => begin <= line && line <= end);
		// a macro, a type or a declaration may be anybody's
		if (around === undefined) return null;
		touched.add(around.name);
	}
	for (let before = -1; before < touched.size; ) {
		before = touched.size;
		for (const { name, words } of functions)
			if ([...touched].some((other) => words.has(other))) touched.add(name);
	}
	return touched;
}

interface Definition {
	readonly name: string;
	readonly begin: number;
	readonly end: number;
	/** Words that stand in it. */
	readonly words: ReadonlySet<string>;
}

function functionsIn(lines: readonly string[]): readonly Definition[] {
	const found: Definition[] = [];
	for (let at = 0; at < lines.length; at++) {
		const name = definedOn(lines, at + 1);
		if (name === null) continue;
		// its type may stand on the line above
		const isAlone = (lines[at] ?? '').startsWith(`${name}(`);
		const begin = isAlone ? at : at + 1;
		const end = definitionEnd(lines, at + 1);
		const words = new Set(lines.slice(at, end).flatMap((line) => line.match(/\w+/g) ?? []));
		found.push({ name, begin, end, words });
		at = end - 1;
	}
	return found;
}

export interface TouchedAdversary {
	readonly actor: string;
	readonly path: string;
	readonly function: string;
}

/** Adversaries a step of which stands for a function that is changed. */
export function touchedAdversaries(
	changes: readonly FileChange[],
	sources: readonly ActorSource[],
): readonly TouchedAdversary[] {
	const found = new Map<string, TouchedAdversary>();
	const actors = actorsOf(sources);
	for (const { path, from, after, lines } of changes) {
		const text = splitLines(after);
		for (const actor of actors)
			for (const step of actor.steps)
				for (const cited of candidatesOf(step.cites)) {
					if (cited.path !== path && cited.path !== from) continue;
					const begin = definitionLine(text, cited.function);
					if (begin === null) continue;
					const end = definitionEnd(text, begin);
					if (!lines.some((line) => begin <= line && line <= end)) continue;
					found.set(`${actor.name} ${cited.function}`, {
						actor: actor.name,
						path,
						function: cited.function,
					});
				}
	}
	return [...found.values()];
}
