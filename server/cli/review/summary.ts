/** What is said of a review in every format: counts, verdicts in short, and what its exit status is. */
import type { FunctionChange } from './delta.js';
import type { FileReview, StepReview } from './reviewing.js';

export interface Counts {
	readonly fresh: number;
	readonly gone: number;
	readonly undecided: number;
}

export function countsOf({ files }: StepReview): Counts {
	const count = (of: (file: FileReview) => number): number =>
		files.reduce((sum, file) => sum + of(file), 0);
	return {
		fresh: count((f) => f.fresh.length),
		gone: count((f) => f.gone.length),
		undecided: count((f) => undecidedOf(f).length),
	};
}

/** Why something that a step touches is not decided, each reason once. */
export function undecidedOf({
	undecided,
	after,
	questions,
	unread,
}: FileReview): readonly string[] {
	const open = undecided.map(({ name, after: f }) => `${name}() is ${f?.verdict}: ${f?.why}`);
	const stopped =
		after?.report.analyses.flatMap(({ stopped: given, arch }) =>
			given === undefined ? [] : [`not decided (${arch}): ${given.why}`],
		) ?? [];
	const unchecked = after?.report.unchecked;
	const asked = (questions?.open ?? []).map((what) => `not answered in time: ${what}`);
	return [
		...new Set([
			...(unread === null ? [] : [unread]),
			...open,
			...stopped,
			...(unchecked === undefined ? [] : [unchecked]),
			...asked,
		]),
	];
}

/** CONTRACT: 1 for a new finding in any step, 3 for something undecided that a step touches, else 0. */
export function exitCodeOf(steps: readonly StepReview[], isWhole: boolean): 0 | 1 | 3 {
	const counts = steps.map(countsOf);
	if (counts.some(({ fresh }) => fresh > 0)) return 1;
	return !isWhole || counts.some(({ undecided }) => undecided > 0) ? 3 : 0;
}

/** `21 hold`, `20 hold, 1 violated`: the functions of a file under one configuration. */
export function verdictCounts(
	functions: readonly FunctionChange[],
	side: 'before' | 'after',
): string {
	const names = functions.flatMap((f) => {
		const of = f[side];
		return of === null ? [] : [of.verdict];
	});
	const kinds = ['violated', 'unsupported', 'inconclusive', 'holds'] as const;
	const parts = kinds.flatMap((kind) => {
		const n = names.filter((name) => name === kind).length;
		return n === 0 ? [] : [`${n} ${kind === 'holds' ? 'hold' : kind}`];
	});
	return parts.length === 0 ? 'no walk and no reader' : parts.reverse().join(', ');
}

/** Names of the configurations of a file, in their order. */
export function configurationsOf({ functions }: FileReview): readonly string[] {
	return [...new Set(functions.map((f) => f.on))];
}

/** Functions whose own code, or that of what they call, a step changes. */
export function touchedOf({ functions }: FileReview): readonly FunctionChange[] {
	const first = new Map<string, FunctionChange>();
	for (const f of functions) if (f.isTouched && !first.has(f.name)) first.set(f.name, f);
	return [...first.values()];
}

/** Functions whose verdict a step changes. */
export function changedOf({ functions }: FileReview): readonly FunctionChange[] {
	return functions.filter(
		({ before, after }) => before !== null && after !== null && before.verdict !== after.verdict,
	);
}
