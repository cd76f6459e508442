/**
 * What of the code explored runs went through: ops and arms of branches, per function of the walk. An arm that no run took
 * is one that no run can take under this configuration or for any caller (possible.ts), one that does nothing that a run
 * could tell (idle.ts), one on which something changed that no adversary changes (reread.ts), a test of a level that is folded (folded.ts), or it is named with what its
 * condition asks for. Text of other files is named and no more where it changes nothing itself.
 *
 * Invariant: every arm of a branch that a run reached is taken, impossible, idle, in `granted` or in `never`.
 */
import { type ArmBits, branchArm, ENTRY_ARM, hasArm } from '../../memory/thread/arms.js';
import { reachedOps } from '../../program/flow.js';
import type { FunctionIndex, Op, OpIndex, SiteIndex } from '../../program/op.js';
import { type Program, type ProgramFunction, successors } from '../../program/program.js';
import { reachable } from '../../program/reach.js';
import type { FunctionCoverage, LineCounts, Never } from '../../rules/verdict.js';
import type { Arm, Arms } from './arms.js';
import { isExcluded } from './bits.js';
import { asksSection, conditionWords } from './condition_words.js';
import { isFoldedTest } from './folded.js';
import { leadsToWarning } from './forced.js';
import { isHarmless, isIdle } from './idle.js';
import { isChange } from './reread.js';

/** Arms that runs may take at all. */
export interface Possible {
	/** Under this configuration, with any arguments. */
	readonly configured: Arms;
	/** Of those: with flags that callers may pass. */
	readonly called: Arms;
}

/** Coverage of each function of the walk that runs from the root may enter. */
export function coverageOf(
	program: Program,
	root: FunctionIndex,
	{ taken, possible }: { readonly taken: Arms; readonly possible: Possible },
): ReadonlyMap<FunctionIndex, FunctionCoverage> {
	const path = program.functions[root]?.path ?? '';
	const made = new Map<FunctionIndex, FunctionCoverage>();
	const reached = reachable(program, root);
	const constant = constantIn(program, reached, possible.configured);
	for (const index of reached) {
		const fn = program.functions[index] as ProgramFunction;
		if (fn.origin !== 'walk') continue;
		const own = viewOf(fn, { taken: taken.get(index), possible: possible.called.get(index) });
		const coverage = functionCoverage({ program, path }, index, own);
		made.set(index, constant.has(index) ? { ...coverage, isConstant: true } : coverage);
	}
	return made;
}

/**
 * Functions that no run can enter under the configuration. None where a run may come to code that was not lowered, and what that
 * calls, gives or goes on to is not known.
 */
function constantIn(
	program: Program,
	reached: ReadonlySet<FunctionIndex>,
	configured: Arms,
): ReadonlySet<FunctionIndex> {
	const constant = new Set<FunctionIndex>();
	for (const index of reached) {
		const fn = program.functions[index] as ProgramFunction;
		const { live } = viewOf(fn, { taken: undefined, possible: configured.get(index) });
		const left = fn.ops.filter((_, pc) => live[pc] === 1);
		if (left.some(({ kind }) => kind === 'unsupported') && !isWithoutResult(fn, left))
			return new Set();
		if (!hasArm(configured.get(index), ENTRY_ARM)) constant.add(index);
	}
	return constant;
}

/** A primitive that returns on some way, and gives nothing: what it does not model only ends runs. */
function isWithoutResult({ origin }: ProgramFunction, ops: readonly Op[]): boolean {
	const returns = ops.filter((op) => op.kind === 'return');
	return origin === 'primitive' && returns.length > 0 && returns.every((op) => op.value === null);
}

/** Arms of a function by what runs did and what they may do. */
interface View {
	/** By op. */
	readonly reached: Uint8Array;
	readonly live: Uint8Array;
	isTaken(branch: OpIndex, then: boolean): boolean;
	isPossible(branch: OpIndex, then: boolean): boolean;
}

function viewOf(
	fn: ProgramFunction,
	{
		taken,
		possible,
	}: { readonly taken: ArmBits | undefined; readonly possible: ArmBits | undefined },
): View {
	const isIn = (bits: ArmBits | undefined) => (branch: OpIndex, then: boolean) =>
		hasArm(bits, branchArm(branch, then));
	const ops = (bits: ArmBits | undefined): Uint8Array =>
		hasArm(bits, ENTRY_ARM) ? reachedOps(fn, isIn(bits)) : new Uint8Array(fn.ops.length);
	return {
		reached: ops(taken),
		live: ops(possible),
		isTaken: isIn(taken),
		isPossible: isIn(possible),
	};
}

/** Arms of branches that runs reached and did not take. */
function untaken(fn: ProgramFunction, view: View): readonly Omit<Arm, 'function'>[] {
	return fn.ops.flatMap((op, i) => {
		const branch = i as OpIndex;
		if (op.kind !== 'branch' || view.reached[i] === 0) return [];
		return [true, false]
			.filter((then) => !view.isTaken(branch, then))
			.map((then) => ({ branch, then }));
	});
}

/** Arms that lead to a WARN_ON() and that no run took: they may be forced. */
export function warningArms(
	program: Program,
	root: FunctionIndex,
	{ taken, possible }: { readonly taken: Arms; readonly possible: Possible },
): readonly Arm[] {
	return [...reachable(program, root)].flatMap((index) => {
		const fn = program.functions[index] as ProgramFunction;
		if (fn.origin !== 'walk') return [];
		const own = viewOf(fn, { taken: taken.get(index), possible: possible.configured.get(index) });
		return untaken(fn, own)
			.filter(({ branch, then }) => own.isPossible(branch, then))
			.filter((arm) => leadsToWarning(fn, arm)?.severity === 'warn')
			.map((arm) => ({ ...arm, function: index }));
	});
}

