/**
 * What adversaries rest on because the kernel functions that they cite are not in the tree, or were not read to their end.
 *
 * Invariant: a function that is cited for a step and that nothing is known of is named, with the file that it was looked for in.
 */
import type { Citation, KernelFunction } from '../../engine/program/program.js';
import type { Doubt } from './skeleton/cited.js';
import { effectText, isProtective } from './skeleton/effect.js';
import type { HeldStep } from './skeleton/hold.js';
import type { Untold } from './untold.js';

/** The step keeps its adversary from harm, and the function that should make it is nowhere in a file that is there. */
export function isDoubtful({ effect, held, doubts }: HeldStep): boolean {
	return (
		held === 'unknown' && isProtective(effect) && doubts.some(({ kind }) => kind !== 'no-file')
	);
}

/** Once per adversary and what is cited, or per adversary and file where that is not there. */
export function doubted(steps: readonly HeldStep[]): readonly Untold[] {
	const told = new Map<string, Told>();
	for (const step of steps) {
		if (step.held !== 'unknown') continue;
		for (const doubt of step.doubts) {
			const { actor } = step;
			const key = JSON.stringify([actor, doubt.kind, doubt.cites]);
			const known = told.get(key) ?? { actor, doubt, does: [] };
			const does = isProtective(step.effect) && !step.isEnd ? [effectText(step.effect)] : [];
			told.set(key, { ...known, does: [...new Set([...known.does, ...does])] });
		}
	}
	return [...told.values()].map(untoldOf);
}

interface Told {
	readonly actor: string;
	readonly doubt: Doubt;
	/** What keeps the adversary from harm there. */
	readonly does: readonly string[];
}

function untoldOf({ actor, doubt: { cites, kind }, does }: Told): Untold {
	const waits = does.length === 0 ? null : does.join(' and ');
	if (kind === 'no-file') {
		const what = `${cites.function}()${waits === null ? '' : ` ${waits}`}`;
		return { actor, what, file: cites.path };
	}
	const why =
		kind === 'no-function' ? absent(cites) : `${namesOf([cites])} was not read to its end`;
	return waits === null
		? { actor, what: `${why}: its steps in the adversary ${actor} are not held against the kernel` }
		: {
				actor,
				what: `${why}: that it ${waits} is taken from the adversary ${actor}`,
				isDoubt: true,
			};
}

/** `the tree has no collapse_huge_page() (mm/khugepaged.c)`; of several candidates all are named. */
function absent(cites: Citation): string {
	const others = cites.otherwise ?? [];
	return others.length === 0
		? `the tree has no ${namesOf([cites])}`
		: `the tree has none of ${namesOf([cites, ...others])}`;
}

function namesOf(cited: readonly KernelFunction[]): string {
	return cited
		.map(({ path, function: name }, i) =>
			path === cited[i + 1]?.path ? `${name}()` : `${name}() (${path})`,
		)
		.join(', ');
}
