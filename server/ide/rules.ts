/**
 * What a rule is called in a list of rules: one line each, for SARIF, the editor's settings and hover. The rule's own
 * documentation page says the rest.
 */
import type { Rule } from '../../engine/rules/verdict.js';

export const RULE_TITLES: Readonly<Record<Rule, string>> = {
	'stale-pin': 'a page was returned that its entry no longer mapped',
	'racing-mapping': 'a decision depends on folio->mapping, which another CPU can change',
	'use-after-free': 'a page table, folio or address_space was used after it was freed',
	'unsafe-longterm-pin': 'a long-term write pin was granted on a file whose dirtiness is tracked',
	'secretmem-pin': 'a secretmem folio was returned',
	'reference-leak': 'a path takes more references or pins than it returns pages',
	'reference-underflow': 'a path takes fewer references or pins than it returns pages',
	'frozen-reference': 'a reference was taken on a folio whose _refcount was 0 or frozen',
	'wrong-folio': 'the reference was taken on a folio that does not hold the page',
	'shared-anon-pin': 'a pinned anonymous page is not exclusive to this mm',
	'fork-pin': 'a pin survived a fork() that write-protected the range',
	permission: 'a page was returned for an access that its entry did not permit',
	'bad-entry': 'an entry was followed that is not present, is special, or is another entry',
	'misplaced-page': 'pages[] does not line up with the addresses',
	'reference-overflow': 'a reference was taken on a folio whose _refcount had overflowed',
	'unbalanced-map': 'some exit leaves a page table mapped, a lock held or a section open',
	'sleep-in-atomic': 'a function that may sleep is called with interrupts off or under RCU',
	'torn-entry': 'an entry was used whose two halves were never in memory together',
	'double-fetch': 'the walk checked one read of the entry and used a second read',
	'stray-write': 'the walk stored to memory that it does not own',
	'inaccessible-page': 'a page was returned that could not be made accessible',
	'lost-count': 'a count was changed by a load and a store',
	'data-race': 'plain accesses race under LKMM',
	'reached-unsupported': 'the walk reaches code that could not be lowered',
};

/** Address of a rule's documentation page under the folder that holds them (`file:///…/docs/rules/`). */
export function documentation(rule: Rule, docsBase: string): string {
	return `${docsBase}${rule}.md`;
}
