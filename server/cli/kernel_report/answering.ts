/**
 * Answers a report: which of its stacks is a walk or a reader, which an adversary; what exploring them says is `judged.ts`.
 */
import type { Analysis } from '../../ide/analysis/analysis.js';
import type { KernelReport, ReportStack } from '../../kernel_report/report.js';
import { inputOf, type TextRequest, UsageError } from '../options.js';
import type { Answer } from './answer.js';
import { type Answering, type Asked, judged } from './judged.js';
import { type Side, Sides, type Standing, together } from './sides.js';

/** Files in which a walk is looked for, of one stack. */
const FILES_MAX = 6;

export async function answered(report: KernelReport, how: Answering): Promise<Answer> {
	const none = plain(report);
	if (report.kind === 'lockdep' && !ASKED.includes(report.sort))
		return {
			...none,
			said: [`not modelled: racewalk has no rule about ${report.sort}`, ...lockWords(report)],
		};
	const sides = new Sides(how.tree, sourcesOf(how), how.options.actor);
	const all = stacksOf(report).map((stack) => sides.of(stack));
	if (all.length === 0)
		return { ...none, said: ['not modelled: the report has no stack that can be read'] };
	const pairs = pairsOf(report, all);
	const tried: Answer[] = [];
	for (const { walk, other } of pairs) {
		const answer = await answerPair(report, { walk, other }, how);
		if (answer.outcome !== 'not-modelled') return answer;
		tried.push(answer);
	}
	const known = tried.filter((answer) => answer.walk !== null);
	const [first] = known;
	if (first === undefined) return { ...none, said: unknownWords(all) };
	// why neither stack can be the walk's side
	return { ...first, said: [...new Set(known.flatMap(({ said }) => said))] };
}

/** Sorts of lockdep's that a rule is about. */
const ASKED: readonly string[] = ['sleeping in atomic context', 'suspicious RCU usage'];

/** That nothing is said of a report. */
export function plain(report: KernelReport): Answer {
	return {
		...{ report, outcome: 'not-modelled', said: [], walk: null, adversaries: [], cited: [] },
		...{ finding: null, runs: [], whatIf: [], bounds: [] },
	};
}

function lockWords({ stacks }: KernelReport): readonly string[] {
	const taken = stacks
		.filter(({ what }) => what.startsWith('takes '))
		.map(({ what }) => what.slice(6));
	return taken.length === 0
		? []
		: [`the locks of the report, in the order of its chain: ${taken.join(', ')}`];
}

function sourcesOf({ folder, tree, options }: Answering): TextRequest['actorSources'] {
	const [request] = inputOf({ path: 'mm/gup.c', text: '', tree, folder }, options).requests;
	return request?.actorSources ?? [];
}

/** Stacks that can be a part of an answer; the place of a report that has no stack of its own is one frame. */
function stacksOf({ stacks, at, sort }: KernelReport): readonly ReportStack[] {
	const own = at === null ? [] : [{ function: null, path: at.path, line: at.line }];
	const read = stacks.filter(({ frames, what }) => frames.length > 0 && what !== 'allocates');
	if (!ASKED.includes(sort)) return read;
	// what may sleep is called there; the stack leads to it
	return [
		{ what: sort, access: null, marked: null, frames: [...own, ...read.flatMap((s) => s.frames)] },
	];
}

interface Pair {
	readonly walk: Side;
	readonly other: Side | null;
}

function pairsOf({ kind }: KernelReport, sides: readonly Side[]): readonly Pair[] {
	const [first, second] = sides;
	if (first === undefined) return [];
	if (kind === 'kcsan')
		return second === undefined
			? [{ walk: first, other: null }]
			: [
					{ walk: first, other: second },
					{ walk: second, other: first },
				];
	if (kind !== 'kasan') return [{ walk: first, other: null }];
	const frees = sides.slice(1).filter(({ stack }) => stack.access === 'free');
	if (frees.length === 0) return [{ walk: first, other: null }];
	// the frames of all that free: a callback of RCU says nothing of who queued it
	const other = frees.reduce((one, more) => ({
		stack: one.stack,
		frames: [...one.frames, ...more.frames],
		best: together(one.best, more.best),
		any: together(one.any, more.any),
	}));
	return [{ walk: first, other }];
}

