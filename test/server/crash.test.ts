/**
 * Walks that may stop the kernel: no rule says so, and no verdict says `holds` either.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { analysisOf } from '../analysis.js';
import { repositoryRoot } from '../trees.js';

const walk = readFileSync(
	join(repositoryRoot, 'test/fixtures/holds/racing-mapping-plain.c'),
	'utf8',
);
const again = '		if (!allowed(page)) {';

function check(statement: string) {
	const text = walk.replace(again, `\t\t${statement}\n${again}`);
	expect(text).not.toBe(walk);
	const { functions, findings } = analysisOf({ text });
	expect(findings).toEqual([]);
	return functions.find((f) => f.name === 'walk_ptes');
}

describe('BUG()', () => {
	it.each([
		['that another CPU can make come about', 'BUG_ON(!READ_ONCE(page->mapping));', 'inconclusive'],
		['that cannot come about', 'BUG_ON(page_count(page) == 0);', 'holds'],
		['that is only a warning', 'WARN_ON_ONCE(!READ_ONCE(page->mapping));', 'holds'],
	])('%s', (_, statement, verdict) => {
		const found = check(statement);
		expect(found?.verdict).toBe(verdict);
		if (verdict === 'inconclusive') expect(found?.why).toContain('BUG()');
	});
});
