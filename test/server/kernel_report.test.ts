/**
 * Reports of the kernel as they are read: forms of lines, kinds, stacks; and text that is none.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bareLine, framesOf } from '../../server/kernel_report/frame.js';
import { kernelReports } from '../../server/kernel_report/parse.js';
import { symbolMap } from '../../server/kernel_report/symbol_map.js';
import { HOSTILE } from '../escape/hostile.js';
import { repositoryRoot } from '../trees.js';

const FOLDER = join(repositoryRoot, 'test/fixtures/reports');
const fixture = (name: string): string => readFileSync(join(FOLDER, `${name}.txt`), 'utf8');

/** A report in a line: its kind and sort, and its stacks by what they do and the innermost frames. */
function told(text: string): readonly string[] {
	return kernelReports(text, null).map(({ kind, sort, at, cache, stacks }) => {
		const said = stacks.map(({ what, access, marked, frames }) => {
			const how = `${access ?? '-'}${marked === true ? ' marked' : ''}`;
			const shown = frames
				.slice(0, 2)
				.map((f) => `${f.function}@${f.path === null ? '?' : `${f.path}:${f.line}`}`);
			return `${what} (${how}): ${shown.join(' < ')}`;
		});
		const where = at === null ? '' : ` at ${at.path}:${at.line}`;
		return [`${kind} ${sort}${where}${cache === null ? '' : ` in ${cache}`}`, ...said].join(' | ');
	});
}

describe('a line of a stack', () => {
	test.each<readonly [string, string]>([
		['symbol and offset', ' f+0x1c8/0x5e0'],
		['with its place', ' f+0x1c8/0x5e0 mm/a.c:7'],
		['with an address before', ' [<ffffffff812a3b4c>] f+0x1c8/0x5e0 mm/a.c:7'],
		['of a clone that the compiler made', ' f.constprop.0.isra.0+0x1/0x2 mm/a.c:7'],
		['of a module', ' f+0x1/0x2 [ext4]'],
		['inlined', ' f mm/a.c:7 [inline]'],
		['in brackets', ' f (mm/a.c:7 (discriminator 3))'],
	])('%s', (_, line) => {
		const [frame, ...more] = framesOf(line, null);
		expect(frame?.function).toBe('f');
		expect(frame?.line ?? 7).toBe(7);
		expect(more).toEqual([]);
	});

	test('with what was inlined there', () => {
		expect(framesOf(' f+0x1/0x2 (include/b.h:3 mm/a.c:7)', null)).toEqual([
			{ function: null, path: 'include/b.h', line: 3 },
			{ function: 'f', path: 'mm/a.c', line: 7 },
		]);
	});

	test.each([
		' ? f+0x1/0x2',
		' <TASK>',
		' f',
		'Modules linked in: a b',
		' f+0x1',
		' f+zz/0x2',
		' 1f+0x1/0x2',
	])('%j is none', (line) => {
		expect(framesOf(line, null)).toEqual([]);
	});

	test('an address alone is a frame where a map is given', () => {
		const map = symbolMap('ffffffff81000100 T f\nffffffff81000200 t g\nffffffff81000300 T end\n');
		const names = (line: string) => framesOf(line, map).map((f) => f.function);
		expect(names(' [<ffffffff81000150>]')).toEqual(['f']);
		expect(names(' 0xffffffff810002ff')).toEqual(['g']);
		expect(names(' [<ffffffff810000ff>]')).toEqual([]);
		expect(names(' [<ffffffff81000300>]')).toEqual([]);
		expect(framesOf(' [<ffffffff81000150>]', null)).toEqual([]);
		expect(symbolMap('no map')).toBeNull();
	});

	test.each([
		['[   12.345678] f+0x1/0x2', 'f+0x1/0x2'],
		['[  812.004411][  T922]  f+0x1/0x2', ' f+0x1/0x2'],
		['<4>[   12.3] f+0x1/0x2', 'f+0x1/0x2'],
		['Nov 30 10:00:00 host kernel: [   12.3] f+0x1/0x2', 'f+0x1/0x2'],
		['[ cut here ] x', '[ cut here ] x'],
	])('%j without what logs put before it', (line, bare) => {
		expect(bareLine(line)).toBe(bare);
	});
});

