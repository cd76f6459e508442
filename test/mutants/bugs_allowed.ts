/**
 * Bugs in how 6.12 judges a folio by its mapping: gup_fast_folio_allowed().
 */
import {
	before,
	cut,
	drop,
	type Edit,
	inside,
	move,
	moveAfter,
	rewrite,
	swap,
	within,
} from './edit.js';
import { bug, type Mutant } from './mutant.js';

const allowed = (...edits: readonly Edit[]): Edit => inside('gup_fast_folio_allowed', ...edits);

const READ = 'mapping = READ_ONCE(folio->mapping);';
const NULLS = 'if (!mapping)';
const TAGS = 'if (mapping_flags)';
const SECRET = 'if (check_secretmem && secretmem_mapping(mapping))';
const LAST = 'return !reject_file_backed || shmem_mapping(mapping);';

const judging: readonly Mutant[] = [
	bug(
		'allowed-plain',
		'the mapping is read plainly',
		['racing-mapping'],
		allowed(swap(READ, 'mapping = folio->mapping;')),
	),
	bug(
		'allowed-plain-cast',
		'the mapping is read plainly through a cast',
		['racing-mapping'],
		allowed(swap(READ, 'mapping = (struct address_space *)(unsigned long)folio->mapping;')),
	),
	bug(
		'allowed-folio-mapping',
		'folio_mapping(), which reads plainly',
		['racing-mapping'],
		allowed(swap(READ, 'mapping = folio_mapping(folio);')),
	),
	bug(
		'allowed-twice',
		'the mapping is read again for the secretmem test',
		['racing-mapping'],
		allowed(swap('secretmem_mapping(mapping)', 'secretmem_mapping(READ_ONCE(folio->mapping))')),
	),
	bug(
		'allowed-twice-tail',
		'the mapping is read again for the last test',
		['racing-mapping'],
		allowed(swap('shmem_mapping(mapping)', 'shmem_mapping(READ_ONCE(folio->mapping))')),
	),
	bug(
		'allowed-twice-plain',
		'the last test reads through the folio',
		['racing-mapping'],
		allowed(swap('shmem_mapping(mapping)', 'shmem_mapping(folio->mapping)')),
	),
	bug(
		'allowed-twice-null',
		'NULL is tested on a read of its own, before',
		['racing-mapping'],
		allowed(drop(READ), rewrite(NULLS, `if (!READ_ONCE(folio->mapping)) return false;\n${READ}`)),
	),
	bug(
		'allowed-twice-tags',
		'tags are tested on a read of their own, before',
		['racing-mapping'],
		allowed(
			drop(READ),
			drop(NULLS),
			swap('(unsigned long)mapping & PAGE', '(unsigned long)READ_ONCE(folio->mapping) & PAGE'),
			before(SECRET, READ),
		),
	),
	bug(
		'allowed-late-read',
		'the tests are made on one read, the judgement on a second',
		['racing-mapping'],
		allowed(before(SECRET, READ)),
	),
	bug('allowed-null-dropped', 'NULL is dereferenced', ['racing-mapping'], allowed(drop(NULLS))),
	bug(
		'allowed-null-allowed',
		'a truncated folio is allowed',
		['racing-mapping', 'secretmem-pin', 'unsafe-longterm-pin'],
		allowed(within(NULLS, swap('return false;', 'return true;'))),
	),
	bug(
		'allowed-null-inverted',
		'only a truncated folio goes on',
		['racing-mapping'],
		allowed(swap(NULLS, 'if (mapping)')),
	),
	bug(
		'allowed-null-if-pin',
		'NULL is tested for FOLL_PIN only',
		['racing-mapping'],
		allowed(swap(NULLS, 'if ((flags & FOLL_PIN) && !mapping)')),
	),
	bug(
		'allowed-null-late',
		'NULL is tested behind the dereference',
		['racing-mapping'],
		allowed(moveAfter(NULLS, SECRET)),
	),
	bug(
		'allowed-tags-dropped',
		'a tagged pointer is dereferenced',
		['racing-mapping'],
		allowed(drop(TAGS)),
	),
	bug(
		'allowed-tags-late',
		'the tags are tested behind the dereference',
		['racing-mapping'],
		allowed(moveAfter(TAGS, SECRET)),
	),
	bug(
		'allowed-tags-masked',
		'the tags are taken off and the pointer followed',
		['racing-mapping', 'reached-unsupported'],
		allowed(rewrite(TAGS, 'mapping = (void *)((unsigned long)mapping & ~PAGE_MAPPING_FLAGS);')),
	),
	bug(
		'allowed-tags-ksm',
		'only KSM pages are taken for anonymous',
		['racing-mapping'],
		allowed(swap(TAGS, 'if (mapping_flags == PAGE_MAPPING_KSM)')),
	),
	bug(
		'allowed-secretmem-dropped',
		'nobody asks for secretmem',
		['secretmem-pin'],
		allowed(drop(SECRET)),
	),
	bug(
		'allowed-secretmem-inverted',
		'only secretmem is allowed',
		['secretmem-pin'],
		allowed(swap('secretmem_mapping(mapping)', '!secretmem_mapping(mapping)')),
	),
	bug(
		'allowed-secretmem-if-write',
		'asked for writes only',
		['secretmem-pin'],
		allowed(swap('if (check_secretmem &&', 'if (check_secretmem && (flags & FOLL_WRITE) &&')),
	),
	bug(
		'allowed-secretmem-if-pin',
		'asked for pins only',
		['secretmem-pin'],
		allowed(swap('if (check_secretmem &&', 'if (check_secretmem && (flags & FOLL_PIN) &&')),
	),
	bug(
		'allowed-secretmem-if-longterm',
		'asked for long-term pins only',
		['secretmem-pin'],
		allowed(swap('if (check_secretmem &&', 'if (check_secretmem && reject_file_backed &&')),
	),
	bug(
		'allowed-secretmem-large',
		'asked for large folios only',
		['secretmem-pin'],
		allowed(swap('&& !folio_test_large(folio))', '&& folio_test_large(folio))')),
	),
	bug(
		'allowed-secretmem-unset',
		'asked only where there is none',
		['secretmem-pin'],
		allowed(swap('if (IS_ENABLED(CONFIG_SECRETMEM)', 'if (!IS_ENABLED(CONFIG_SECRETMEM)')),
	),
	bug(
		'allowed-secretmem-true',
		'secretmem is allowed',
		['secretmem-pin'],
		allowed(within(SECRET, swap('return false;', 'return true;'))),
	),
	bug(
		'allowed-early-out',
		'either reason is enough to ask nothing',
		['secretmem-pin', 'unsafe-longterm-pin'],
		allowed(
			swap('!reject_file_backed && !check_secretmem', '!reject_file_backed || !check_secretmem'),
		),
	),
	bug(
		'allowed-early-read',
		'reads are allowed at once',
		['secretmem-pin'],
		allowed(before(READ, 'if (!(flags & FOLL_WRITE)) return true;')),
	),
	bug(
		'allowed-early-get',
		'references that are no pins are allowed at once',
		['secretmem-pin'],
		allowed(before(READ, 'if (flags & FOLL_GET) return true;')),
	),
	bug(
		'allowed-longterm-dropped',
		'no folio is refused for its filesystem',
		['unsafe-longterm-pin'],
		allowed(swap('reject_file_backed = true;', 'reject_file_backed = false;')),
	),
	bug(
		'allowed-longterm-get',
		'refused for FOLL_GET, which never is long-term',
		['unsafe-longterm-pin'],
		allowed(
			swap(
				['(FOLL_PIN | FOLL_LONGTERM | FOLL_WRITE))', 1],
				'(FOLL_GET | FOLL_LONGTERM | FOLL_WRITE))',
			),
		),
	),
	bug(
		'allowed-longterm-read',
		'refused for reads instead of writes',
		['unsafe-longterm-pin'],
		allowed(
			swap(
				') ==\n\t    (FOLL_PIN | FOLL_LONGTERM | FOLL_WRITE))',
				') ==\n\t    (FOLL_PIN | FOLL_LONGTERM))',
			),
		),
	),
	bug(
		'allowed-longterm-not',
		'refused for everything but what is to be refused',
		['unsafe-longterm-pin'],
		allowed(swap('FOLL_WRITE)) ==', 'FOLL_WRITE)) !=')),
	),
	bug(
		'allowed-longterm-force',
		'refused with FOLL_FORCE only',
		['unsafe-longterm-pin'],
		allowed(swap('reject_file_backed = true;', 'reject_file_backed = flags & FOLL_FORCE;')),
	),
	bug(
		'allowed-shmem-inverted',
		'every filesystem but shmem is allowed',
		['unsafe-longterm-pin'],
		allowed(swap('|| shmem_mapping(', '|| !shmem_mapping(')),
	),
	bug(
		'allowed-tail-true',
		'every filesystem is allowed',
		['unsafe-longterm-pin'],
		allowed(rewrite(LAST, 'return true;')),
	),
	bug(
		'allowed-tail-and',
		'long-term pins of shmem are refused, those of files allowed',
		['unsafe-longterm-pin'],
		allowed(rewrite(LAST, 'return reject_file_backed || shmem_mapping(mapping);')),
	),
	bug(
		'allowed-hugetlb-inverted',
		'everything that is no hugetlb is allowed',
		['secretmem-pin', 'unsafe-longterm-pin'],
		allowed(swap('if (folio_test_hugetlb(folio))', 'if (!folio_test_hugetlb(folio))')),
	),
	bug(
		'allowed-anon-all',
		'what looks anonymous is not even asked about: everything does',
		['secretmem-pin', 'unsafe-longterm-pin'],
		allowed(
			swap(TAGS, 'if (!mapping_flags)'),
			swap('return mapping_flags & PAGE_MAPPING_ANON;', 'return true;'),
		),
	),
	bug(
		'allowed-host',
		'the inode is asked for without the NULL test',
		['racing-mapping'],
		allowed(
			drop(NULLS),
			swap('secretmem_mapping(mapping)', 'mapping->host && secretmem_mapping(mapping)'),
		),
	),
	bug(
		'allowed-cut-tags',
		'tags are tested by comparing with the one of anonymous pages after the pointer was used',
		['racing-mapping'],
		allowed(move(SECRET, 'mapping_flags = '), cut('/* Anonymous folios pose no problem. */')),
	),
];

export const BUGS_ALLOWED: readonly Mutant[] = [...judging];
