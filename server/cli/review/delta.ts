/**
 * What a step changes for one file: verdicts, findings that are new or gone, and those that were there before, which are nobody's fault
 * now. Findings are matched by fingerprint, so that moved lines and other adversaries make none.
 */
import type { AnalysedFinding, AnalysedFunction, Analysis } from '../../ide/analysis/analysis.js';
import { type Fingerprint, fingerprintOf } from '../../ide/fingerprint.js';
import { variantName } from '../../ide/variants.js';
import type { FileReport } from '../report.js';
import { isUndecided } from '../undecided.js';

/** A file under every configuration that was asked about. */
export interface Looked {
	readonly report: FileReport;
	readonly text: string;
}

export interface ToldFinding {
	readonly finding: AnalysedFinding;
	readonly analysis: Analysis;
	readonly print: Fingerprint;
	/** Names of the configurations under which it is new, gone or there. */
	readonly on: readonly string[];
	/** It is so under every configuration that was checked. */
	readonly isEverywhere: boolean;
}

export interface FunctionChange {
	readonly name: string;
	readonly line: number;
	readonly root: string;
	readonly on: string;
	readonly before: AnalysedFunction | null;
	readonly after: AnalysedFunction | null;
	/** The step changes its code, or something that it rests on. */
	readonly isTouched: boolean;
}

export interface Delta {
	readonly functions: readonly FunctionChange[];
	readonly fresh: readonly ToldFinding[];
	readonly gone: readonly ToldFinding[];
	readonly kept: readonly ToldFinding[];
	/** Undecided after the step, and touched by it or decided before. */
	readonly undecided: readonly FunctionChange[];
	/** Undecided before and after, and not touched. */
	readonly undecidedBefore: readonly FunctionChange[];
}

/** Whether a step touches a function of the text after it. */
export type Touching = (f: AnalysedFunction) => boolean;

export function deltaOf(before: Looked | null, after: Looked | null, isTouched: Touching): Delta {
	const functions = functionChanges(before, after, isTouched);
	const old = before === null ? [] : findingsIn(before);
	const now = after === null ? [] : findingsIn(after);
	const renamed = renamedAway(before, after);
	const count = after?.report.variants.length ?? before?.report.variants.length ?? 0;
	const told = (all: readonly Found[]): readonly ToldFinding[] => together(all, count);
	const isSame = (a: Found, b: Found): boolean =>
		a.on === b.on &&
		(a.print.id === b.print.id ||
			(a.print.nameless === b.print.nameless && renamed.has(a.finding.function)));
	const open = functions.filter((f) => f.after !== null && isUndecided(f.after));
	const isNews = (f: FunctionChange): boolean =>
		f.isTouched || f.before === null || !isUndecided(f.before);
	return {
		functions,
		fresh: told(now.filter((n) => !old.some((o) => isSame(n, o) || isSame(o, n)))),
		gone: told(old.filter((o) => !now.some((n) => isSame(n, o) || isSame(o, n)))),
		kept: told(now.filter((n) => old.some((o) => isSame(n, o) || isSame(o, n)))),
		undecided: open.filter(isNews),
		undecidedBefore: open.filter((f) => !isNews(f)),
	};
}

interface Found {
	readonly finding: AnalysedFinding;
	readonly analysis: Analysis;
	readonly print: Fingerprint;
	readonly on: string;
}

function findingsIn({ report, text }: Looked): readonly Found[] {
	return report.analyses.flatMap((analysis, i) => {
		const variant = report.variants[i];
		const on = variant === undefined ? analysis.arch : variantName(variant);
		return analysis.findings.map((finding) => ({
			...{ finding, analysis, on },
			print: fingerprintOf(finding, { path: report.path, text }),
		}));
	});
}

/** Names that only one of the sides has: a function under another name is the same function. */
function renamedAway(before: Looked | null, after: Looked | null): ReadonlySet<string> {
	const names = (looked: Looked | null): ReadonlySet<string> =>
		new Set(looked?.report.analyses.flatMap((a) => a.functions.map((f) => f.name)) ?? []);
	const [old, now] = [names(before), names(after)];
	return new Set([...[...old].filter((n) => !now.has(n)), ...[...now].filter((n) => !old.has(n))]);
}

function together(all: readonly Found[], count: number): readonly ToldFinding[] {
	const byPrint = new Map<string, Found[]>();
	for (const found of all)
		byPrint.set(found.print.id, [...(byPrint.get(found.print.id) ?? []), found]);
	return [...byPrint.values()].flatMap((same) => {
		const [first] = same;
		if (first === undefined) return [];
		const on = [...new Set(same.map((f) => f.on))];
		const { finding, analysis, print } = first;
		return [{ finding, analysis, print, on, isEverywhere: on.length === count }];
	});
}

function functionChanges(
	before: Looked | null,
	after: Looked | null,
	isTouched: Touching,
): readonly FunctionChange[] {
	const sides = new Map<string, { before: Side | null; after: Side | null }>();
	const add = (looked: Looked | null, side: 'before' | 'after'): void => {
		looked?.report.analyses.forEach((analysis, i) => {
			const variant = looked.report.variants[i];
			const on = variant === undefined ? analysis.arch : variantName(variant);
			for (const f of analysis.functions) {
				const key = `${on} ${f.name}`;
				const known = sides.get(key) ?? { before: null, after: null };
				known[side] = { f, on };
				sides.set(key, known);
			}
		});
	};
	add(before, 'before');
	add(after, 'after');
	return [...sides.values()].flatMap((side) => {
		const some = side.after ?? side.before;
		if (some === null) return [];
		return [
			{
				...{ name: some.f.name, line: some.f.place.line, root: some.f.root, on: some.on },
				before: side.before?.f ?? null,
				after: side.after?.f ?? null,
				isTouched: side.after === null || isTouched(side.after.f),
			},
		];
	});
}

interface Side {
	readonly f: AnalysedFunction;
	readonly on: string;
}
