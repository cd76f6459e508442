/**
 * Hostile trees: folders that count as kernel trees, with links, FIFOs, devices, circles, huge and deep things and odd encodings
 * where files are looked for. Made in temporary folders.
 */
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { HOSTILE, makeTree } from '../server/hostile_tree.js';
import { fuzzText, type Random } from './texts.js';

/** Places of a tree and a workspace at which something is read. */
const PLACES = [
	...['.config', 'Makefile', 'Kconfig', 'init/Kconfig', '.racewalk', '.racewalk/actors'],
	...['.racewalk/actors/zap.c', '.racewalk/actors/mine.c', '.racewalk/actors/a b.c'],
	...['include/linux/mm.h', 'include/linux/mm_types.h', 'include/linux/pgtable.h'],
	...['include/linux/loop.h', 'include/linux/compiler.h', 'include/asm-generic/pgtable.h'],
	...['arch/x86/include/asm/pgtable.h', 'arch/x86/include/asm/pgtable_64.h', 'arch/x86'],
	...['mm/internal.h', 'mm/other.c', 'mm/gup.c', 'include/trace/events/mm.h'],
	...['tools/memory-model/linux-kernel.bell', 'tools/memory-model'],
] as const;

/** Headers that the documents include. */
export const HEADERS = [
	...['linux/mm.h', 'linux/mm_types.h', 'linux/pgtable.h', 'linux/loop.h', 'asm/pgtable.h'],
	...['../../../../etc/passwd', 'internal.h', 'linux/none.h'],
] as const;

const ENCODINGS: readonly ((text: string) => Buffer)[] = [
	(text) => Buffer.from(text),
	(text) => Buffer.from(text.replaceAll('\n', '\r\n')),
	(text) => Buffer.from(text.replaceAll('\n', '\r')),
	(text) => Buffer.from(text, 'utf16le'),
	(text) => Buffer.from(`\ufeff${text}`),
	(text) => Buffer.from(text, 'latin1'),
	(text) => Buffer.concat([Buffer.from(text), Buffer.from([0xff, 0xfe, 0x80, 0xc0])]),
];

/** Levels of the deepest folder, and files of the fullest. */
const DEEP = 120;
const MANY = 300;

/** Makes a tree below the folder; `size`: characters of its long texts. */
export function makeHostileTree(folder: string, random: Random, size: number): void {
	makeTree(folder);
	for (const place of PLACES) {
		if (random.below(3) === 0) continue;
		const path = join(folder, place);
		// who writes to a FIFO waits for a reader
		attempt(() => rmSync(path, { recursive: true, force: true }));
		attempt(() => mkdirSync(dirname(path), { recursive: true }));
		attempt(() => makeSomething(path, random, size));
	}
	if (existsSync(join(folder, 'include/linux/h0.h'))) return;
	const deep = join(folder, 'arch/x86/include', 'd/'.repeat(DEEP));
	attempt(() => mkdirSync(deep, { recursive: true }));
	attempt(() => symlinkSync('..', join(folder, 'arch/x86/include/again')));
	attempt(() => symlinkSync('/', join(folder, 'include/root')));
	attempt(() => symlinkSync('/proc/self/fd', join(folder, 'include/fd')));
	const full = join(folder, 'include/linux');
	for (let i = 0; i < MANY; i++)
		attempt(() =>
			writeFileSync(join(full, `h${i}.h`), `#include <linux/h${i + 1}.h>\n#define H${i} ${i}\n`),
		);
	for (const name of ['a\nb.h', '\u202ex.h', '-rf.h', `${'n'.repeat(250)}.h`, ' .h', '__proto__'])
		attempt(() => writeFileSync(join(full, name), '#define A 1\n'));
}

/** A file, with whatever in it, or something that is none. */
function makeSomething(path: string, random: Random, size: number): void {
	const kind = random.below(4);
	const [first, ...others] = HOSTILE;
	if (kind === 0 && first !== undefined) random.pick([first, ...others]).make(path);
	else if (kind === 1) symlinkSync(random.pick(['..', '/', '/dev/tty', '/proc/kmsg', path]), path);
	else {
		const [plain, ...odd] = ENCODINGS;
		const encode = plain === undefined ? Buffer.from : random.pick([plain, ...odd]);
		writeFileSync(path, encode(fuzzText(random, size).text));
	}
}

/** Where something stands already, that is as hostile. */
function attempt(body: () => void): void {
	try {
		body();
	} catch {
		// the path is taken, too long, or below what is no folder
	}
}
