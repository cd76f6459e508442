/**
 * What `npm run bench` measures of litmus tests, one measure to a process: the kernel's own tests, the archive's sample
 * where it is there, and families that grow.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_OPTIONS, outcomes } from '../../engine/memory/lkmm/outcomes.js';
import { parseLitmus } from '../../server/litmus/parse.js';
import { FAMILIES } from '../litmus/families.js';
import type { Measure } from './phases.js';

export interface LitmusMeasure extends Measure {
	/** Executions per run, or null where there is no one number. */
	readonly executions: number | null;
}

/** Families with the size that is measured and the milliseconds it may take. */
const SIZES: readonly (readonly [family: string, size: number, target: number | null])[] = [
	['lock', 5, 500],
	['lock', 8, 5000],
	['lock-observed', 5, 500],
	['lock-observed', 6, null],
	['increment', 6, 500],
	['increment', 8, 5000],
	['increment-observed', 6, 500],
	['cmpxchg', 8, 500],
	['writes-and-reads', 8, 500],
	['seqlock', 2, 500],
	['seqlock', 6, null],
	['store-buffering', 10, null],
	['rcu', 8, null],
];

/** Names of all measures; `measureLitmus` takes one of them. */
export const LITMUS_MEASURES: readonly string[] = [
	'kernel',
	'sample',
	...SIZES.map(([family, size]) => `${family} ${size}`),
];

export interface LitmusSources {
	/** A kernel tree. */
	readonly tree: string;
	/** A folder of tests, or null. */
	readonly sample: string | null;
	readonly runs: number;
}

/** One measure by its name: for suites the whole and its median test, for families one line. */
export function measureLitmus(name: string, sources: LitmusSources): readonly LitmusMeasure[] {
	const { tree, sample, runs } = sources;
	if (name === 'kernel') {
		const folders = [join(tree, 'tools/memory-model'), join(tree, 'Documentation/litmus-tests')];
		return suite('the kernel', folders.flatMap(litmusFiles), { runs, whole: 300, test: 5 });
	}
	if (name === 'sample') {
		const files = sample === null ? [] : litmusFiles(sample);
		return files.length === 0 ? [] : suite('the sample', files, { runs, whole: null, test: null });
	}
	const found = SIZES.find(([family, size]) => `${family} ${size}` === name);
	const family = FAMILIES.find((f) => f.name === found?.[0]);
	if (found === undefined || family === undefined) throw new Error(`no measure ${name}`);
	const [, size, target] = found;
	const text = family.text(size);
	const samples = timed(runs, () => {
		const { positive, negative, limit } = outcomes(parseLitmus(text).program, DEFAULT_OPTIONS);
		if (limit !== null || positive + negative !== family.executions(size))
			throw new Error(`${name}: ${limit ?? `${positive + negative} executions`}`);
	});
	const executions = family.executions(size);
	return [{ name: `litmus: ${name}`, unit: 'ms', target, at: 0.5, samples, executions }];
}

function suite(
	of: string,
	files: readonly string[],
	{ runs, whole, test }: { runs: number; whole: number | null; test: number | null },
): readonly LitmusMeasure[] {
	const texts = files.map((file) => readFileSync(file, 'utf8'));
	let executions = 0;
	const each: number[] = [];
	const samples = timed(runs, (run) => {
		executions = 0;
		for (const text of texts) {
			const started = performance.now();
			const found = outcomes(parseLitmus(text).program, DEFAULT_OPTIONS);
			if (run >= 0) each.push(performance.now() - started);
			executions += found.positive + found.negative;
		}
	});
	const shared = { unit: 'ms', at: 0.5 } as const;
	return [
		{
			...shared,
			...{ name: `litmus: ${of}, all ${files.length}`, target: whole, samples, executions },
		},
		{
			...shared,
			...{ name: `litmus: ${of}, median test`, target: test, samples: each, executions: null },
		},
	];
}

/** Milliseconds of each run; the first, number -1, does not count. */
function timed(runs: number, work: (run: number) => void): readonly number[] {
	work(-1);
	return Array.from({ length: runs }, (_, run) => {
		const started = performance.now();
		work(run);
		return performance.now() - started;
	});
}

function litmusFiles(folder: string): readonly string[] {
	return readdirSync(folder).flatMap((name) => {
		const path = join(folder, name);
		if (statSync(path).isDirectory()) return litmusFiles(path);
		return name.endsWith('.litmus') ? [path] : [];
	});
}
