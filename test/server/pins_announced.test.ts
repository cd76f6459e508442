/** Whether callers of a walk set MMF_HAS_PINNED before they pin, as fork() asks for it. */
import { describe, expect, it } from 'vitest';
import { walkFunctions } from '../../server/lower/roles.js';
import { sourceOf } from '../../server/syntax/source.js';
import { askOf } from '../../server/tree/facts/ask.js';
import { generationFacts } from '../../server/tree/facts/generation.js';

const MM = 'include/linux/mm.h';
const ASKS = `static inline bool folio_needs_cow_for_dma(struct vm_area_struct *vma, struct folio *folio)
{
	return test_bit(MMF_HAS_PINNED, &vma->vm_mm->flags) && folio_maybe_dma_pinned(folio);
}
`;
const WALK = `static unsigned long walk(unsigned long start, unsigned int flags, struct page **pages)
{
	unsigned long irq;
	int nr = 0;
	pgd_t *pgdp = pgd_offset(current->mm, start);
	struct page *page;

	local_irq_save(irq);
	page = pte_page(*(pte_t *)pgdp);
	if (try_grab_folio(page, 1, flags))
		pages[nr++] = page;
	local_irq_restore(irq);
	return nr;
}
`;
const HELPER = `static inline void announce(unsigned long *flags)
{
	if (!test_bit(MMF_HAS_PINNED, flags))
		set_bit(MMF_HAS_PINNED, flags);
}
`;

/** A caller that does this before the walk and that behind it. */
function caller(before: string, behind = ''): string {
	return `static int fallback(unsigned long start, unsigned int gup_flags, struct page **pages)
{
	struct mm_struct *mm = current->mm;
	unsigned long nr;

	${before}
	nr = walk(start, gup_flags, pages);
	${behind}
	if (nr == 0)
		return __gup_longterm_locked(current->mm, start, pages);
	return nr;
}
`;
}

function factOf(text: string, files: Readonly<Record<string, string>> | null = { [MM]: ASKS }) {
	const read = (path: string, content: string) =>
		sourceOf(path, content, { config: () => null, defined: () => false, value: () => null });
	const source = read('mm/gup.c', text);
	const reached = () =>
		walkFunctions({ source, origin: 'walk', assumed: false, checked: true } as const);
	const tree = files && {
		text: (path: string) => files[path] ?? null,
		source: (path: string) => (files[path] === undefined ? null : read(path, files[path])),
	};
	const ask = askOf(source, { reached, tree, config: new Map(), archFolder: 'x86' });
	expect([...reached()]).toEqual(['walk']);
	return generationFacts(ask, { newest: null, isPartial: false }).find(
		(f) => f.feature === 'RACEWALK_PINS_UNANNOUNCED',
	);
}

const ANNOUNCE = 'announce(&current->mm->flags);';
const PIN = `if (gup_flags & FOLL_PIN) ${ANNOUNCE}`;

