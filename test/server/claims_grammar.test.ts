/**
 * What is read out of a comment, and what is not: claims in the kernel's words and in other words, their negations, and sentences
 * that wish, order, ask or suppose.
 */
import { describe, expect, it } from 'vitest';
import type { Claim, ClaimScope } from '../../engine/questions/claims/claim.js';
import { commentsOf, functionOf } from '../../server/ide/claims/comments.js';
import { claimsIn } from '../../server/ide/claims/grammar.js';

/** `never folio freed|split @interrupts-off`, `state reference-held`, `order pte`. */
function short(claim: Claim): string {
	switch (claim.kind) {
		case 'event':
			return `${claim.modality} ${claim.subject} ${claim.events.join('|')} @${claim.scope}`;
		case 'state':
			return `state ${claim.holds ? '' : 'not '}${claim.state}`;
		case 'order':
			return `order ${claim.entry}`;
	}
}

function claimed(sentence: string, scope: ClaimScope | null = null): readonly string[] {
	return claimsIn(sentence, { scope }).claims.map(short);
}

const OFF = 'interrupts-off';

describe('a claim', () => {
	const cases: readonly (readonly [string, readonly string[]])[] = [
		// the folio, and what interrupts off do not do for it
		['The folio stays stable because interrupts are off.', [`never folio freed|split @${OFF}`]],
		['The folio is stable while interrupts are disabled.', [`never folio freed|split @${OFF}`]],
		['Since IRQs are off, the page cannot be freed.', [`never folio freed @${OFF}`]],
		['With interrupts disabled the page can not go away.', [`never folio freed @${OFF}`]],
		["As long as irqs are disabled the folio won't be reused.", [`never folio freed @${OFF}`]],
		['Disabling interrupts keeps the folio from being freed.', [`never folio freed @${OFF}`]],
		[
			'Interrupts are off, so nobody frees it and the page remains mapped.',
			[`never folio unmapped @${OFF}`],
		],
		[
			'Even with interrupts off the folio can be freed and reused.',
			[`possible folio freed @${OFF}`],
		],
		['The folio is not stable while interrupts are off.', [`possible folio freed|split @${OFF}`]],
		[
			"Disabling interrupts doesn't prevent the page from being freed.",
			[`possible folio freed @${OFF}`],
		],
		[
			'The folio may be split before we take a reference.',
			['possible folio split @before-reference'],
		],
		['Until we hold a reference the page may go away.', ['possible folio freed @before-reference']],
		// what a reference does
		['While we hold a reference, the folio cannot be freed.', ['never folio freed @reference']],
		['Our reference keeps the page from being freed.', ['never folio freed @reference']],
		['The reference prevents the folio from going away.', ['never folio freed @reference']],
		['Once pinned, the folio cannot be split.', ['never folio split @reference']],
		['The page will not be reused until we drop our reference.', ['never folio freed @reference']],
		['Now that we have a reference, the mapping is stable.', ['never mapping changed @reference']],
		['After the grab, folio->mapping cannot change.', ['never mapping changed @function']],
		[
			'While it holds a reference, folio->mapping may change.',
			['possible mapping changed @reference'],
		],
		['Once the entry was rechecked the folio stays mapped.', ['never folio unmapped @recheck']],
		[
			'After the re-check the mapping may still be truncated.',
			['possible mapping emptied @recheck'],
		],
		// objects and tables
		[
			'The mapping cannot be freed while interrupts are off.',
			[`never address-space freed @${OFF}`],
		],
		[
			'The address_space cannot be freed: interrupts are disabled.',
			[`never address-space freed @${OFF}`],
		],
		['Under rcu_read_lock() the inode will not go away.', ['never address-space freed @rcu']],
		[
			'Inside an RCU read-side section the anon_vma cannot be freed.',
			['never anon-vma freed @rcu'],
		],
		[
			'Page tables cannot be freed while preemption is disabled.',
			['never page-table freed @preemption-off'],
		],
		['The page table stays around as long as irqs are off.', [`never page-table freed @${OFF}`]],
		['This blocks page table pages from being freed under us.', ['never page-table freed @use']],
		[
			'Another CPU may free the page table while interrupts are off.',
			[`possible page-table freed @${OFF}`],
		],
		['Without a lock the pte cannot change', []],
		[
			'The folio is stable and page tables cannot be freed while interrupts are off.',
			[`never folio freed|split @${OFF}`, `never page-table freed @${OFF}`],
		],
		['The PTE cannot change while IRQs are off.', [`never pte changed @${OFF}`]],
		[
			'The mapping may have been truncated, so we cannot tell if it was.',
			['possible mapping emptied @function'],
		],
		['The pmd may be cleared meanwhile.', ['possible pmd emptied @function']],
		['The page table can go away at any time.', ['possible page-table freed @function']],
		['Nothing prevents the mapping from being freed.', ['possible address-space freed @function']],
		[
			'The page table is protected from being freed as irqs are off.',
			[`never page-table freed @${OFF}`],
		],
		['At this point we have a stable reference to the folio.', ['state reference-held']],
		// states
		['Interrupts are off here.', [`state ${OFF}`]],
		['Interrupts are still enabled here.', [`state not ${OFF}`]],
		['The caller has disabled interrupts.', [`state ${OFF}`]],
		['We do not hold a reference yet.', ['state not reference-held']],
		['Now we hold a pin.', ['state reference-held']],
		[
			'This assumes that the caller holds a reference and that interrupts are disabled.',
			[`state ${OFF}`, 'state reference-held'],
		],
		['Assumes that the pte still maps this page.', ['state still-mapped']],
		// denied, or believed by mistake: the contrary
		['It is not true that the folio cannot be freed here.', ['possible folio freed @here']],
		[
			'We wrongly assumed that the page table cannot be freed.',
			['possible page-table freed @function'],
		],
		["It's a myth that interrupts are off here.", [`state not ${OFF}`]],
		[
			'There is no guarantee that the mapping is stable while we hold a reference.',
			['possible mapping changed @reference'],
		],
		// from the comment on
		['The folio cannot be freed here.', ['never folio freed @here']],
		['At this point the mapping cannot change.', ['never mapping changed @here']],
		// order
		['Pin the page, then re-check the PTE.', ['order pte']],
		['We take a reference and then check again that the pte is unchanged.', ['order pte']],
		['The PTE is re-checked after the reference was taken.', ['order pte']],
		['The pmd is checked again only after the page was pinned.', ['order pmd']],
		['First (1) grab the folio, then (2) recheck the pmd.', ['order pmd']],
	];
	it.each(cases)('%s', (sentence, expected) => {
		expect([...claimed(sentence)].sort()).toEqual([...expected].sort());
	});
});

