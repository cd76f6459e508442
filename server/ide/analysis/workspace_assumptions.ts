/**
 * What a verdict rests on that neither racewalk nor the kernel answers for: adversaries that the workspace brings, comments that
 * allow findings, files that were not read, and what the caller chose. It stands before all other assumptions.
 *
 * Invariant: nothing of the workspace changes a verdict without standing here.
 * Invariant: where the workspace's own adversary acted in the place of racewalk's and nobody said that it may, nothing holds.
 */
import { weakest } from '../../../engine/rules/verdict.js';
import type { Lowered, WorkspaceActor } from '../../lower/request.js';
import {
	type AnalysedAssumption,
	type AnalysedFunction,
	type AnalysisRequest,
	type SuppressedFinding,
	workspaceAssumption,
} from './analysis.js';

/** What the assumptions are made from: the request, and what was found in the whole text. */
export interface VerdictBasis {
	readonly request: AnalysisRequest;
	readonly workspaceActors: readonly WorkspaceActor[];
	/** What adversaries rest on that the tree does not do, or are without. */
	readonly untold: Lowered['untold'];
	readonly isFollowing: boolean;
	readonly isCompared: boolean;
	readonly suppressed: readonly SuppressedFinding[];
	/** What is assumed of the configuration. */
	readonly configured: readonly AnalysedAssumption[];
}

const NOT_FOLLOWING =
	'adversaries, and helpers in other files, have not been held against the kernel tree yet';
const NOT_COMPARED =
	'what the kernel tree defines primitives as has not been compared with known kernels yet';

/** Files of the tree that were not read, told one by one. */
const UNREAD_MAX = 5;

/** The function with these assumptions before its own; `inconclusive` where it would hold by an adversary that nobody trusts. */
export function withWorkspaceAssumptions(
	f: AnalysedFunction,
	about: VerdictBasis,
): AnalysedFunction {
	const { request, workspaceActors, untold, isFollowing, isCompared, suppressed, configured } =
		about;
	const acted = new Set(f.byActor.flatMap(({ actor }) => actor.split('+')));
	const taking = workspaceActors.filter((a) => a.acts && acted.has(a.name));
	const assumptions = [
		...taking.filter((a) => a.replaces).map(replacement),
		...workspaceActors.filter((a) => !a.acts).map(leftOut),
		...taking.filter((a) => !a.replaces).map(addition),
		...(request.conditions ?? []),
		...chosen(request),
		...allowedIn(f, suppressed),
		...unread(request),
		...configured,
		...(isFollowing ? [] : [{ what: NOT_FOLLOWING, line: null }]),
		...(isCompared ? [] : [{ what: NOT_COMPARED, line: null }]),
		...toldOf(untold.filter(({ actor }) => acted.has(actor))),
	];
	if (assumptions.length === 0) return f;
	const told = {
		...f,
		assumptions: [...assumptions, ...f.assumptions],
		...(taking.length === 0 ? {} : { workspaceActors: taking.map((a) => a.name) }),
	};
	const replaced = taking.filter((a) => a.replaces);
	if (request.replacements === 'trusted' || replaced.length === 0) return told;
	return undecidedFor(told, replaced);
}

/** Each once; of files that the tree does not have one sentence for all of their adversaries. */
function toldOf(untold: VerdictBasis['untold']): readonly AnalysedAssumption[] {
	const files = new Map<string, typeof untold>();
	for (const told of untold)
		if (told.file !== undefined) files.set(told.file, [...(files.get(told.file) ?? []), told]);
	const listed = [...files].slice(0, UNREAD_MAX).map(([file, told]) => missing([file], told));
	const more = [...files].slice(UNREAD_MAX);
	const rest = more.map(([file]) => file);
	const whats = [
		...untold.flatMap(({ what, file }) => (file === undefined ? [what] : [])),
		...listed,
		...(more.length === 0
			? []
			: [
					missing(
						rest,
						more.flatMap(([, told]) => told),
					),
				]),
	];
	return [...new Set(whats)].map((what) => ({ what, line: null }));
}

function missing(files: readonly string[], untold: VerdictBasis['untold']): string {
	const actors = [...new Set(untold.map(({ actor }) => actor))].join(', ');
	const whats = [...new Set(untold.map(({ what }) => what))].join(', ');
	return `the tree has no ${files.join(', ')}: what is cited there is taken from the adversaries (${actors}): ${whats}`;
}

