/**
 * Several architectures and configurations on the command line: a table, each finding once, and where it is found.
 */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { repositoryRoot } from '../trees.js';
import { bundle } from './bundle.js';

const VIOLATED = 'test/fixtures/violated/stale-pin.c';
const HOLDS = 'test/fixtures/holds/stale-pin.c';
const TORN = 'test/fixtures/violated/torn-entry.c';

let programs = '';

beforeAll(async () => {
	programs = await bundle({ cli: 'server/cli.ts' });
});

afterAll(() => {
	rmSync(dirname(programs), { recursive: true, force: true });
});

function run(args: readonly string[]): { readonly status: number | null; readonly out: string } {
	const ended = spawnSync(process.execPath, [join(programs, 'cli.js'), ...args], {
		encoding: 'utf8',
		cwd: repositoryRoot,
		maxBuffer: 64 * 1024 * 1024,
	});
	return { status: ended.status, out: ended.stdout };
}

interface Output {
	readonly files: readonly {
		readonly functions: readonly { readonly arch: string; readonly verdict: string }[];
		readonly findings: readonly { readonly foundUnder?: string }[];
	}[];
}

describe('several configurations', () => {
	test('a table of functions and architectures; the finding once, with where it is found', () => {
		const { status, out } = run(['check', TORN, '--arch', 'all', '--actor', 'zap']);
		expect(status).toBe(1);
		expect(out.match(/\[torn-entry\]/g)).toHaveLength(1);
		expect(out).toMatch(/Found only on i386-pae: .* read in two halves/);
		const [head = '', row = ''] = out
			.split('\n')
			.filter((l) => /x86_64 {2,}arm64|: walk_ptes/.test(l));
		expect(head.trim().split(/ {2,}/)).toEqual([
			'x86_64',
			'arm64',
			'i386-pae',
			's390x',
			'powerpc64',
			'riscv64',
		]);
		const said = row.split(/ {2,}/).slice(1);
		expect(said).toEqual(['holds', 'holds', 'violated', 'holds', 'holds', 'holds']);
	});

	test('no finding anywhere: exit status 0', () => {
		const { status, out } = run(['check', HOLDS, '--arch', 'i386-pae,s390x', '--actor', 'zap']);
		expect(out).not.toContain('error');
		expect(status).toBe(0);
	});

	test('one annotation and one result for all architectures', () => {
		const args = ['check', VIOLATED, '--arch', 'x86_64,arm64', '--actor', 'zap'];
		const alone = run([...args.slice(0, 2), '--actor', 'zap', '--format', 'github']).out;
		const { out } = run([...args, '--format', 'github']);
		expect(out.split('\n')).toHaveLength(alone.split('\n').length);
		expect(out).toContain('Found under all 2 configurations checked.');
		const sarif = JSON.parse(run([...args, '--format', 'sarif']).out);
		expect(sarif.runs[0].results).toHaveLength(alone.split('\n').length - 1);
	});

	test('JSON has each function once per architecture, and says where a finding is found', () => {
		const { out } = run([
			'check',
			TORN,
			'--arch',
			'x86_64,i386-pae',
			'--actor',
			'zap',
			'--format',
			'json',
		]);
		const [file] = (JSON.parse(out) as Output).files;
		expect(file?.functions.map((f) => [f.arch, f.verdict])).toEqual([
			['x86_64', 'holds'],
			['i386-pae', 'violated'],
		]);
		expect(file?.findings.map((f) => f.foundUnder?.split(':')[0])).toEqual(['only on i386-pae']);
	});

	test('explain ends with the configurations', () => {
		const { status, out } = run([
			'explain',
			`${TORN}:12`,
			'--arch',
			'x86_64,i386-pae',
			'--actor',
			'zap',
		]);
		expect(status).toBe(0);
		expect(out).toContain(
			'**Configurations** of `walk_ptes()`: holds on x86_64; violated on i386-pae.',
		);
	});
});
