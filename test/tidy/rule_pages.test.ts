/**
 * docs/rules/RULE.md is made from the rule's property; `npm run golden` writes the pages, this test fails when one has
 * drifted. Rules that no property decides say so on their page.
 */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROPERTIES } from '../../engine/properties/catalog.js';
import { RULES, type Rule } from '../../engine/verdict.js';
import { RULE_TITLES } from '../../server/ide/rules.js';
import { repositoryRoot } from '../trees.js';

/** What stands on the page of a rule without a property. */
const WITHOUT_PROPERTY: Partial<Readonly<Record<Rule, string>>> = {
	'reached-unsupported':
		'Not a fault of the code: the walk reaches C that racewalk could not translate, and the verdict of the walk is `unsupported`, whatever else was explored. The message names the span and the reason. What helps: open the file inside its kernel tree, so that the bodies of callees are found.',
	'data-race':
		'Not decided yet: it needs the weak memory model (`--memory lkmm`), under which plain accesses race. Until then a plain load that the compiler may repeat is explored as such, and what comes of it is reported under the rule it breaks.',
	'torn-entry':
		'Not decided yet: entries are read whole in the model. It matters where an entry is wider than a word (i386 with PAE reads 64-bit entries in two halves).',
};

function page(rule: Rule): string {
	const title = RULE_TITLES[rule];
	const head = `# ${rule}\n\n${title.charAt(0).toUpperCase()}${title.slice(1)}.\n`;
	const property = PROPERTIES.find((p) => p.rule === rule);
	const end =
		'\nTo keep a finding from being reported where it stands, with the reason for whoever reads it next:\n' +
		`\`/* racewalk: allow(${rule}): reason */\` on the line above.\n`;
	if (property === undefined) return `${head}\n${WITHOUT_PROPERTY[rule] ?? ''}\n`;
	const history = property.history.map((commit) => `- ${commit}\n`).join('');
	return [
		head,
		`\nSeverity: ${property.severity}. ${property.what}\n`,
		`\n## How a run gets there\n\n${property.run}\n`,
		`\n## What to do\n\n${property.fix}\n`,
		history === '' ? '' : `\n## In the kernel's history\n\n${history}`,
		end,
	].join('');
}

describe('documentation pages', () => {
	it('knows every rule', () => {
		const silent = RULES.filter(
			(rule) => !PROPERTIES.some((p) => p.rule === rule) && WITHOUT_PROPERTY[rule] === undefined,
		);
		expect(silent).toEqual([]);
	});

	it.each(RULES)('%s', async (rule) => {
		await expect(page(rule)).toMatchFileSnapshot(join(repositoryRoot, `docs/rules/${rule}.md`));
	});
});