/** Whether an adversary of the workspace replaces one of racewalk's without the user's trust: then nothing is decided. */
export function restsOnUntrustedActor({
	request,
	workspaceActors,
}: {
	readonly request: Pick<AnalysisRequest, 'replacements'>;
	readonly workspaceActors: readonly WorkspaceActor[];
}): boolean {
	return request.replacements !== 'trusted' && workspaceActors.some((a) => a.replaces && a.acts);
}

/** The adversaries of the workspace in words, for answers that have no verdict per function. */
export function workspaceActorsTold(actors: readonly WorkspaceActor[]): readonly string[] {
	const told = actors.map((a) =>
		a.acts ? (a.replaces ? replacement(a) : addition(a)) : leftOut(a),
	);
	return told.map((assumption) => assumption.what);
}

/** Why nothing is decided where an adversary was replaced. */
export function replacedWhy(replaced: readonly WorkspaceActor[]): string {
	const names = replaced.map((a) => a.name).join(', ');
	const them = replaced.length === 1 ? 'the built-in adversary' : 'the built-in adversaries';
	return `the workspace replaces ${them} ${names}: --trust-workspace-actors takes its word for it`;
}

function undecidedFor(f: AnalysedFunction, replaced: readonly WorkspaceActor[]): AnalysedFunction {
	const isReplaced = (actor: string): boolean =>
		actor.split('+').some((name) => replaced.some((a) => a.name === name));
	const byActor = f.byActor.map((entry) =>
		entry.verdict === 'holds' && isReplaced(entry.actor)
			? { ...entry, verdict: 'inconclusive' as const }
			: entry,
	);
	const verdict = weakest([f.verdict, 'inconclusive']);
	return { ...f, byActor, verdict, why: verdict === f.verdict ? f.why : replacedWhy(replaced) };
}

function replacement({ name, path }: WorkspaceActor): AnalysedAssumption {
	return workspaceAssumption(
		`${path} of the workspace acts in the place of the built-in adversary ${name}`,
	);
}

function addition({ name, path }: WorkspaceActor): AnalysedAssumption {
	return workspaceAssumption(`the adversary ${name} is the workspace's own (${path})`);
}

function leftOut({ name, path }: WorkspaceActor): AnalysedAssumption {
	return workspaceAssumption(
		`${path} would replace the built-in adversary ${name} and is ignored: the workspace is not trusted`,
	);
}

/** What was asked for is less than everything. */
function chosen({ actors, attached }: AnalysisRequest): readonly AnalysedAssumption[] {
	if (attached !== undefined)
		return [{ what: `the threads of ${attached.file} are the only adversary`, line: null }];
	if (actors.length === 0) return [];
	const only = actors.length === 1 ? 'only the adversary' : 'only the adversaries';
	return [{ what: `${only} ${actors.join(', ')} took part, as was asked for`, line: null }];
}

function allowedIn(
	{ name }: AnalysedFunction,
	suppressed: readonly SuppressedFinding[],
): readonly AnalysedAssumption[] {
	const mine = suppressed.filter(({ finding }) => finding.function === name);
	return suppressionsIn(mine).map(({ findings, rule, line }) => ({
		...workspaceAssumption(
			`${findings} ${findings === 1 ? 'finding' : 'findings'} (${rule}) allowed by a comment`,
		),
		line,
	}));
}

/** Suppressed findings by the comment that allows them. */
export function suppressionsIn(suppressed: readonly SuppressedFinding[]): readonly {
	readonly findings: number;
	readonly rule: string;
	readonly line: number;
	readonly reason: string;
}[] {
	const byComment = new Map<
		string,
		{ findings: number; rule: string; line: number; reason: string }
	>();
	for (const { finding, reason, line } of suppressed) {
		const key = `${line} ${finding.rule}`;
		const known = byComment.get(key);
		if (known === undefined) byComment.set(key, { findings: 1, rule: finding.rule, line, reason });
		else known.findings++;
	}
	return [...byComment.values()];
}

function unread({ tree }: AnalysisRequest): readonly AnalysedAssumption[] {
	const problems = tree?.problems?.() ?? [];
	const told = problems
		.slice(0, UNREAD_MAX)
		.map((p) => workspaceAssumption(`of the kernel tree, ${p}`));
	const more = problems.length - told.length;
	return more > 0
		? [...told, workspaceAssumption(`${more} more files of the kernel tree were not read`)]
		: told;
}