describe('a caller that sets MMF_HAS_PINNED first', () => {
	it.each([
		['where FOLL_PIN is asked for', HELPER + WALK + caller(PIN)],
		['always', HELPER + WALK + caller(ANNOUNCE)],
		[
			'by the primitive',
			WALK + caller('if (gup_flags & FOLL_PIN) set_bit(MMF_HAS_PINNED, &mm->flags);'),
		],
		['by a jump', HELPER + WALK + caller(`if (!(gup_flags & FOLL_PIN)) goto no; ${ANNOUNCE} no:;`)],
		['of 5.10', WALK + caller('if (gup_flags & FOLL_PIN) atomic_set(&mm->has_pinned, 1);')],
		['of 6.18', WALK + caller('if (gup_flags & FOLL_PIN) mm_flags_set(MMF_HAS_PINNED, mm);')],
		['by an assignment', WALK + caller('mm->flags |= BIT(MMF_HAS_PINNED);')],
		[
			'under a condition with others',
			HELPER +
				WALK +
				caller(`if (unlikely((gup_flags & (FOLL_PIN | FOLL_WRITE)) && pages)) ${ANNOUNCE}`),
		],
		[
			'under a condition of its own',
			HELPER + WALK + caller(`bool pin = gup_flags & FOLL_PIN; if (pin) ${ANNOUNCE}`),
		],
		[
			'in the other arm',
			HELPER + WALK + caller(`if (!(gup_flags & FOLL_PIN)) mm = mm; else ${ANNOUNCE}`),
		],
		[
			'by a macro',
			`#define ANNOUNCE() set_bit(MMF_HAS_PINNED, &mm->flags)\n${WALK}${caller('ANNOUNCE();')}`,
		],
		['by a function that is not known', WALK + caller('elsewhere(mm);')],
		[
			'by a function that is not known, whatever the process is called',
			WALK +
				caller(
					'struct mm_struct *other = mm; unsigned long *word = &other->flags; elsewhere(word);',
				),
		],
		[
			'by a function that is given the flag',
			`static void raise(int bit, unsigned long *word) { set_bit(bit, word); }\n${WALK}${caller('raise(MMF_HAS_PINNED, &mm->flags);')}`,
		],
		[
			'by a macro that is given the flag',
			`#define RAISE(bit, word) set_bit(bit, word)\n${WALK}${caller('RAISE(MMF_HAS_PINNED, &mm->flags);')}`,
		],
		[
			'in the function above',
			`${HELPER}${WALK}${caller('')}int pin_pages(struct page **pages) { ${ANNOUNCE} return fallback(0, FOLL_PIN, pages); }\n`,
		],
		[
			'where nobody above pins',
			`${WALK}${caller('')}int get_pages(struct page **pages) { return fallback(0, FOLL_GET, pages); }\n`,
		],
	])('%s', (_, text) => {
		expect(factOf(text)).toMatchObject({ holds: false, from: { path: MM } });
	});
	it('is not asked where fork() does not ask, nor without a tree', () => {
		expect(factOf(WALK + caller(''), { [MM]: '' })?.holds).toBe(false);
		expect(factOf(WALK + caller(''), null)?.holds).toBe(false);
	});
});

describe('a caller that does not', () => {
	it.each([
		['at all', WALK + caller('')],
		['but behind the walk', HELPER + WALK + caller('', PIN)],
		['for references only', HELPER + WALK + caller(`if (gup_flags & FOLL_GET) ${ANNOUNCE}`)],
		[
			'unless FOLL_PIN is asked for',
			HELPER + WALK + caller(`if (!(gup_flags & FOLL_PIN)) ${ANNOUNCE}`),
		],
		['but clears it', HELPER.replace('set_bit', 'clear_bit') + WALK + caller(PIN)],
		[
			'but asks for it by a macro',
			`#define IS_PINNED(m) test_bit(MMF_HAS_PINNED, &(m)->flags)\n${WALK}${caller('if (IS_PINNED(mm)) return 0;')}`,
		],
		[
			'but gives the flag to a function that asks for it',
			`static int peek(int bit, unsigned long *word) { return test_bit(bit, word); }\n${WALK}${caller('if (peek(MMF_HAS_PINNED, &mm->flags)) return 0;')}`,
		],
		['but keeps the number', WALK + caller('int bit; bit = MMF_HAS_PINNED;')],
		['but asks for it', WALK + caller('if (test_bit(MMF_HAS_PINNED, &mm->flags)) return 0;')],
		[
			'though one of those above does',
			`${HELPER}${WALK}${caller('')}int pin_a(struct page **pages) { ${ANNOUNCE} return fallback(0, FOLL_PIN, pages); }\nint pin_b(struct page **pages) { return fallback(0, FOLL_PIN, pages); }\n`,
		],
	])('%s', (_, text) => {
		expect(factOf(text)).toMatchObject({
			holds: true,
			from: { path: 'mm/gup.c', name: 'fallback' },
		});
	});
});
