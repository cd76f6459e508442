/**
 * Verdicts that rest on what nobody knows the kernel to do: an IPI, a lock, a look for pins of an adversary whose kernel function is not
 * in the tree, or was not read to its end. The walk is explored once more without those: where only they make it hold, nothing is
 * decided.
 *
 * Invariant: a finding that comes of a doubt alone is never reported, and no function holds over it.
 */
import { weakest } from '../../../engine/rules/verdict.js';
import type { Lowered } from '../../lower/request.js';
import type { AnalysedFinding, AnalysedFunction, Analysis, AnalysisRequest } from './analysis.js';

interface Doubting {
	readonly request: AnalysisRequest;
	readonly untold: Lowered['untold'];
	/** The same text under another request, with nothing announced. */
	readonly again: (request: AnalysisRequest) => Analysis;
}

/** The analysis, `inconclusive` against adversaries that only a doubtful step keeps from harm. */
export function withoutDoubtful(
	analysis: Analysis,
	{ request, untold, again }: Doubting,
): Analysis {
	const doubts = untold.filter(({ isDoubt }) => isDoubt === true);
	if (doubts.length === 0 || request.adversaries !== undefined || analysis.cancelled)
		return analysis;
	if (request.depth === 'first') return analysis;
	const isDoubtful = (acting: string): boolean =>
		doubts.some(({ actor }) => acting.split('+').includes(actor));
	const held = analysis.functions.flatMap(({ byActor }) =>
		byActor.filter((b) => b.verdict === 'holds' && isDoubtful(b.actor)).map(({ actor }) => actor),
	);
	const actors = [...new Set(held)];
	if (actors.length === 0) return analysis;
	const bare = again({ ...request, actors, adversaries: 'doubting' });
	const functions = analysis.functions.map((f) => {
		const other = bare.functions.find(({ name }) => name === f.name);
		const isOpen = (b: AnalysedFunction['byActor'][number]): boolean =>
			b.verdict === 'holds' &&
			actors.includes(b.actor) &&
			other?.byActor.find(({ actor }) => actor === b.actor)?.verdict !== 'holds';
		const open = f.byActor.filter(isOpen).map(({ actor }) => actor);
		return open.length === 0 ? f : undecided(f, { open, doubts, findings: bare.findings });
	});
	const { lower, check } = analysis.milliseconds;
	return {
		...analysis,
		functions,
		cancelled: bare.cancelled,
		milliseconds: {
			lower: lower + bare.milliseconds.lower,
			check: check + bare.milliseconds.check,
		},
	};
}

function undecided(
	f: AnalysedFunction,
	{
		open,
		doubts,
		findings,
	}: {
		readonly open: readonly string[];
		readonly doubts: Lowered['untold'];
		readonly findings: readonly AnalysedFinding[];
	},
): AnalysedFunction {
	const verdict = weakest([f.verdict, 'inconclusive']);
	const byActor = f.byActor.map((b) =>
		open.includes(b.actor) ? { ...b, verdict: 'inconclusive' as const } : b,
	);
	const named = new Set(open.flatMap((actor) => actor.split('+')));
	const what = doubts.filter(({ actor }) => named.has(actor)).map((doubt) => doubt.what);
	const found = findings.find((x) => x.actors.some((actor) => named.has(actor)));
	const without =
		found === undefined
			? 'without that nothing was decided'
			: `without that ${found.function}() is wrong (${found.rule})`;
	const why = `${what.join('; ')}; ${without}`;
	return { ...f, byActor, verdict, why: verdict === f.verdict ? f.why : why };
}