function unknownWords(sides: readonly Side[]): readonly string[] {
	return [
		'not modelled: none of the functions of the report is a walk or a reader that racewalk explores',
		...sides.map(({ stack, frames, best: { cited, adversaries } }) => {
			const names = frames.slice(0, 4).map((f) => `${f.function}() in ${f.path}`);
			const acts =
				cited.length === 0 ? '' : `; ${cited.join(', ')} is what ${adversaries.join(', ')} does`;
			return names.length === 0
				? `${stack.what}: no frame of it is in the tree`
				: `${stack.what}: ${names.join(' ← ')}${acts}`;
		}),
	];
}

async function answerPair(
	report: KernelReport,
	{ walk, other }: Pair,
	how: Answering,
): Promise<Answer> {
	const isAlone = other === null && report.kind !== 'kcsan';
	const warns = report.kind === 'warn';
	const named = how.options.actor;
	let at = plain(report);
	let asked: Asked | 'ended' | null = null;
	for (const standing of standingOf(other)) {
		const adversaries = named.length > 0 ? named : standing.adversaries;
		at = { ...at, adversaries, cited: standing.cited };
		asked = await askedIn(walk, { ...at, warns }, how);
		// those that cite most of a stack may not act on what this walk looks at
		if (asked === null || asked === 'ended' || asked.met.isActing) break;
	}
	if (asked === 'ended')
		return { ...at, outcome: 'undecided', said: ['undecided: the search was given up'] };
	if (asked === null) return { ...at, said: [] };
	const { met } = asked;
	at = { ...at, walk: met };
	if (met.unsupported !== undefined)
		return {
			...at,
			said: [
				`not modelled: ${met.frame.function}() in ${met.frame.path} is unsupported: ${met.unsupported}`,
			],
		};
	if (!isAlone && at.cited.length === 0 && named.length === 0) {
		const names = other?.frames.slice(0, 6).map((f) => `${f.function}()`) ?? [];
		const what =
			other === null
				? 'the report does not say who the other one is'
				: names.length === 0
					? 'no frame of the other stack is in the tree'
					: `no adversary stands for any function of the other stack (${names.join(', ')})`;
		return { ...at, walk: { ...met, locations: [] }, said: [`not modelled: ${what}`] };
	}
	const analysis = await analysed(asked);
	if (analysis === null)
		return {
			...at,
			outcome: 'undecided',
			said: ['undecided: the check was given up before it was decided'],
		};
	return judged(report, { at, asked, analysis }, how);
}

/** Who is tried as the other side: first who fits best. */
function standingOf(other: Side | null): readonly Standing[] {
	if (other === null) return [{ adversaries: [], cited: [] }];
	const isMore = other.any.adversaries.length > other.best.adversaries.length;
	return isMore ? [other.best, other.any] : [other.best];
}

/** The walk that a frame of the stack lies in; null: none of its files has one. */
async function askedIn(
	side: Side,
	other: {
		readonly cited: readonly string[];
		readonly adversaries: readonly string[];
		readonly warns: boolean;
	},
	{ tree, folder, options, executor }: Answering,
): Promise<Asked | 'ended' | null> {
	const paths = [...new Set(side.frames.map((f) => f.path))].filter((p) => p.endsWith('.c'));
	for (const path of paths.slice(0, FILES_MAX)) {
		const text = tree.read(path);
		if (text === null) continue;
		const asked = { ...options, actor: other.adversaries };
		const input = inputOf({ path, text, tree, folder }, asked);
		const [request] = input.requests;
		if (request === undefined) continue;
		if (input.requests.length > 1) throw new UsageError('report takes one architecture');
		const session = executor.sessionFor(request);
		const wanted = { frames: side.frames, adversary: other.cited, warns: other.warns };
		const outcome = await session.run({ kind: 'meeting', wanted });
		if (outcome.kind === 'ended') return 'ended';
		if (outcome.result !== null) return { side, request, session, met: outcome.result };
	}
	return null;
}

async function analysed({ session }: Asked): Promise<Analysis | null> {
	const outcome = await session.run({ kind: 'analyse' });
	return outcome.kind === 'done' && outcome.result.stopped === undefined ? outcome.result : null;
}
