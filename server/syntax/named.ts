/**
 * Names of a text on their way into patterns: a pattern has room for names that people write, and for no others.
 *
 * Invariant: a name goes into a pattern through here alone (`test/tidy/patterns.test.ts`).
 */
import { OutOfBudget } from '../../engine/base/budget.js';

/** Characters of one name, and of all names of one pattern. */
const NAME_MAX = 1000;
const NAMES_MAX = 20_000;

/** The name's word characters; `OutOfBudget` for one that no pattern has room for. */
export function named(name: string): string {
	if (name.length > NAME_MAX)
		throw new OutOfBudget('lowering', `has a name of more than ${NAME_MAX} characters`);
	return name.replace(/\W/g, '');
}

/** Any of the names, as alternatives. */
export function anyNamed(names: Iterable<string>): string {
	const all = [...names].map(named).join('|');
	if (all.length > NAMES_MAX)
		throw new OutOfBudget('lowering', 'defines too many names for page-table accesses');
	return all;
}