/** Arms that no run took, though nothing shows that none can. */
export function openArms(
	program: Program,
	root: FunctionIndex,
	{ taken, possible }: { readonly taken: Arms; readonly possible: Possible },
): readonly Arm[] {
	const path = program.functions[root]?.path ?? '';
	return [...reachable(program, root)].flatMap((index) => {
		const fn = program.functions[index] as ProgramFunction;
		if (fn.origin !== 'walk') return [];
		const own = viewOf(fn, { taken: taken.get(index), possible: possible.called.get(index) });
		return untaken(fn, own)
			.filter(({ branch, then }) => own.isPossible(branch, then))
			.map((arm) => ({ ...arm, function: index }))
			.filter((arm) => leadsToWarning(fn, arm) === null)
			.filter((arm) => !isExcluded(program, arm))
			.filter((arm) => !isIdle(program, arm, own.reached))
			.filter((arm) => !isGranted(program, arm, { path, reached: own.reached }));
	});
}

/** An arm that is named and no more: nothing changes what it asks about, or it is other files' and changes nothing. */
function isGranted(
	program: Program,
	arm: Arm,
	{ path, reached }: { readonly path: string; readonly reached: Uint8Array },
): boolean {
	const fn = program.functions[arm.function] as ProgramFunction;
	if (isChange(fn, arm.branch, arm.then) || isFoldedTest(program, fn, arm)) return true;
	return fn.path !== path && isHarmless(program, arm, reached);
}

function functionCoverage(
	{ program, path }: { readonly program: Program; readonly path: string },
	index: FunctionIndex,
	view: View,
): FunctionCoverage {
	const fn = program.functions[index] as ProgramFunction;
	const never: Never[] = [];
	const granted: Never[] = [];
	const constant: SiteIndex[] = [];
	for (const { branch, then } of untaken(fn, view)) {
		const op = fn.ops[branch] as Extract<Op, { kind: 'branch' }>;
		const target = then ? op.then : op.otherwise;
		if (!view.isPossible(branch, then)) {
			if (view.live[target] === 0) constant.push((fn.ops[target] as Op).site);
			continue;
		}
		// a BUG() ends the run, and all else with it
		if (leadsToWarning(fn, { branch, then })?.severity === 'bug') continue;
		const arm = { function: index, branch, then };
		if (isExcluded(program, arm)) continue;
		if (isIdle(program, arm, view.reached)) continue;
		(isGranted(program, arm, { path, reached: view.reached }) ? granted : never).push({
			site: onlyThere(fn, target, view) ?? op.site,
			condition: op.site,
			needs: conditionWords(program, fn, { branch, then }),
			...(asksSection(program, fn, branch) ? { ofSection: true as const } : {}),
			...behindArm(program, fn, { target, view }),
		});
	}
	const unlowered = fn.ops.flatMap((op, pc) =>
		op.kind === 'unsupported' && view.live[pc] === 1 ? [{ site: op.site, reason: op.reason }] : [],
	);
	const count = (ops: Uint8Array): number => ops.reduce((n, is) => n + is, 0);
	const all = view.live.map((is, pc) => is | (view.reached[pc] ?? 0));
	const operations = { reached: count(view.reached), all: count(all) };
	const lines = lineCounts(program, fn, { view, never });
	return { operations, lines, never, granted, constant: [...new Set(constant)], unlowered };
}

function lineCounts(
	program: Program,
	fn: ProgramFunction,
	{ view, never }: { readonly view: View; readonly never: readonly Never[] },
): LineCounts {
	const linesOf = (sites: readonly SiteIndex[]): readonly number[] =>
		sites.flatMap((site) => {
			const { path, line } = program.sites[site] ?? {};
			return path === fn.path && line !== undefined ? [line] : [];
		});
	const where = (is: (pc: number) => boolean): readonly number[] =>
		linesOf(fn.ops.flatMap((op, pc) => (is(pc) ? [op.site] : [])));
	const reached = new Set(where((pc) => view.reached[pc] === 1));
	const open = new Set(
		linesOf(never.flatMap((n) => n.behind ?? [])).filter((l) => !reached.has(l)),
	);
	const dead = where((pc) => view.reached[pc] === 0 && view.live[pc] === 0);
	const constant = new Set(dead.filter((l) => !reached.has(l) && !open.has(l)));
	return { reached: reached.size, constant: constant.size, never: open.size };
}

/** What only stands behind arms that no run took, from an arm on. */
function behindArm(
	program: Program,
	fn: ProgramFunction,
	{ target, view }: { readonly target: OpIndex; readonly view: View },
): Pick<Never, 'behind'> {
	const sites = new Set<SiteIndex>();
	const seen = new Set<OpIndex>();
	const todo = [target];
	for (let at = todo.pop(); at !== undefined; at = todo.pop()) {
		if (seen.has(at) || view.reached[at] === 1 || view.live[at] === 0) continue;
		seen.add(at);
		const op = fn.ops[at] as Op;
		sites.add(op.site);
		todo.push(...successors(op, at));
	}
	const lineOf = (site: SiteIndex): string => {
		const { path, line } = program.sites[site] ?? {};
		return `${path}:${line}`;
	};
	const met = fn.ops.flatMap((op, pc) => (view.reached[pc] === 1 ? [lineOf(op.site)] : []));
	const reached = new Set(met);
	const behind = [...sites].filter((site) => !reached.has(lineOf(site)));
	return behind.length === 0 ? {} : { behind };
}

/** The first code on an arm that no run reached. */
function onlyThere(fn: ProgramFunction, target: OpIndex, view: View): SiteIndex | null {
	if (view.reached[target] === 0) return (fn.ops[target] as Op).site;
	return null;
}
