/**
 * Source text by path and line, for traces and for citations: the checked text, the adversaries' C, then the tree.
 * Racewalk's own primitives have no source to show here; their sites are folded into the caller before this is asked.
 */
import { named } from '../syntax/named.js';
import type { KernelTree } from './kernel_tree.js';

export interface SourceLines {
	/** The line without surrounding blanks, or '' when the source is not at hand. */
	line(path: string, line: number): string;
	/** 1-based line on which the tree's file defines a function, or null. */
	definition(path: string, name: string): number | null;
}

/** Lines that the head of a function may have. */
const HEAD_LINES = 12;

/** Last line of the definition that starts at `line` (kernel style: its closing brace stands in column one). */
export function definitionEnd(lines: readonly string[], line: number): number {
	for (let at = line; at < lines.length; at++) {
		if (lines[at]?.startsWith('}')) return at + 1;
	}
	return line;
}

/**
 * 1-based line of the definition of `name`, or null: a line that starts in column one and is no declaration, or a macro with
 * arguments where there is no function.
 */
export function definitionLine(lines: readonly string[], name: string): number | null {
	return functionLine(lines, name) ?? macroLine(lines, name);
}

function macroLine(lines: readonly string[], name: string): number | null {
	const macro = new RegExp(`^[ \\t]*#[ \\t]*define[ \\t]+${named(name)}\\(`);
	const index = lines.findIndex((line) => macro.test(line));
	return index < 0 ? null : index + 1;
}

function functionLine(lines: readonly string[], name: string): number | null {
	const head = new RegExp(`^[A-Za-z_][\\w \\t*]*\\b${named(name)}\\(`);
	const alone = new RegExp(`^${named(name)}\\(`);
	for (const [index, line] of lines.entries()) {
		if (!head.test(line) && !alone.test(line)) continue;
		for (let at = index; at < Math.min(lines.length, index + HEAD_LINES); at++) {
			const part = lines[at] ?? '';
			if (part.includes('{')) return index + 1;
			if (part.includes(';')) break;
		}
	}
	return null;
}

/** A definition begins in column one, as the kernel's style has it. */
const HEAD = /^[A-Za-z_][\w \t*]{0,200}?\b(\w{1,200})\(/;

/** Name of the function whose definition has its name on a 1-based line; null: none has. */
export function definedOn(lines: readonly string[], line: number): string | null {
	const name = HEAD.exec(lines[line - 1] ?? '')?.[1];
	if (name === undefined) return null;
	const head = lines.slice(line - 1, line - 1 + HEAD_LINES);
	return functionLine(head, name) === 1 ? name : null;
}

/** Splits at line ends of either kind. */
export function splitLines(text: string): readonly string[] {
	return text.split(/\r?\n/);
}

export function sourceLines(options: {
	readonly path: string;
	readonly text: string;
	readonly tree: KernelTree | null;
	readonly actorSources: readonly { readonly path: string; readonly text: string }[];
}): SourceLines {
	const files = new Map<string, readonly string[]>();
	const definitions = new Map<string, number | null>();
	function lines(path: string): readonly string[] {
		const known = files.get(path);
		if (known !== undefined) return known;
		const actor = options.actorSources.find((a) => a.path === path);
		const text =
			path === options.path
				? options.text
				: (actor?.text ?? (path.startsWith('racewalk:') ? null : options.tree?.read(path)));
		const split = text === null || text === undefined ? [] : splitLines(text);
		files.set(path, split);
		return split;
	}
	return {
		line: (path, line) => (lines(path)[line - 1] ?? '').trim(),
		definition(path, name) {
			const key = `${path}:${name}`;
			const known = definitions.get(key);
			if (known !== undefined) return known;
			const found = definitionLine(lines(path), name);
			definitions.set(key, found);
			return found;
		},
	};
}
