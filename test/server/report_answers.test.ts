/**
 * `racewalk report` on small walks of our own: the same report of a walk that looks at its entry again and of one that does not.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerJson } from '../../server/cli/kernel_report/answer_json.js';
import { answerText } from '../../server/cli/kernel_report/answer_text.js';
import { answered } from '../../server/cli/kernel_report/answering.js';
import { runReport } from '../../server/cli/kernel_report/command.js';
import { UsageError } from '../../server/cli/options.js';
import { paint } from '../../server/cli/paint.js';
import { executorOf } from '../../server/cli/supervised.js';
import { kernelReports } from '../../server/kernel_report/parse.js';
import { openTree } from '../../server/tree/workspace.js';
import { repositoryRoot } from '../trees.js';
import { expectSchema } from './schemas.js';

const options = {
	...{ arch: [], set: [], actor: [], function: [], memory: 'sc' as const },
	...{ format: 'text', color: 'never' as const },
};

let folder = '';
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), 'racewalk-report-'));
	for (const kind of ['holds', 'violated']) {
		const tree = join(folder, kind);
		mkdirSync(join(tree, 'mm'), { recursive: true });
		mkdirSync(join(tree, 'include/linux'), { recursive: true });
		cpSync(join(repositoryRoot, `test/fixtures/${kind}/stale-pin.c`), join(tree, 'mm/gup.c'));
		// that the file is there is enough: of functions that a tree does not have nothing is said
		writeFileSync(join(tree, 'mm/memory.c'), '');
		writeFileSync(join(tree, 'mm/other.c'), 'void other(void)\n{\n}\n');
	}
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const race = (walk: string, other: string): string =>
	[
		'BUG: KCSAN: data-race in walk_ptes / zap_present_folio_ptes',
		'write (marked) to 0xffff888104c3a7f8 of 8 bytes by task 1 on cpu 1:',
		` ${other}`,
		'read (marked) to 0xffff888104c3a7f8 of 8 bytes by task 2 on cpu 0:',
		` ${walk}`,
	].join('\n');

const ZAP = 'zap_present_folio_ptes+0x1/0x2 mm/memory.c:1';

async function answerOf(tree: string, text: string, actor: readonly string[] = []) {
	const root = join(folder, tree);
	const executor = executorOf({});
	try {
		const [report] = kernelReports(text, null);
		if (report === undefined) throw new Error('there is no report');
		const how = { tree: openTree(root), folder: root, options: { ...options, actor }, executor };
		return await answered(report, how);
	} finally {
		await executor.end();
	}
}

describe('a race of the walk and of who clears the entry', () => {
	test('is explained where the walk does not look again', async () => {
		const answer = await answerOf('violated', race('walk_ptes+0x1/0x2 mm/gup.c:9', ZAP));
		expect(answer.outcome).toBe('explained');
		expect(answer.walk?.locations).toEqual(['pte[1]']);
		expect(answer.adversaries).toContain('zap');
		// the run of the finding holds both accesses
		const steps = answer.runs[0]?.trace.steps ?? [];
		const on = (cpu: number) =>
			steps.some((s) => s.cpu === cpu && s.effects.some((e) => e.location === 'pte[1]'));
		expect([on(0), on(1)]).toEqual([true, true]);
	});

	test('is benign where it does, with a run for each order', async () => {
		const answer = await answerOf('holds', race('walk_ptes+0x1/0x2', ZAP));
		expect(answer.outcome).toBe('benign');
		const orders = answer.runs.map(({ trace }) => {
			const touching = trace.steps.filter((s) => s.effects.some((e) => e.location === 'pte[1]'));
			const wrote = touching.findIndex((s) => s.cpu === 1);
			return [touching.slice(0, wrote), touching.slice(wrote + 1)].map((part) =>
				part.some((s) => s.cpu === 0),
			);
		});
		expect(orders[0]?.[0]).toBe(true);
		expect(orders[1]?.[1]).toBe(true);
		expect(answer.bounds.join('\n')).toContain("the report's line is not known");
		const told: unknown = JSON.parse(JSON.stringify(answerJson([answer])));
		expect(told).toMatchObject({ reports: [{ outcome: 'benign' }] });
		expectSchema('report', told);
		expect(answerText(answer, 'x', paint(false)).text).toContain('benign: no explored run');
	});

	test('takes the adversary that is named where the report does not say', async () => {
		const text = race('walk_ptes+0x1/0x2 mm/gup.c:9', 'gone+0x1/0x2 mm/gone.c:1');
		const explained = await answerOf('violated', text, ['zap']);
		expect([explained.outcome, ...explained.adversaries]).toEqual(['explained', 'zap']);
		expectSchema('report', JSON.parse(JSON.stringify(answerJson([explained]))));
		const benign = await answerOf('holds', text, ['mprotect']);
		expect([benign.outcome, ...benign.adversaries]).toEqual(['benign', 'mprotect']);
	});

	test('is not modelled where nobody stands for the other one, or nothing is a walk', async () => {
		const other = await answerOf('holds', race('walk_ptes+0x1/0x2', 'other+0x1/0x2 mm/other.c:2'));
		expect(other.outcome).toBe('not-modelled');
		expect(other.said.join()).toContain(
			'no adversary stands for any function of the other stack (other()',
		);
		const none = await answerOf(
			'holds',
			race('other+0x1/0x2 mm/other.c:2', 'gone+0x1/0x2 mm/gone.c:1'),
		);
		expect(none.outcome).toBe('not-modelled');
		expectSchema('report', JSON.parse(JSON.stringify(answerJson([other, none]))));
		expect(none.said.join()).toContain('none of the functions of the report is a walk');
	});
});

describe('the command', () => {
	test.each<readonly [string, string, Partial<Parameters<typeof runReport>[1]>, RegExp]>([
		['a text without a report', 'nothing here', {}, /holds no report/],
		['lkmm', race('walk_ptes+0x1/0x2', ZAP), { memory: 'lkmm' }, /leave out --memory lkmm/],
		['a map without symbols', race('walk_ptes+0x1/0x2', ZAP), { map: 'log' }, /holds no symbol/],
		[
			'a tree that is none',
			race('walk_ptes+0x1/0x2', ZAP),
			{ tree: 'log' },
			/is no.* folder|no kernel tree/,
		],
	])('%s is told', async (_, text, more, said) => {
		const file = join(folder, 'log');
		writeFileSync(file, text);
		const given = { ...options, tree: join(folder, 'holds'), ...more };
		const named = {
			...given,
			...(more.map === undefined ? {} : { map: file }),
			...(more.tree === undefined ? {} : { tree: file }),
		};
		await expect(runReport(file, named)).rejects.toThrow(said);
		await expect(runReport(file, named)).rejects.toBeInstanceOf(UsageError);
	});
});
