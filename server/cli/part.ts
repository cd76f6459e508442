/**
 * What a shard of a check found, as JSON: all that the report of the whole is made from, beside the report of the part in the same
 * file. Told from a file that was cut off or changed by its digest.
 */
import { createHash } from 'node:crypto';
import type { Analysis, Variant } from '../ide/analysis/analysis.js';
import { UsageError } from './options.js';
import type { FileReport } from './report.js';
import type { Shard } from './shard.js';
import { VERSION } from './version.js';

/** A report of one file, as far as it is the shard's. */
export interface PlacedReport {
	/** Place of the file among all. */
	readonly file: number;
	/** Places of its configurations. */
	readonly places: readonly number[];
	readonly report: FileReport;
}

export interface Part {
	readonly version: string;
	readonly shard: Shard;
	/** Configurations of each file of the whole. */
	readonly units: readonly number[];
	/** What was asked (shard.ts). */
	readonly asked: string;
	/** Functions that were asked for. */
	readonly functions: readonly string[];
	readonly reports: readonly PlacedReport[];
}

export function partJson({ reports, ...head }: Omit<Part, 'version'>): object {
	const plain: Part['reports'] = JSON.parse(JSON.stringify(reports.map(packed)));
	const part = { ...head, reports: plain };
	return { version: VERSION, ...head, digest: digestOf(part), reports: plain };
}

/** The part that a report of a shard carries; a UsageError where it is none, or was changed. */
export function partIn(value: unknown, shown: string): Part {
	const none = new UsageError(
		`${shown} is no part of a check: racewalk check --shard I/N --format json or sarif makes them`,
	);
	if (typeof value !== 'object' || value === null) throw none;
	const { version, shard, units, asked, functions, digest, reports } = value as Partial<
		Part & { readonly digest: string }
	>;
	if (typeof version !== 'string' || shard === undefined || !Array.isArray(reports)) throw none;
	if (version !== VERSION)
		throw new UsageError(`${shown} was made by racewalk ${version}, and this is ${VERSION}`);
	if (units === undefined || asked === undefined || functions === undefined) throw none;
	if (digest !== digestOf({ shard, units, asked, functions, reports }))
		throw new UsageError(`${shown} was changed since racewalk wrote it`);
	return { version, shard, units, asked, functions, reports: reports.map(unpacked) };
}

function digestOf({ shard, units, asked, functions, reports }: Omit<Part, 'version'>): string {
	const { index, of } = shard;
	const text = JSON.stringify([index, of, units, asked, functions, reports]);
	return createHash('sha256').update(text).digest('hex');
}

type Packed = Omit<PlacedReport, 'report'> & {
	readonly report: Omit<FileReport, 'variants'> & {
		readonly variants: readonly (Omit<Variant, 'config'> & {
			readonly config: readonly (readonly [string, string])[];
		})[];
	};
};

function packed({ report, ...place }: PlacedReport): Packed {
	const variants = report.variants.map((v) => ({ ...v, config: [...v.config] }));
	return { ...place, report: { ...report, variants } };
}

function unpacked(value: unknown): PlacedReport {
	// the digest says that it is what was packed
	const { report, ...place } = value as Packed;
	const variants = report.variants.map((v): Variant => ({ ...v, config: new Map(v.config) }));
	return { ...place, report: { ...report, variants } };
}

/** Reports of the whole; a UsageError where parts are missing, are there twice, or belong to different checks. */
export function joined(
	parts: readonly { readonly part: Part; readonly shown: string }[],
): readonly FileReport[] {
	const [first] = parts;
	if (first === undefined) throw new UsageError('there is nothing to merge');
	const { of } = first.part.shard;
	const seen = new Map<number, string>();
	for (const { part, shown } of parts) {
		if (part.asked !== first.part.asked || part.shard.of !== of)
			throw new UsageError(`${shown} and ${first.shown} are parts of different checks`);
		const before = seen.get(part.shard.index);
		if (before !== undefined)
			throw new UsageError(`${shown} and ${before} are both shard ${part.shard.index}/${of}`);
		seen.set(part.shard.index, shown);
	}
	const missing = Array.from({ length: of }, (_, i) => i + 1).filter((i) => !seen.has(i));
	if (missing.length > 0)
		throw new UsageError(`shards are missing: ${missing.map((i) => `${i}/${of}`).join(', ')}`);
	const placed = parts.flatMap(({ part }) => part.reports);
	return first.part.units.map((_, file) => together(placed.filter((one) => one.file === file)));
}

/** The parts of one file as its report. */
function together(parts: readonly PlacedReport[]): FileReport {
	const [first] = parts;
	if (first === undefined) throw new UsageError('a file of the whole is in no part');
	const units = parts
		.flatMap(({ places, report }) =>
			places.map((place, i) => ({
				place,
				analysis: report.analyses[i] as Analysis,
				variant: report.variants[i] as Variant,
			})),
		)
		.sort((a, b) => a.place - b.place);
	return {
		...first.report,
		analyses: units.map(({ analysis }) => analysis),
		variants: units.map(({ variant }) => variant),
	};
}
