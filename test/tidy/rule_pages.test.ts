/**
 * The page of a rule in docs/rules is made from the rule's property, a run of its fixture and the table of fixed races; `npm run golden` writes
 * the pages, this test fails when one has drifted. Rules that no property decides say so on their page.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROPERTIES } from '../../engine/rules/catalog.js';
import { RULES, type Rule } from '../../engine/rules/verdict.js';
import { RULE_TITLES } from '../../server/ide/rules.js';
import { twoColumn } from '../../server/ide/two_column.js';
import { explainLitmus } from '../../server/litmus/explain.js';
import { explanationText } from '../../server/litmus/litmus_text.js';
import { DEFAULT_LITMUS_OPTIONS, runText } from '../../server/litmus/run.js';
import { analysisOf, type Given } from '../analysis.js';
import { withoutCarets } from '../carets.js';
import { difference } from '../history/difference.js';
import { commitLine, fixesOf } from '../history/page.js';
import { repositoryRoot } from '../trees.js';

/** What stands on the page of a rule without a property. */
const WITHOUT_PROPERTY: Partial<Readonly<Record<Rule, string>>> = {
	'reached-unsupported':
		'Not a fault of the code: the walk reaches C that racewalk could not translate, and the verdict of the walk is `unsupported`, whatever else was explored. The message names the span and the reason. What helps: open the file inside its kernel tree, so that the bodies of callees are found.',
};

/** The fixture whose run is drawn, where it is not the one that has the rule's own name. */
const TELLING: Partial<Readonly<Record<Rule, string>>> = {
	permission: 'permission-weak-recheck',
	'misplaced-page': 'misplaced-page-shifted',
};
/** Where a rule shows, if not on x86_64. */
const ON: Partial<Readonly<Record<Rule, Pick<Given, 'arch'>>>> = {
	'torn-entry': { arch: 'i386-pae' },
	'inaccessible-page': { arch: 's390x' },
};

const WIDTH = 110;

function fixture(kind: 'violated' | 'holds', name: string): string {
	const path = join(repositoryRoot, `test/fixtures/${kind}/${name}.c`);
	return withoutCarets(readFileSync(path, 'utf8'));
}

/** The run of the rule's fixture, and in what the twin that holds differs. */
function pairOf(rule: Rule): { readonly run: string; readonly change: string } {
	const name = TELLING[rule] ?? rule;
	const text = fixture('violated', name);
	const analysis = analysisOf({ path: `${name}.c`, text, ...ON[rule] });
	const finding = analysis.findings.find((f) => f.rule === rule);
	if (finding === undefined) throw new Error(`${name}.c does not break ${rule}`);
	const drawn = twoColumn(finding.trace, { width: WIDTH, brief: true, values: true });
	return {
		run: `\`test/fixtures/violated/${name}.c\` (${finding.scenario}):\n\n\`\`\`text\n${drawn}\n\`\`\`\n`,
		change: `\`\`\`diff\n${difference(text, fixture('holds', name))}\n\`\`\`\n`,
	};
}

/** Fixes of the table under this rule, then what the property names beyond it. */
function historyOf(rule: Rule, also: readonly string[]): string {
	const fixes = fixesOf(rule);
	const known = fixes.map((f) => f.commit);
	const rest = also.filter((line) => !known.includes(line.split(' ')[0] ?? ''));
	const lines = [
		...fixes.map((f) => `- ${commitLine(f)}  \n  ${f.raced}\n`),
		...rest.map((l) => `- ${l}\n`),
	];
	if (lines.length === 0) return '';
	return `\n## In the kernel's history\n\n${lines.join('')}\n[All of them](../history.md), with what is not found and why.\n`;
}

function litmus(kind: 'violated' | 'holds'): string {
	return readFileSync(
		join(repositoryRoot, `test/fixtures/litmus/data-race-${kind}.litmus`),
		'utf8',
	);
}

/** `data-race` is decided for litmus tests: the race as `--explain` tells it, and the twin without one. */
function racePage(head: string): string {
	const options = { generation: DEFAULT_LITMUS_OPTIONS.generation, loopMax: 1 };
	const made = explainLitmus(litmus('violated'), {
		...options,
		barriers: true,
		cancelled: () => false,
	});
	const told = explanationText(made);
	const race = told.slice(told.indexOf('data race:')).trimEnd();
	return [
		head,
		'\nSeverity: warning. Two accesses of the same place, one of them plain and one of them a write, are not kept apart by anything: the compiler may tear, repeat or invent the plain one, and what the other thread sees of it is undefined (`race` in tools/memory-model/linux-kernel.cat).\n',
		`\n## How a run gets there\n\n\`test/fixtures/litmus/data-race-violated.litmus\`:\n\n\`\`\`text\n${race}\n\`\`\`\n`,
		`\n## What to do\n\nMark the accesses, or order them so that one has happened before the other may begin. In the fixture:\n\n\`\`\`diff\n${difference(litmus('violated'), litmus('holds'))}\n\`\`\`\n`,
		'\n## Walks\n\nDecided for litmus tests, in the editor and by `racewalk litmus`, not for walks: correct walks read entries plainly where they compare them again. A plain load that the compiler may repeat is explored as such, and what comes of it is reported under the rule it breaks.\n',
	].join('');
}

function page(rule: Rule): string {
	const title = RULE_TITLES[rule];
	const head = `# ${rule}\n\n${title.charAt(0).toUpperCase()}${title.slice(1)}.\n`;
	if (rule === 'data-race') return racePage(head);
	const property = PROPERTIES.find((p) => p.rule === rule);
	const end =
		'\n## Suppressing a finding\n\nPut this comment, with the reason, on the line above:\n' +
		`\`/* racewalk: allow(${rule}): reason */\`\n`;
	if (property === undefined) return `${head}\n${WITHOUT_PROPERTY[rule] ?? ''}\n`;
	const { run, change } = pairOf(rule);
	return [
		head,
		`\nSeverity: ${property.severity}. ${property.what}\n`,
		`\n## How a run gets there\n\n${property.run}\n\n${run}`,
		`\n## What to do\n\n${property.fix}\n\nThe fix, as a diff of the fixture:\n\n${change}`,
		historyOf(rule, property.history),
		end,
	].join('');
}

describe('documentation pages', () => {
	it('knows every rule', () => {
		const silent = RULES.filter(
			(rule) => !PROPERTIES.some((p) => p.rule === rule) && WITHOUT_PROPERTY[rule] === undefined,
		);
		expect(silent).toEqual(['data-race']);
	});

	it('data-race: the fixture races, its twin does not, and in both the page is seen filled', () => {
		for (const kind of ['violated', 'holds'] as const) {
			const { report } = runText('data-race.litmus', litmus(kind), {
				...DEFAULT_LITMUS_OPTIONS,
				now: () => 0,
			});
			expect([kind, report.flags.includes('data-race')]).toEqual([kind, kind === 'violated']);
			expect(report.positive).toBeGreaterThan(0);
		}
	});

	it.each(RULES)('%s', async (rule) => {
		await expect(page(rule)).toMatchFileSnapshot(join(repositoryRoot, `docs/rules/${rule}.md`));
	});
});
