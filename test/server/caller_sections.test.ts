/** Readers whose callers enter an RCU section: before the call, after it, or so that it cannot be told. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { analyse } from '../../server/ide/analysis/analyse.js';
import { realEngine } from '../../server/worker/engine.js';
import { foundIn, requestOf } from '../analysis.js';
import { repositoryRoot } from '../trees.js';

const WRONG = readFileSync(
	join(repositoryRoot, 'test/fixtures/violated/use-after-free-caller-section.c'),
	'utf8',
);
const DEEP = [
	'static void enter_4(void) { rcu_read_lock(); }',
	'static void enter_3(void) { enter_4(); }',
	'static void enter_2(void) { enter_3(); }',
	'static void enter_1(void) { enter_2(); }',
].join('\n');
const AGAIN = `static void enter_2(int n);
static void enter_1(void) { enter_2(1); }
static void enter_2(int n) { if (n) enter_1(); else rcu_read_lock(); }`;
const SOMETIMES = 'static int enter_1(int n) { if (!n) return 0; rcu_read_lock(); return 1; }';

function found(helpers: string, { before, after }: { before: string; after: string }): boolean {
	const text = WRONG.replace('long pages_ready', `${helpers}\n\nlong pages_ready`)
		.replace('long ready = 0;\n', `long ready = 0;\n\t${before}`)
		.replace('\trcu_read_lock();\n\twhile', `\t${after}\n\twhile`)
		.replace('struct folio *found = next', 'struct folio *found;\n\n\tfound = next');
	const analysis = analyse(realEngine, requestOf({ text, depth: 'core' }), {
		observer: { cancelled: () => false },
		cache: null,
	});
	return foundIn(analysis).some((f) => f.startsWith('use-after-free@next_page'));
}

it.each<readonly [string, string, { before: string; after: string }, boolean]>([
	['entered after the call', '', { before: '', after: 'rcu_read_lock();' }, true],
	['entered before it', '', { before: 'rcu_read_lock();', after: '' }, false],
	['by a function within others, after it', DEEP, { before: '', after: 'enter_1();' }, true],
	['by a function within others, before it', DEEP, { before: 'enter_1();', after: '' }, false],
	[
		'by one before it that calls itself, and again after it',
		AGAIN,
		{ before: 'enter_1();', after: 'rcu_read_lock();' },
		false,
	],
	[
		'by one before it that may or may not, and again after it',
		SOMETIMES,
		{ before: 'enter_1(wanted);', after: 'rcu_read_lock();' },
		false,
	],
	[
		'by one after it that may or may not',
		SOMETIMES,
		{ before: '', after: 'enter_1(wanted);' },
		true,
	],
])('the section is %s', (_, helpers, where, isOutside) => {
	expect(found(helpers, where)).toBe(isOutside);
});
