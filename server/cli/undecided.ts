/**
 * What an answer about a walk leaves open because the walk itself is undecided, told by commands that answer something else than
 * verdicts: nobody is to take their silence for one.
 */
import type { AnalysedFunction } from '../ide/analysis/analysis.js';
import { type Complaining, complain } from './write.js';

export function isUndecided({ verdict }: Pick<AnalysedFunction, 'verdict'>): boolean {
	return verdict === 'inconclusive' || verdict === 'unsupported';
}

/** `walk_ptes() is unsupported on x86_64: foo() has no body`. */
function undecidedWords(
	{ name, verdict, why }: Pick<AnalysedFunction, 'name' | 'verdict' | 'why'>,
	arch: string,
): string {
	return `${name}() is ${verdict} on ${arch}: ${why}`;
}

/** Tells each reason once, however many functions it is so of. */
export function complainUndecided(
	path: string,
	functions: readonly AnalysedFunction[],
	arch: string,
	tell: Complaining = complain,
): void {
	const told = new Map(functions.map((f) => [f.why, f]));
	for (const f of told.values()) tell(`${path}:${f.place.line}: ${undecidedWords(f, arch)}`);
}