describe('a report', () => {
	test.each([
		[
			'kcsan-recheck',
			'kcsan data-race | write (write marked): zap_present_folio_ptes@mm/memory.c:1501 < zap_pte_range@mm/memory.c:1640 | read (read marked): ptep_get@include/linux/pgtable.h:338 < gup_fast_pte_range@mm/gup.c:2984',
		],
		[
			'kcsan-mapping',
			'kcsan data-race | write (write): page_cache_delete@mm/filemap.c:144 < __filemap_remove_folio@mm/filemap.c:236 | read (read marked): gup_fast_folio_allowed@mm/gup.c:2879 < gup_fast_pte_range@mm/gup.c:2989',
		],
		[
			'kasan-inode',
			'kasan slab-use-after-free in inode_cache | use (read): secretmem_mapping@include/linux/secretmem.h:10 < gup_fast_folio_allowed@mm/gup.c:2898 | allocates (-): alloc_inode@? < secretmem_file_create@? | free (free): kmem_cache_free@? < free_inode_nonrcu@fs/inode.c:265',
		],
		[
			'kasan-table',
			'kasan use-after-free | use (read): ptep_get_lockless@include/linux/pgtable.h:500 < gup_fast_pte_range@mm/gup.c:2947 | free (free): free_unref_page@? < __tlb_remove_table_free@mm/mmu_gather.c:220',
		],
		[
			'warn-refcount',
			'warn WARN at mm/gup.c:84 | warns (-): try_get_folio@mm/gup.c:84 < try_grab_folio_fast@mm/gup.c:545',
		],
		[
			'warn-slab',
			'warn WARN at mm/gup.c:2857 | warns (-): gup_fast_folio_allowed@mm/gup.c:2857 < gup_fast_pte_range@mm/gup.c:2989',
		],
		[
			'lockdep-sleep',
			'lockdep sleeping in atomic context at mm/gup.c:2947 | may sleep (-): gup_fast_pte_range@mm/gup.c:2947 < gup_fast@?',
		],
		[
			'lockdep-circular',
			'lockdep circular locking | takes (&inode->i_rwsem) (-): down_write@? < blkdev_write_iter@? | takes (&mm->mmap_lock) (-): down_read@? < __gup_longterm_locked@?',
		],
	])('%s', (name, expected) => {
		expect(told(fixture(name))).toEqual([expected]);
	});

	test('begins where the next one ends', () => {
		const all = readdirSync(FOLDER).map((name) => readFileSync(join(FOLDER, name), 'utf8'));
		const reports = kernelReports(all.join('\n'), null);
		expect(reports).toHaveLength(all.length);
		const lines = all.join('\n').split('\n');
		for (const { line, title } of reports) expect(bareLine(lines[line - 1] ?? '')).toBe(title);
	});

	test('is bounded, whatever stands in it', () => {
		const many = ' f+0x1/0x2 mm/a.c:1\n'.repeat(50_000);
		const [report] = kernelReports(`BUG: KASAN: use-after-free in f+0x1/0x2\n${many}`, null);
		expect(report?.stacks[0]?.frames.length).toBeLessThanOrEqual(100);
		expect(kernelReports('BUG: KCSAN: data-race in f / g\n'.repeat(500), null).length).toBe(20);
	});

	test('hostile text makes no report, and takes no time', () => {
		const line = fc.oneof(
			fc.constantFrom(...HOSTILE),
			fc.string(),
			fc.constantFrom(
				...[
					'BUG: KCSAN: ',
					'BUG: KASAN: x in ',
					'WARNING: ',
					'WARNING: CPU: 1 at a/b.c:1 f+0x1/0x2',
				],
				...[
					'kernel BUG at mm/a.c:1!',
					'Freed by task 1:',
					'-> #1 (',
					' f+0x1/0x2 (a.c:1',
					'['.repeat(999),
				],
				...['read to 0x1 of 8 bytes by task 1 on cpu 1:', 'x'.repeat(5000), '(((('.repeat(999)],
			),
		);
		fc.assert(
			fc.property(fc.array(line, { maxLength: 60 }), (lines) => {
				for (const report of kernelReports(lines.join('\n'), null))
					for (const { frames } of report.stacks)
						for (const frame of frames) expect(frame.function ?? 'f').toMatch(/^[A-Za-z_]\w*$/);
			}),
		);
		expect(kernelReports(HOSTILE.join('\n'), null)).toEqual([]);
	});
});
