/**
 * docs/history.md and what rule pages say of history: the table of fixed races as Markdown.
 */
import type { Rule } from '../../engine/rules/verdict.js';
import { FIXED, type Fixed } from './table.js';

/** `70cbc3cc78a9 mm: gup: …`, for lists of commits. */
export function commitLine({ commit, posted, subject }: Fixed): string {
	return commit === null
		? `${subject} (hash not verified; ${posted ?? ''})`
		: `${commit} ${subject}`;
}

/** Fixes that are found under a rule. */
export function fixesOf(rule: Rule): readonly Fixed[] {
	return FIXED.filter((f) => f.rule === rule && f.missed === undefined);
}

function row(fixed: Fixed): string {
	const { commit, posted, subject, raced, rule, actor, on, missed } = fixed;
	const id = commit ?? `hash not verified; ${posted ?? ''}`;
	const where = [on?.arch, on?.memory].filter((w) => w !== undefined).join(', ');
	const found =
		missed === undefined
			? `[${rule}](rules/${rule}.md), ${actor ?? 'no adversary needed'}${where === '' ? '' : ` (${where})`}`
			: 'not found, see below';
	return `| ${id} | ${subject} | ${raced} | ${found} |`;
}

/** The whole page. */
export function historyPage(): string {
	const missed = FIXED.filter((f) => f.missed !== undefined);
	const unverified = FIXED.filter((f) => f.commit === null).length;
	return `# What the kernel's history has taught

${FIXED.length} fixed bugs around GUP-fast, races but for those that need no adversary, each rewritten as two C files, before and after the fix, under
\`test/fixtures/history\`: the code before the fix is explored and found by the rule and the adversary named here, the code after it holds. ${FIXED.length - missed.length} are found. Commits and subjects
were compared with public archives; of ${unverified} the hash was not seen there.

| commit | subject | what raced | found as |
|---|---|---|---|
${FIXED.map(row).join('\n')}

khugepaged and hypercall are adversaries of these test fixtures only.

## Not found, and why

${missed.map((f) => `- **${commitLine(f)}**: ${f.missed ?? ''}`).join('\n')}
`;
}
