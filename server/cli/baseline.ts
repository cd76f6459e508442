/**
 * A baseline: findings that are known, in a file that is kept beside the code. What is in it is told apart, and counts for no exit
 * status; what is undecided is never in it.
 *
 * A second defect that breaks the same rule at the same code of the same function is the same finding: one of them is told at a time.
 */
import type { AnalysedFinding, Analysis } from '../ide/analysis/analysis.js';
import { type Fingerprint, fingerprintOf } from '../ide/fingerprint.js';
import { variantName } from '../ide/variants.js';
import { readNamed } from '../reading/named.js';
import { writeBaseline } from './baseline_file.js';
import { TOOL } from './json.js';
import { UsageError } from './options.js';
import type { FileReport } from './report.js';

export interface BaselineOptions {
	/** File of known findings. */
	readonly baseline?: string;
	/** What is found is written there. */
	readonly updateBaseline?: true;
}

/** A known finding; the message is for people. */
interface Entry {
	readonly fingerprint: string;
	readonly nameless: string;
	readonly rule: string;
	readonly path: string;
	readonly function: string;
	/** Configurations under which it is known. */
	readonly on: readonly string[];
	readonly message: string;
}

/** A finding where it was made. */
export interface Placed {
	readonly path: string;
	readonly print: Fingerprint;
	readonly on: string;
	readonly finding: AnalysedFinding;
}

export interface Baseline {
	/** `functions`: names of those that the file has now; a finding of one that it has no longer may be of a renamed one. */
	has(placed: Placed, functions: ReadonlySet<string>): boolean;
}

/** The baseline that the options name; null: they name none. Files that are not there yet are made by an update. */
export function baselineOf({ baseline, updateBaseline }: BaselineOptions): Baseline | null {
	if (baseline === undefined) {
		if (updateBaseline === true) throw new UsageError('--update-baseline needs --baseline FILE');
		return null;
	}
	const entries = entriesIn(baseline, updateBaseline === true);
	return {
		has: ({ path, print, on }, functions) =>
			entries.some(
				(entry) =>
					entry.on.includes(on) &&
					(entry.fingerprint === print.id ||
						(entry.path === path &&
							entry.nameless === print.nameless &&
							!functions.has(entry.function))),
			),
	};
}

function entriesIn(file: string, mayLack: boolean): readonly Entry[] {
	const read = readNamed(file);
	if (read.kind === 'absent' && mayLack) return [];
	if (read.kind !== 'text')
		throw new UsageError(
			read.kind === 'problem'
				? read.problem
				: `cannot read ${file}: no such file; --update-baseline makes it`,
		);
	let content: unknown;
	try {
		content = JSON.parse(read.text);
	} catch {
		throw new UsageError(`${file} is no baseline: it is not JSON`);
	}
	const { schema, findings } = (content ?? {}) as {
		readonly schema?: unknown;
		readonly findings?: unknown;
	};
	if (schema !== 1 || !Array.isArray(findings) || !findings.every(isEntry))
		throw new UsageError(`${file} is no baseline that this version of racewalk reads`);
	return findings;
}

function isEntry(value: unknown): value is Entry {
	if (typeof value !== 'object' || value === null) return false;
	const entry = value as Record<string, unknown>;
	const texts = ['fingerprint', 'nameless', 'rule', 'path', 'function', 'message'];
	if (!texts.every((name) => typeof entry[name] === 'string')) return false;
	return Array.isArray(entry['on']) && entry['on'].every((on) => typeof on === 'string');
}

/** Writes what was found; entries of files that were not looked at stay. */
export function updateBaseline(
	file: string,
	paths: readonly string[],
	found: readonly Placed[],
): void {
	const kept = entriesIn(file, true).filter(({ path }) => !paths.includes(path));
	const made = new Map<string, Entry>();
	for (const { path, print, on, finding } of found) {
		const before = made.get(print.id);
		made.set(print.id, {
			...{ fingerprint: print.id, nameless: print.nameless, rule: finding.rule, path },
			...{ function: finding.function, message: finding.message },
			on: [...new Set([...(before?.on ?? []), on])].sort(),
		});
	}
	const findings = [...kept, ...made.values()].sort((a, b) =>
		`${a.path} ${a.function} ${a.rule} ${a.fingerprint}` <
		`${b.path} ${b.function} ${b.rule} ${b.fingerprint}`
			? -1
			: 1,
	);
	writeBaseline(file, { schema: 1, tool: TOOL, findings });
}

/** All findings of a report, each under its configuration. */
export function placedIn(report: FileReport): readonly Placed[] {
	return report.analyses.flatMap((analysis, i) => placedOf(report, analysis, i));
}

function placedOf(report: FileReport, analysis: Analysis, i: number): readonly Placed[] {
	const variant = report.variants[i];
	const on = variant === undefined ? analysis.arch : variantName(variant);
	return analysis.findings.map((finding) => ({
		...{ path: report.path, on, finding },
		print: fingerprintOf(finding, report),
	}));
}

/** The report with what is known told apart. */
export function withBaseline(report: FileReport, baseline: Baseline): FileReport {
	const functions = namesIn(report);
	const known: AnalysedFinding[] = [];
	const analyses = report.analyses.map((analysis, i): Analysis => {
		const isKnown = new Set(
			placedOf(report, analysis, i)
				.filter((placed) => baseline.has(placed, functions))
				.map(({ finding }) => finding),
		);
		known.push(...isKnown);
		return { ...analysis, findings: analysis.findings.filter((f) => !isKnown.has(f)) };
	});
	return { ...report, analyses, known };
}

export function namesIn({ analyses }: FileReport): ReadonlySet<string> {
	return new Set(analyses.flatMap((a) => a.functions.map((f) => f.name)));
}
