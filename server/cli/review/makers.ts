/**
 * Which hunks of a step make a finding: those without which it is not there. Where there is one hunk that can, it is that one; else each
 * is left out in turn, and the file is checked again.
 */

import { fingerprintOf } from '../../ide/fingerprint.js';
import { applied, type Hunk } from '../../patch/patch.js';
import { changedTree } from '../../tree/changed_tree.js';
import { isUndecided } from '../undecided.js';
import type { Looked, ToldFinding } from './delta.js';
import type { Looking } from './looking.js';
import type { Step } from './series.js';
import type { FileChange } from './touched.js';

export interface MadeBy {
	readonly path: string;
	readonly hunk: Hunk;
}

export interface Made {
	readonly by: readonly MadeBy[];
	/** `alone`: without any one of them the finding is not there. `together`: leaving out one changes nothing. `unknown`: not tried. */
	readonly how: 'alone' | 'together' | 'unknown';
}

/** Hunks that are left out one at a time. */
const HUNKS_MAX = 12;

export async function makersOf(
	{ finding, print }: ToldFinding,
	{
		step,
		changes,
		restsOn,
		path,
		looking,
	}: {
		readonly step: Step;
		readonly changes: readonly FileChange[];
		readonly restsOn: readonly string[];
		readonly path: string;
		readonly looking: Looking;
	},
): Promise<Made> {
	const able = changes.filter((change) => restsOn.includes(change.path));
	const all = able.flatMap((change) => change.hunks.map((hunk) => ({ change, hunk })));
	const told = (some: readonly (typeof all)[number][]): readonly MadeBy[] =>
		some.map(({ change, hunk }) => ({ path: change.path, hunk }));
	if (all.length <= 1) return { by: told(all), how: 'alone' };
	if (all.length > HUNKS_MAX) return { by: told(nearest(all, finding.place)), how: 'unknown' };
	const makers: (typeof all)[number][] = [];
	for (const one of all) {
		const { change, hunk } = one;
		const rest = change.hunks.filter((other) => other !== hunk);
		const text = applied(change.before, rest);
		if (typeof text !== 'string') continue;
		const tree = changedTree(step.after, new Map([[change.to ?? change.path, text]]));
		const looked = await looking.only(tree, path, [finding.function]);
		if (isWithout(looked, finding.function, print.id)) makers.push(one);
	}
	return makers.length > 0
		? { by: told(makers), how: 'alone' }
		: { by: told(nearest(all, finding.place)), how: 'together' };
}

/** The function is decided, and what was found in it is not there. */
function isWithout({ report, text }: Looked, name: string, id: string): boolean {
	return report.analyses.every((analysis) => {
		const f = analysis.functions.find((other) => other.name === name);
		if (f === undefined || isUndecided(f)) return false;
		return !analysis.findings.some(
			(finding) => fingerprintOf(finding, { path: report.path, text }).id === id,
		);
	});
}

/** The hunk that the finding stands in or is nearest to, of its file; else all. */
function nearest<T extends { readonly change: FileChange; readonly hunk: Hunk }>(
	all: readonly T[],
	{ path, line }: { readonly path: string; readonly line: number },
): readonly T[] {
	const distance = ({ hunk: { newStart, newLines } }: T): number =>
		Math.max(newStart - line, line - (newStart + newLines - 1), 0);
	const own = all.filter(({ change }) => change.path === path);
	const [first] = [...own].sort((a, b) => distance(a) - distance(b));
	return first === undefined ? all : [first];
}
