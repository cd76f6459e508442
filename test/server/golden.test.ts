/**
 * Golden traces: for some violated fixtures the shortest run, a column per CPU and a line per access, the verdict and how
 * much was explored. `npm run golden` rewrites them; the difference is reviewed like code.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AnalysedFinding } from '../../server/ide/analysis/analysis.js';
import { analysisOf } from '../analysis.js';
import { fixtureArch } from '../fixture_arch.js';
import { linesOfStep } from '../runs.js';
import { repositoryRoot } from '../trees.js';

/** Fixture, and the one adversary it is explored against. */
const CASES: readonly (readonly [string, string])[] = [
	['stale-pin', 'zap'],
	['stale-pin-pmd-unchecked', 'collapse'],
	['stale-pin-huge', 'zap'],
	['racing-mapping', 'truncate'],
	['racing-mapping-early', 'reclaim'],
	['use-after-free', 'pgtable_free'],
	['use-after-free-mapping', 'evict'],
	['wrong-folio', 'split'],
	['fork-pin', 'fork'],
	['permission-weak-recheck', 'fork'],
	['shared-anon-pin', 'zap'],
	['misplaced-page-shifted', 'zap'],
	['reference-leak', 'zap'],
	['torn-entry', 'zap'],
	['torn-entry-above', 'collapse'],
];

const WIDTH = 56;

/** The run as two columns of accesses. */
function columns({ trace, message }: AnalysedFinding): string {
	const heads = trace.threads.map((name, cpu) => `CPU ${cpu} (${name})`.padEnd(WIDTH));
	const rows = trace.steps.flatMap((step) =>
		linesOfStep(step).map((line) => `${' '.repeat(step.cpu * WIDTH)}${line.slice(2)}`),
	);
	return [heads.join('').trimEnd(), ...rows, `*** ${message}`].join('\n');
}

function check(name: string, actor: string): string {
	const path = join(repositoryRoot, `test/fixtures/violated/${name}.c`);
	const text = readFileSync(path, 'utf8');
	const analysis = analysisOf({
		path: `${name}.c`,
		text,
		arch: fixtureArch(text),
		actors: [actor],
		// a rarer world is no news of these runs
		depth: 'core',
	});
	const verdicts = analysis.functions.map(
		(f) =>
			`${f.name}: ${f.verdict}; ${f.explored.executions} executions, ${f.explored.states} states`,
	);
	const runs = analysis.findings.map((f) => {
		const where = `${f.place.path}:${f.place.line} ${f.function}`;
		return `[${f.rule}] ${where}\n${f.scenario}; run ${f.trace.id}\n\n${columns(f)}\n`;
	});
	return `${verdicts.join('\n')}\n\n${runs.join('\n')}`;
}

describe('golden traces', () => {
	it.each(CASES)('%s', async (name, actor) => {
		const golden = join(repositoryRoot, `test/golden/${name}.txt`);
		await expect(check(name, actor)).toMatchFileSnapshot(golden);
	});
});
