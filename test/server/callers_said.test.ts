/** What comments say of callers' locks is told beside what is missing, and decides nothing. */
import { describe, expect, it } from 'vitest';
import { callersSaid, withCallersSaid } from '../../server/ide/callers_said.js';
import { analysisOf } from '../analysis.js';

/** What is read of the comment above a function. */
function said(comment: string): string | null {
	const text = `${comment}\nint f(int a)\n{\n\treturn a;\n}\n`;
	const line = text.split('\n').findIndex((l) => l.startsWith('int f')) + 1;
	const found = callersSaid(text, [{ name: 'f', line, endLine: line + 3 }]).get('f');
	return found === undefined ? null : `${found.line}: ${found.text}`;
}

describe('a comment says what callers hold', () => {
	it.each([
		[
			'/* Must be called with the page table lock held. */',
			'1: Must be called with the page table lock held.',
		],
		[
			'/*\n * Counts things.\n * The caller must hold mmap_lock for writing.\n */',
			'3: The caller must hold mmap_lock for writing.',
		],
		['/* Callers hold a reference on the folio. */', '1: Callers hold a reference on the folio.'],
		['/* This is called with interrupts off. */', '1: This is called with interrupts off.'],
		[
			'/* Needs to be called under rcu_read_lock(). */',
			'1: Needs to be called under rcu_read_lock().',
		],
	])('%j', (comment, expected) => {
		expect(said(comment)).toBe(expected);
	});

	it.each([
		'/* Must be called with a valid address. */',
		'/* The lock is taken below. */',
		'/* Callers must not sleep. */',
		'/* Called from the fault handler. */',
	])('%j says nothing of it', (comment) => {
		expect(said(comment)).toBeNull();
	});

	it('reads no sentence of a length without bound', () => {
		expect(said(`/* Must be called with ${'very '.repeat(80)} the lock held. */`)).toBeNull();
	});
});

describe('what is listed', () => {
	const body = 'unsigned long f(pte_t *ptep)\n{\n\treturn pte_val(ptep_get(ptep));\n}\n';
	const comment = '/* Must be called with the page table lock held. */\n';
	const told = (text: string) => withCallersSaid(analysisOf({ text, path: 'mm/a.c' }), text);

	it('has it beside what is missing, and the verdict that it has without', () => {
		const [without, withIt] = [told(body), told(comment + body)];
		const verdicts = (of: typeof without) => of.functions.map((f) => `${f.name} ${f.verdict}`);
		expect(verdicts(withIt)).toEqual(verdicts(without));
		expect(verdicts(withIt)).toEqual(['f unsupported']);
		expect(without.unsupported.map((u) => u.reason).join()).not.toContain('comment');
		expect(withIt.unsupported[0]?.reason).toContain(
			'its comment says "Must be called with the page table lock held." (line 1), on which nothing rests here',
		);
		expect(withIt.functions[0]?.why).toBe(withIt.unsupported[0]?.reason);
	});
});