describe('no claim', () => {
	it.each([
		'The page must not be freed while interrupts are off.',
		'The folio should stay stable here.',
		'The old comment claimed that the folio cannot be freed.',
		'Some people think that interrupts are off here.',
		'It was believed that the page table cannot be freed while interrupts are off.',
		'Make sure that the mapping cannot change.',
		'We need to protect page tables from being freed.',
		'If the folio is stable, go on.',
		'Check whether the page can be freed.',
		'Otherwise the page could be freed while interrupts are off.',
		'The page would be freed.',
		'Inodes are freed under RCU.',
		'To free the page table, clear pte first.',
		'For other operations: (1) clear pte, then (2) check whether page is pinned.',
		'The PTE is not re-checked after the reference was taken.',
		'See the comment about page table pages.',
		'Disable interrupts.',
		'The page may be freed if it is not mapped.',
		'The pages that can be freed are on the list.',
		'Pages we can reclaim.',
		'The page can be reused.',
		'It is up to the caller to prevent the folio from being truncated.',
		'We have a reference to the VMA.',
		'Someone else has referenced the page.',
		'@page: the page that may be freed',
		'The folio cannot be freed from this function.',
		'New pages will not be allocated.',
		'Revalidate as the page is still mapped.',
		'The fault does not clear the pmd.',
		'The mapping is judged while interrupts are off.',
		'Return NULL when the page was freed.',
		'It is called when we hold a reference.',
		'GUP does guarantee that the page will not be freed.',
		'The zero page cannot be freed.',
		'The page cache cannot change.',
		'The pte is still valid.',
	])('%s', (sentence) => {
		expect(claimed(sentence)).toEqual([]);
	});
});

describe('a scope', () => {
	it.each([
		[['GUP-fast disables IRQs.', 'The page table cannot be freed.'], OFF],
		[['Interrupts are off here.', 'The page table cannot be freed.'], OFF],
		[['We hold a reference.', 'The page table cannot be freed.'], 'reference'],
		[['While interrupts are off, look.', 'The page table cannot be freed.'], OFF],
		[['Look.', 'The page table cannot be freed.'], 'use'],
	] as const)('of %j is taken from what stands before', (sentences, scope) => {
		let context: Parameters<typeof claimsIn>[1] = { scope: null };
		let last: readonly string[] = [];
		for (const sentence of sentences) {
			const understood = claimsIn(sentence, context);
			last = understood.claims.map(short);
			context = understood.context;
		}
		expect(last).toEqual([`never page-table freed @${scope}`]);
	});
});

describe('a comment', () => {
	const text = [
		"/* Nobody's: two functions below. */",
		'int other;',
		'',
		'/*',
		' * The head of a walk. It spans',
		' * two lines, e.g. this one.',
		' *',
		' * A paragraph',
		' */',
		'#ifdef CONFIG_X',
		'static int walk(pte_t *ptep)',
		'{',
		'\tchar *s = "/* no comment */";',
		'\t// one sentence',
		'\t// on two lines',
		'\treturn 0; /* 5.4 is no end. */',
		'}',
		'',
	].join('\n');
	const functions = [{ name: 'walk', line: 11, endLine: 17 }];

	it('is cut into sentences with their places', () => {
		const comments = commentsOf(text);
		const lines = text.split('\n');
		const own = comments.map((c) => functionOf(c, functions, lines, comments)?.name ?? null);
		expect(own).toEqual([null, 'walk', 'walk', 'walk']);
		const said = comments
			.slice(1)
			.flatMap((c) => c.sentences.map((s) => [s.place.line, s.place.column, s.text]));
		expect(said).toEqual([
			[5, 4, 'The head of a walk.'],
			[5, 24, 'It spans two lines, e.g. this one.'],
			[8, 4, 'A paragraph'],
			[14, 5, 'one sentence on two lines'],
			[16, 15, '5.4 is no end.'],
		]);
	});
});
