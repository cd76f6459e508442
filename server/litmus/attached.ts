/**
 * A litmus test as it is attached to a walk: parsed, with the lines of its comments, which say what it is about.
 */
import type { AttachedLitmus } from '../../engine/memory/lkmm/litmus_program.js';
import { parseLitmus } from './parse.js';
import { LitmusProblem, placeOf } from './problem.js';

/** Reads the text of a file; what is not understood is told with its place. */
export function attachedLitmus(
	file: string,
	text: string,
): { readonly test: AttachedLitmus } | { readonly test: null; readonly why: string } {
	try {
		const { program } = parseLitmus(text);
		const comments = [...text.matchAll(/\(\*([\s\S]*?)(?:\*\)|$)/g)].flatMap(([, inside = '']) =>
			inside.split('\n').map((line) => line.replace(/^\s*\*?\s*/, '').trim()),
		);
		return { test: { file, program, comments } };
	} catch (error) {
		if (!(error instanceof LitmusProblem)) throw error;
		const { line, column } = placeOf(text, error.offset);
		return { test: null, why: `${file}:${line}:${column}: ${error.message}` };
	}
}
