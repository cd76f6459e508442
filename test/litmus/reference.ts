/**
 * herd7's answers, where RACEWALK_LITMUS_REFERENCE names a folder of them (they are test input, no part of it): final states,
 * witness counts and flags per test.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DEFAULT_OPTIONS, outcomes } from '../../engine/memory/lkmm/outcomes.js';
import { parseLitmus } from '../../server/litmus/parse.js';
import { observation, renderStates } from '../../server/litmus/render.js';

/** What is compared with herd7, symbolic values (`S23`) without their number. */
export interface Answer {
	readonly verdict: string;
	readonly states: readonly string[];
	readonly positive: number;
	readonly negative: number;
	readonly flags: readonly string[];
}

/** Where they are. */
const named = process.env['RACEWALK_LITMUS_REFERENCE'];
const folder = named === undefined ? null : resolve(named);

/** Answers of one reference file by the path of their test; empty when the file is not there. */
export function reference(file: string): readonly (readonly [string, Answer])[] {
	const path = join(folder ?? '', file);
	if (folder === null || !existsSync(path)) return [];
	const all = JSON.parse(readFileSync(path, 'utf8')) as Record<string, Answer>;
	return Object.entries(all).map(([test, answer]) => [test, normalised(answer)] as const);
}

/** Text of a test of the sample. */
export function sampleText(test: string): string {
	return readFileSync(join(folder ?? '', test), 'utf8');
}

/** Our answer. */
export function answer(text: string): Answer {
	const { program } = parseLitmus(text);
	const found = outcomes(program, DEFAULT_OPTIONS);
	if (found.limit !== null) throw new Error(found.limit);
	return normalised({
		verdict: observation(found),
		states: renderStates(program, found),
		positive: found.positive,
		negative: found.negative,
		flags: found.flags,
	});
}

function normalised({ verdict, states, positive, negative, flags }: Answer): Answer {
	const plain = states.map((s) => s.replace(/=S\d+/g, '=S')).sort();
	return { verdict, states: plain, positive, negative, flags: [...flags].sort() };
}
