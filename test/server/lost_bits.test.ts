/**
 * Values that lose bits otherwise than by a conversion (narrow_entry.test.ts has those): under a mask, as a remainder, by a shift.
 * Frames, addresses and counts of worlds are small, so that the model's numbers lose nothing where a kernel's do.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ArchName } from '../../engine/program/arch.js';
import { analysisOf } from '../analysis.js';
import { repositoryRoot } from '../trees.js';

const WALK = readFileSync(join(repositoryRoot, 'test/fixtures/holds/stale-pin.c'), 'utf8');
const PAGE = '\t\tstruct page *page = pte_page(pte);\n';
const RECHECK = 'pte_val(pte) != pte_val(*ptep)';
const TABLE = 'pte_offset_map(&pmd, addr)';

interface Case {
	readonly what: string;
	/** Text that is replaced, and by what. */
	readonly edits: readonly (readonly [string, string])[];
	/** `holds`: no bit is lost that tells anything; `violated`: pages are taken for others; else why it is not known. */
	readonly says: string;
	readonly arch?: ArchName;
}

function recheck(what: string, condition: string, says: string): Case {
	return { what, edits: [[RECHECK, condition]], says };
}

function page(what: string, text: string, says: string): Case {
	return { what, edits: [[PAGE, `\t\t${text}\n`]], says };
}

const cases: readonly Case[] = [
	recheck('a mask of 32 bits', '((pte_val(pte) ^ pte_val(*ptep)) & 0xffffffffUL) != 0', 'violated'),
	recheck(
		'a mask of 36 bits',
		'((pte_val(pte) ^ pte_val(*ptep)) & ((1UL << 36) - 1)) != 0',
		'violated',
	),
	recheck(
		'a mask on the left',
		'((0xffffffffUL & pte_val(pte)) != (0xffffffffUL & pte_val(*ptep)))',
		'violated',
	),
	recheck('upper bits shifted out', '(pte_val(pte) << 24) != (pte_val(*ptep) << 24)', 'violated'),
	recheck(
		'a remainder',
		'(pte_val(pte) % (1UL << 30)) != (pte_val(*ptep) % (1UL << 30))',
		'violated',
	),
	recheck(
		'a remainder by another number',
		'(pte_val(pte) % 1000003) != (pte_val(*ptep) % 1000003)',
		'an entry is taken as a remainder',
	),
	recheck(
		'all bits but a flag',
		'((pte_val(pte) ^ pte_val(*ptep)) & ~_PAGE_ACCESSED) != 0',
		'holds',
	),
	recheck(
		'the frame, and the flags by themselves',
		'((pte_val(pte) ^ pte_val(*ptep)) & PAGE_MASK) != 0 || ((pte_val(pte) ^ pte_val(*ptep)) & 0xfff) != 0',
		'holds',
	),
	recheck(
		'frame numbers under a mask',
		'(pte_pfn(pte) & 0xfffff) != (pte_pfn(*ptep) & 0xfffff)',
		'violated',
	),
	recheck(
		'how frames are aligned',
		'((pte_pfn(pte) ^ pte_pfn(*ptep)) & 511) != 0 || pte_val(pte) != pte_val(*ptep)',
		'a frame number is masked',
	),
	recheck(
		'a frame number by its page',
		'(unsigned short)page_to_pfn(page) != (unsigned short)pte_pfn(*ptep)',
		'violated',
	),
	page(
		'a frame number in a short',
		'unsigned short pfn = pte_pfn(pte); struct page *page = pfn_to_page(pfn);',
		'violated',
	),
	page(
		'a frame number and an offset',
		'unsigned short pfn = pte_pfn(pte) + 0UL; struct page *page = pfn_to_page(pfn);',
		'violated',
	),
	page(
		'a frame number under a mask',
		'struct page *page = pfn_to_page(pte_pfn(pte) & 0xffff);',
		'violated',
	),
	page(
		'a frame number that nobody uses',
		'unsigned short hint = pte_pfn(pte); struct page *page = pte_page(pte); (void)hint;',
		'holds',
	),
	page(
		'a pointer under a mask',
		'struct page *page = (struct page *)((unsigned long)pte_page(pte) & 0xffffffffUL);',
		'a pointer is masked',
	),
	page(
		'a difference of pointers',
		'struct page *page = pte_page(pte); unsigned char by = page - pte_page(pte); page += by;',
		'a count is cut off to 8 bits',
	),
	{
		what: 'an address under a mask',
		edits: [[TABLE, 'pte_offset_map(&pmd, addr & 0xffffUL)']],
		says: 'an address is masked',
	},
	{
		what: 'an address within the range of a PMD',
		edits: [[TABLE, 'pte_offset_map(&pmd, addr & ~PMD_MASK)']],
		says: 'holds',
	},
	{
		what: 'half an index',
		edits: [[TABLE, 'pte_offset_map(&pmd, ((addr >> PAGE_SHIFT) & 255) << PAGE_SHIFT)']],
		says: 'an index is masked',
	},
	{
		what: 'an index in a short',
		edits: [
			[
				TABLE,
				'pte_offset_map(&pmd, (unsigned long)(unsigned short)((addr >> PAGE_SHIFT) & 511) << PAGE_SHIFT)',
			],
		],
		says: 'holds',
	},
	{
		what: 'an index in a byte',
		edits: [
			[
				TABLE,
				'pte_offset_map(&pmd, (unsigned long)(unsigned char)((addr >> PAGE_SHIFT) & 511) << PAGE_SHIFT)',
			],
		],
		says: 'an index is cut off to 8 bits',
	},
	{
		what: 'an address of 32 bits as a parameter',
		edits: [['unsigned long addr, unsigned long end', 'unsigned int addr, unsigned long end']],
		says: 'parameter addr is an address, which unsigned int cuts off',
	},
	{
		what: 'the bit for devices in 32 bits',
		edits: [
			[PAGE, `${PAGE}\t\tunsigned int device = pte_val(pte) & _PAGE_DEVMAP;\n`],
			['pte_devmap(pte)', 'device'],
		],
		says: 'device is false in every explored run',
	},
	{
		what: 'a bit that has no name',
		edits: [['pte_devmap(pte)', '(pte_val(pte) & (1UL << 58))']],
		says: 'bits of an entry are asked for by number',
	},
	{
		what: 'an upper bit shifted down',
		edits: [['pte_devmap(pte)', '((pte_val(pte) >> 58) & 1)']],
		says: 'bits of an entry are asked for by number',
	},
	{
		what: 'a bit of x86 elsewhere',
		edits: [['pte_devmap(pte)', '(pte_val(pte) & 0x80)']],
		says: 'bits of an entry are asked for by number',
		arch: 'arm64',
	},
];

describe('lost bits', () => {
	it.each(cases)('$what: $says', ({ edits, says, arch }) => {
		let text = WALK;
		for (const [old, put] of edits) {
			expect(text.split(old)).toHaveLength(2);
			text = text.replace(old, put);
		}
		const { functions, unsupported } = analysisOf({
			text,
			...(arch === undefined ? {} : { arch }),
		});
		const walk = functions.find((f) => f.name === 'walk_ptes');
		const isVerdict = says === 'holds' || says === 'violated';
		if (isVerdict) expect(walk?.verdict).toBe(says);
		else expect(walk?.verdict).toMatch(/^(unsupported|inconclusive)$/);
		if (!isVerdict) expect(JSON.stringify([walk, unsupported])).toContain(says);
	});
});
