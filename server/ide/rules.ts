/**
 * What a rule is called in a list of rules: one line each, for SARIF, the editor's settings and hover. The rule's own
 * documentation page says the rest.
 */
import type { Rule } from '../../engine/rules/verdict.js';

export const RULE_TITLES: Readonly<Record<Rule, string>> = {
	'stale-pin': 'a reference was handed out for a page that the entry no longer mapped',
	'racing-mapping': 'a decision rests on folio->mapping that another CPU can change under it',
	'use-after-free': 'a page table, folio or address_space was used where it can already be freed',
	'unsafe-longterm-pin': 'a long-term write pin was granted on a file whose dirtiness is tracked',
	'secretmem-pin': 'a secretmem folio was handed out',
	'reference-leak': 'a path ends with more references or pins than it reports',
	'reference-underflow': 'a path ends with fewer references or pins than it reports',
	'frozen-reference': 'a reference was taken on a folio whose count was zero or frozen',
	'wrong-folio': 'the reference landed on a folio other than the one that holds the page',
	'shared-anon-pin': 'a pinned anonymous page is not exclusive to this mm',
	'fork-pin': 'a pin survived a fork that write-protected the range meanwhile',
	permission: 'access was granted that the entry did not permit',
	'bad-entry': 'an entry was followed that is not present, special, or not the one walked',
	'misplaced-page': 'the result array does not line up with the addresses',
	'reference-overflow': 'the count can be driven past its guard',
	'unbalanced-map': 'a mapped table, lock or section is left on some exit',
	'sleep-in-atomic': 'something that may sleep runs with interrupts off or under RCU',
	'torn-entry': 'an entry was read in pieces that never stood together',
	'double-fetch': 'an entry that had been checked was fetched again and used',
	'stray-write': 'the walk stored somewhere that is not its own',
	'inaccessible-page': 'a page was handed out that could not be made accessible',
	'lost-count': 'a count was changed by a read and a write',
	'data-race': 'plain accesses race under LKMM',
	'reached-unsupported': 'the walk reaches code that could not be lowered',
};

/** Address of a rule's documentation page under the folder that holds them (`file:///…/docs/rules/`). */
export function documentation(rule: Rule, docsBase: string): string {
	return `${docsBase}${rule}.md`;
}
