/**
 * The grammars in the real tokenizer: the scopes that named pieces of text get.
 */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { openScratch, until } from './workbench.js';

interface Token {
	/** Text. */
	readonly c: string;
	/** Scopes, outermost first, blanks between. */
	readonly t: string;
}

const WALK = `static void f(pte_t *ptep, struct folio *folio)
{
	pte_t pte = ptep_get_lockless(ptep);
	void *mapping = READ_ONCE(folio->mapping); /* READ_ONCE(x) */
	local_irq_save(flags);
	smp_mb();
	my_READ_ONCE(x);
	folio_put(folio);
}
`;

const LITMUS = `C SB+fencembonceonces

{}

P0(int *x, int *y)
{
	int r0;

	WRITE_ONCE(*x, 1);
	smp_mb();
	r0 = READ_ONCE(*y);
}

exists (0:r0=0 /\\ 1:r0=0)
`;

const TRACE = `CPU 0: gup_fast                     CPU 1: zap

gup_fast_pte_range()
  pte_t pte = ptep_get_lockless(ptep);
                                    zap_present_folio_ptes()
                                      [folio#0._refcount 1 → 0]
  ** the page was freed
`;

const CASES: readonly {
	readonly file: string;
	readonly language: string;
	readonly text: string;
	/** Piece of text → end of the scopes it has, or null: it must have no scope of racewalk's. */
	readonly scopes: readonly (readonly [string, string | null])[];
}[] = [
	{
		file: 'walk.c',
		language: 'c',
		text: WALK,
		scopes: [
			['ptep_get_lockless', 'support.function.lockless.entry.racewalk'],
			['READ_ONCE', 'support.function.lockless.access.racewalk'],
			['local_irq_save', 'support.function.lockless.section.racewalk'],
			['smp_mb', 'support.function.lockless.order.racewalk'],
			['folio_put', 'support.function.lockless.reference.racewalk'],
			['my_READ_ONCE', null],
		],
	},
	{
		file: 'sb.litmus',
		language: 'litmus',
		text: LITMUS,
		scopes: [
			['SB+fencembonceonces', 'entity.name.section.litmus'],
			['P0', 'entity.name.function.thread.litmus'],
			['WRITE_ONCE', 'support.function.lockless.litmus'],
			['exists', 'keyword.control.condition.litmus'],
		],
	},
	{
		file: 'run.racewalk-trace',
		language: 'racewalk-trace',
		text: TRACE,
		scopes: [
			['CPU 0', 'entity.name.section.cpu.racewalk-trace'],
			['gup_fast_pte_range', 'entity.name.function.racewalk-trace'],
			['folio#0._refcount', 'variable.other.location.racewalk-trace'],
			['** the page was freed', 'invalid.violation.racewalk-trace'],
		],
	},
];

describe('grammars', () => {
	for (const { file, language, text, scopes } of CASES) {
		it(`marks ${file}`, async () => {
			const { document } = await openScratch(file, text);
			assert.equal(document.languageId, language);
			const tokens = await until('tokens', () =>
				vscode.commands
					.executeCommand<readonly Token[]>('_workbench.captureSyntaxTokens', document.uri)
					.then((all) => (all.length > 0 ? all : null)),
			);
			for (const [piece, scope] of scopes) {
				const found = tokens.find((token) => token.c.trim() === piece);
				assert.ok(found, `a token '${piece}' in ${tokens.map((t) => t.c).join('|')}`);
				if (scope === null) assert.doesNotMatch(found.t, /racewalk/);
				else assert.ok(found.t.trim().endsWith(scope), `'${piece}' is ${found.t}`);
			}
		});
	}
});
