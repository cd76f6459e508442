/**
 * Edits of 6.12 that keep the protocol: folios taken, put and judged in other words.
 */
import {
	all,
	before,
	beforeFunction,
	drop,
	type Edit,
	inside,
	rewrite,
	swap,
	swapAll,
	within,
} from './edit.js';
import { benign, type Mutant } from './mutant.js';

const pte = (...edits: readonly Edit[]): Edit => inside('gup_fast_pte_range', ...edits);
const allowed = (...edits: readonly Edit[]): Edit => inside('gup_fast_folio_allowed', ...edits);
const get = (...edits: readonly Edit[]): Edit => inside('try_get_folio', ...edits);
const grab = (...edits: readonly Edit[]): Edit => inside('try_grab_folio_fast', ...edits);
const put = (...edits: readonly Edit[]): Edit => inside('gup_put_folio', ...edits);

const ALLOWED = 'if (!gup_fast_folio_allowed(';
const READ = 'mapping = READ_ONCE(folio->mapping);';
const LAST = 'return !reject_file_backed || shmem_mapping(mapping);';

const folios: readonly Mutant[] = [
	benign(
		'ok-mapping-null-macro',
		'NULL compared',
		allowed(swap('if (!mapping)', 'if (mapping == NULL)')),
	),
	benign(
		'ok-mapping-unlikely',
		'NULL is unlikely',
		allowed(swap('if (!mapping)', 'if (unlikely(!mapping))')),
	),
	benign(
		'ok-mapping-flags-inline',
		'tags without a variable',
		allowed(swap('if (mapping_flags)', 'if ((unsigned long)mapping & PAGE_MAPPING_FLAGS)')),
	),
	benign(
		'ok-mapping-flags-zero',
		'tags compared',
		allowed(swap('if (mapping_flags)', 'if (mapping_flags != 0)')),
	),
	benign(
		'ok-mapping-true',
		'every tagged mapping is allowed',
		allowed(swap('return mapping_flags & PAGE_MAPPING_ANON;', 'return true;')),
		{
			why: 'a movable tag alone belongs to drivers\u2019 pages, which no entry of these worlds maps',
		},
	),
	benign(
		'ok-mapping-acquire',
		'smp_load_acquire() instead of READ_ONCE()',
		allowed(swap(READ, 'mapping = smp_load_acquire(&folio->mapping);')),
	),
	benign(
		'ok-mapping-rcu',
		'rcu_dereference_raw()',
		allowed(swap(READ, 'mapping = rcu_dereference_raw(folio->mapping);')),
	),
	benign(
		'ok-mapping-copy',
		'a copy is judged',
		allowed(swap(READ, 'struct address_space *seen = READ_ONCE(folio->mapping); mapping = seen;')),
	),
	benign(
		'ok-mapping-cast',
		'read as a number',
		allowed(
			swap(
				READ,
				'unsigned long word = (unsigned long)READ_ONCE(folio->mapping); mapping = (struct address_space *)word;',
			),
		),
	),
	benign(
		'ok-mapping-barrier',
		'a plain read pinned down by barrier()',
		allowed(swap(READ, 'mapping = folio->mapping; barrier();')),
		{ why: 'the compiler must not repeat a read across barrier()' },
	),
	benign(
		'ok-mapping-page',
		'read through the page',
		allowed(swap('READ_ONCE(folio->mapping)', 'READ_ONCE(folio->page.mapping)')),
	),
	benign(
		'ok-mapping-again-unused',
		'read once more for a trace',
		allowed(
			before(
				'if (check_secretmem && secretmem',
				'if (READ_ONCE(folio->mapping) != mapping) return false;',
			),
		),
		{ why: 'the second read only refuses' },
	),
	benign(
		'ok-mapping-helper',
		'the judgement of a mapping in a function',
		all(
			beforeFunction(
				'gup_fast_folio_allowed',
				'static bool mapping_permits(struct address_space *m, bool secret, bool reject)\n{\n\tif (secret && secretmem_mapping(m))\n\t\treturn false;\n\treturn !reject || shmem_mapping(m);\n}\n',
			),
			allowed(
				drop('if (check_secretmem && secretmem'),
				rewrite(LAST, 'return mapping_permits(mapping, check_secretmem, reject_file_backed);'),
			),
		),
	),
	benign(
		'ok-mapping-tail-if',
		'the last test as statements',
		allowed(
			rewrite(
				LAST,
				'if (!reject_file_backed) return true;\nif (shmem_mapping(mapping)) return true;\nreturn false;',
			),
		),
	),
	benign(
		'ok-mapping-tail-ternary',
		'the last test through ?:',
		allowed(rewrite(LAST, 'return reject_file_backed ? shmem_mapping(mapping) : true;')),
	),
	benign(
		'ok-mapping-a-ops',
		'operations compared by hand',
		allowed(swap('secretmem_mapping(mapping)', 'mapping->a_ops == &secretmem_aops')),
	),
	benign(
		'ok-allowed-always',
		'secretmem asked for large folios too',
		allowed(swap(' && !folio_test_large(folio))', ')')),
	),
	benign(
		'ok-allowed-no-early',
		'no early way out',
		allowed(drop('if (!reject_file_backed && !check_secretmem)')),
	),
	benign(
		'ok-allowed-slab',
		'slab folios are not asked for',
		allowed(drop('folio_test_slab(folio)')),
		{ why: 'a slab page is never mapped to users; the test only warns' },
	),
	benign(
		'ok-allowed-hugetlb',
		'hugetlb folios get no way of their own',
		allowed(drop('if (folio_test_hugetlb(folio))')),
		{ why: 'stricter: long-term pins of hugetlb go the slow way' },
	),
	benign(
		'ok-allowed-flags-each',
		'each flag tested by itself',
		allowed(
			swapAll(
				/if \(\(flags & \(FOLL_PIN[^;]*?== *\n[^;]*?FOLL_WRITE\)\)/,
				'if ((flags & FOLL_PIN) && (flags & FOLL_LONGTERM) && (flags & FOLL_WRITE))',
			),
		),
	),
	benign(
		'ok-allowed-int',
		'returns int',
		all(swap('static bool gup_fast_folio_allowed(', 'static int gup_fast_folio_allowed(')),
	),
	benign(
		'ok-allowed-rcu',
		'an RCU section around the judgement',
		pte(
			before(ALLOWED, 'rcu_read_lock();'),
			rewrite(
				ALLOWED,
				'bool fine = gup_fast_folio_allowed(folio, flags);\nrcu_read_unlock();\nif (!fine) { gup_put_folio(folio, 1, flags); goto pte_unmap; }',
			),
		),
	),
	benign(
		'ok-get-le-zero',
		'counts up to zero are refused early',
		get(swap('folio_ref_count(folio) < 0', 'folio_ref_count(folio) <= 0')),
	),
	benign(
		'ok-get-unlikely',
		'no warning',
		get(
			swap(
				'if (WARN_ON_ONCE(folio_ref_count(folio) < 0))',
				'if (unlikely(folio_ref_count(folio) < 0))',
			),
		),
	),
	benign(
		'ok-get-no-retry',
		'a folio that changed is given up',
		get(within('page_folio(page) != folio', swap('goto retry;', 'return NULL;'))),
	),
	benign(
		'ok-get-loop',
		'a loop instead of the jump',
		get(
			swap('retry:\n', 'for (;;) {\n'),
			within('page_folio(page) != folio', swap('goto retry;', 'continue;')),
			swap('\treturn folio;\n}', '\treturn folio;\n\t}\n}'),
		),
	),
	benign(
		'ok-get-add-unless',
		'folio_ref_add_unless()',
		get(swap('folio_ref_try_add(folio, refs)', 'folio_ref_add_unless(folio, refs, 0)')),
	),
	benign(
		'ok-get-cmpxchg',
		'the reference by a loop of cmpxchg',
		get(
			rewrite(
				'if (unlikely(!folio_ref_try_add(',
				'int seen = folio_ref_count(folio);\nif (seen <= 0) return NULL;\nif (atomic_cmpxchg(&folio->_refcount, seen, seen + refs) != seen) goto retry;',
			),
		),
	),
	benign(
		'ok-grab-zero-late',
		'the zero page is asked for by its folio',
		grab(swap('if (is_zero_page(page))', 'if (is_zero_folio(page_folio(page)))')),
	),
	benign(
		'ok-grab-page-folio',
		'the folio is looked up again',
		grab(
			swap(
				'NR_FOLL_PIN_ACQUIRED, refs);\n\n\treturn folio;',
				'NR_FOLL_PIN_ACQUIRED, refs);\n\n\treturn page_folio(page);',
			),
		),
		{ why: 'with a reference held the head does not change' },
	),
	benign(
		'ok-grab-mb',
		'smp_mb() instead of the barrier after an atomic',
		grab(swap('smp_mb__after_atomic();', 'smp_mb();')),
	),
	benign(
		'ok-grab-bias-atomic',
		'the pin in one atomic addition',
		grab(
			swap('folio_ref_add(folio,\n\t\t\t\trefs *', 'atomic_add(refs *'),
			swap('(GUP_PIN_COUNTING_BIAS - 1));', '(GUP_PIN_COUNTING_BIAS - 1), &folio->_refcount);'),
		),
	),
	benign(
		'ok-grab-switch',
		'GET or PIN by switch',
		grab(
			swap(
				'if (flags & FOLL_GET)\n\t\treturn try_get_folio(page, refs);',
				'switch (flags & (FOLL_GET | FOLL_PIN)) {\n\tcase FOLL_GET:\n\t\treturn try_get_folio(page, refs);\n\tdefault:\n\t\tbreak;\n\t}',
			),
		),
	),
	benign(
		'ok-put-shift',
		'the bias by a shift',
		put(swap('refs *= GUP_PIN_COUNTING_BIAS;', 'refs <<= 10;')),
	),
	benign(
		'ok-put-early-return',
		'plain references first',
		put(
			before(
				'if (flags & FOLL_PIN) {',
				'if (!(flags & FOLL_PIN)) { folio_put_refs(folio, refs); return; }',
			),
		),
	),
	benign(
		'ok-put-devmap-dropped',
		'managed device pages are not asked for',
		put(rewrite('put_devmap_managed_folio_refs(folio, refs)', 'folio_put_refs(folio, refs);')),
		{
			why: 'it takes the same references off; what is lost is the waking of who waits for them, which is not modelled',
		},
	),
	benign(
		'ok-p2pdma-again',
		'the device leaf does not ask for peer-to-peer pages',
		inside('gup_fast_devmap_leaf', drop('is_pci_p2pdma_page(')),
		{ why: 'try_grab_folio_fast() asks' },
	),
	benign(
		'ok-p2pdma-grab',
		'only the device leaf asks for peer-to-peer pages',
		grab(drop('is_pci_p2pdma_page(')),
		{ why: 'at a PTE they are refused for their mapping, which is NULL' },
	),
	benign(
		'ok-undo-while',
		'undoing counts down to the start',
		inside('gup_fast_undo_dev_pagemap', swap('while ((*nr) - nr_start)', 'while (*nr > nr_start)')),
	),
	benign(
		'ok-pte-undo-dropped',
		'a dying device keeps the pages taken before',
		pte(within('if (unlikely(!pgmap)) {', drop('gup_fast_undo_dev_pagemap('))),
		{ why: 'each of them was looked at again and is referenced' },
	),
];

export const BENIGN_FOLIO: readonly Mutant[] = [...folios];
