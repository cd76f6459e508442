/**
 * What a finding is, whatever edits do around it: the rule, the file, the function, and the code where it stands, with the
 * function's own names numbered. Lines, adversaries, scenarios and runs are no part of it.
 */
import { createHash } from 'node:crypto';
import type { AnalysedFinding } from './analysis/analysis.js';
import { spanReader } from './analysis/spans.js';

export interface Fingerprint {
	/** Two findings with one are the same finding. */
	readonly id: string;
	/** The same without the function's name, for functions that were renamed. */
	readonly nameless: string;
}

const WORD = /[A-Za-z_]\w{0,200}/g;

/** `file`: the checked one, which the finding's place is in as a rule. */
export function fingerprintOf(
	{ rule, function: name, place, memory }: AnalysedFinding,
	file: { readonly path: string; readonly text: string },
): Fingerprint {
	const code = place.path === file.path ? numbered(spanReader(file.text)(place)) : '';
	const parts = [rule, place.path, code, memory];
	return { id: hashOf([...parts, name]), nameless: hashOf(parts) };
}

/** Names of variables by the order in which they come; members, functions and constants keep theirs. */
function numbered(code: string): string {
	const names = new Map<string, string>();
	return code
		.replace(WORD, (word, at: number) => {
			const before = code.slice(0, at).trimEnd();
			const isKept =
				/(?:->|\.)$/.test(before) ||
				code
					.slice(at + word.length)
					.trimStart()
					.startsWith('(') ||
				/^[A-Z][A-Z0-9_]+$/.test(word);
			if (isKept) return word;
			const known = names.get(word) ?? `$${names.size}`;
			names.set(word, known);
			return known;
		})
		.replace(/\s+/g, '');
}

function hashOf(parts: readonly string[]): string {
	return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
