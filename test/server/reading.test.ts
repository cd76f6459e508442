/**
 * The one way to read: each thing that is no file gets a sentence, at once and later alike; what a file system can do between
 * two questions is played by one that is made up.
 */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DISK, type Disk, type Entry, later, type Question } from '../../server/reading/disk.js';
import {
	type Inside,
	listNow,
	NAMES_MAX,
	type Reading,
	reading,
	readNow,
} from '../../server/reading/file.js';
import { openTree, placeLater, placeOf } from '../../server/tree/workspace.js';
import { HOSTILE, makeTree, put } from './hostile_tree.js';

let root = '';
let outside = '';

beforeAll(() => {
	root = mkdtempSync(join(tmpdir(), 'racewalk-reading-'));
	outside = mkdtempSync(join(tmpdir(), 'racewalk-outside-'));
	put(join(outside, 'secret.h'), 'secret');
	put(join(outside, 'folder/deep.h'), 'secret');
});

afterAll(() => {
	rmSync(root, { recursive: true, force: true });
	rmSync(outside, { recursive: true, force: true });
});

/** Reads both ways; they must agree. */
async function check(file: Inside, expected: Reading | RegExp, disk: Disk = DISK): Promise<void> {
	const now = readNow(file, disk);
	expect(await later(reading(disk, file))).toEqual(now);
	if (expected instanceof RegExp) {
		expect(now.kind).toBe('problem');
		expect(now.kind === 'problem' ? now.problem : '').toMatch(expected);
	} else expect(now).toEqual(expected);
}

const text = (of: string): Reading => ({ kind: 'text', text: of });

describe('a file that is none', () => {
	test.each(HOSTILE)('$name is told', async ({ name, make, said }) => {
		const path = `${name.replaceAll(' ', '-')}.h`;
		make(join(root, path));
		await check({ root, path, bytesMax: 1000 }, said);
		await check({ root: null, path: join(root, path), bytesMax: 1000 }, said);
	});

	test.each([
		[
			'a link out of the root',
			() => symlinkSync(join(outside, 'secret.h'), join(root, 'out.h')),
			'out.h',
		],
		[
			'a folder that is a link out',
			() => symlinkSync(join(outside, 'folder'), join(root, 'away')),
			'away/deep.h',
		],
		['a path that goes up', () => {}, '../secret.h'],
		['a path that goes up and down again', () => {}, 'x/../../y.h'],
	])('%s is not followed', async (_, make, path) => {
		make();
		await check({ root, path, bytesMax: 1000 }, /leads out of/);
	});

	test.each(['none.h', 'none/none.h', 'a\0b.h', 'secret.h/below.h'])(
		'%j is absent',
		async (path) => {
			await check({ root, path, bytesMax: 1000 }, { kind: 'absent' });
		},
	);

	test('a name that is too long is told', async () => {
		await check({ root, path: `${'n'.repeat(5000)}.h`, bytesMax: 1000 }, /name is too long/);
	});
});

describe('what text is', () => {
	test.each([
		['plain', Buffer.from('int a;\n'), 'int a;\n'],
		['empty', Buffer.alloc(0), ''],
		['with CRLF', Buffer.from('a\r\nb\r\n'), 'a\r\nb\r\n'],
		['UTF-8 with a mark', Buffer.from('\ufeffint é;'), 'int é;'],
		['Latin-1', Buffer.from('/* \xe9 */', 'latin1'), '/* \ufffd */'],
		['exactly as long as may be', Buffer.from('x'.repeat(1000)), 'x'.repeat(1000)],
	])('%s', async (_, bytes, expected) => {
		writeFileSync(join(root, 'encoded.h'), bytes);
		await check({ root, path: 'encoded.h', bytesMax: 1000 }, text(expected));
	});

	test.each([
		['one byte more than may be', Buffer.from('x'.repeat(1001)), /larger than/],
		['NUL at the end', Buffer.from('int a;\0'), /is not text/],
		// gcc: null characters ignored, then an error for every word
		['UTF-16, little end first', Buffer.from('\ufeffint é;', 'utf16le'), /is UTF-16/],
		['UTF-16, big end first', Buffer.from('\ufeffint é;', 'utf16le').swap16(), /is UTF-16/],
		['UTF-16 without a mark', Buffer.from('int a;', 'utf16le'), /is not text/],
	])('%s is none', async (_, bytes, said) => {
		writeFileSync(join(root, 'encoded.h'), bytes);
		await check({ root, path: 'encoded.h', bytesMax: 1000 }, said);
	});

	test('links inside the root are followed', async () => {
		put(join(root, 'real/a.h'), 'a');
		symlinkSync('real', join(root, 'alias'));
		await check({ root, path: 'alias/a.h', bytesMax: 1000 }, text('a'));
	});
});

/** A file system in which one question is answered otherwise. */
function disk(change: Partial<Disk>): Disk {
	return { ...DISK, ...change };
}

function says<T>(answer: () => T): Question<T> {
	return { now: answer, later: async () => answer() };
}

function fails(code: string): Question<never> {
	return says((): never => {
		throw Object.assign(new Error(`${code}: made up`), { code });
	});
}

describe('what happens meanwhile', () => {
	const device: Entry = { kind: 'device', size: 0, id: '9:9', changed: '0' };

	test.each<[string, () => Disk, RegExp | Reading]>([
		['nobody may resolve it', () => disk({ real: () => fails('EACCES') }), /permission denied/],
		['nobody may open it', () => disk({ open: () => fails('EACCES') }), /permission denied/],
		[
			'it vanishes before it is opened',
			() => disk({ open: () => fails('ENOENT') }),
			{ kind: 'absent' },
		],
		[
			'it becomes a link before it is opened',
			() => disk({ open: () => fails('ELOOP') }),
			/in a circle/,
		],
		[
			'it becomes a device before it is opened',
			() => disk({ lookAt: () => says(() => device) }),
			/is a device/,
		],
		[
			'another file takes its place',
			() => disk({ lookAt: (d) => says(() => ({ ...DISK.lookAt(d).now(), id: 'other' })) }),
			/changed while it was opened/,
		],
		[
			'a folder above becomes a link out',
			() => disk({ real: () => says(() => join(outside, 'secret.h')) }),
			/leads out of/,
		],
		[
			'a folder above becomes a link out and is one no longer',
			() => disk({ open: () => DISK.open(join(outside, 'secret.h')) }),
			/changed while it was opened/,
		],
		['reading breaks off', () => disk({ bytes: () => fails('EIO') }), /cannot be read: EIO/],
		['it grows', () => disk({ bytes: () => says(() => Buffer.alloc(1001, 'x')) }), /larger than/],
		['closing fails', () => disk({ close: () => fails('EIO') }), text('int a;')],
	])('%s', async (_, made, expected) => {
		writeFileSync(join(root, 'meanwhile.h'), 'int a;');
		await check({ root, path: 'meanwhile.h', bytesMax: 1000 }, expected, made());
	});

	test('a device is never opened, nor is a FIFO', async () => {
		const opened: string[] = [];
		const watching = disk({
			open(path) {
				opened.push(path);
				return DISK.open(path);
			},
		});
		for (const kind of ['device', 'FIFO', 'socket'] as const) {
			const made = { ...watching, look: () => says(() => ({ ...device, kind })) };
			writeFileSync(join(root, 'special.h'), '');
			await check({ root, path: 'special.h', bytesMax: 10 }, new RegExp(`is a ${kind}`), made);
		}
		expect(opened).toEqual([]);
	});
});

describe('folders', () => {
	test('are listed in order, and not beyond a number of names', () => {
		for (const name of ['b.h', 'a.h', 'B.h']) put(join(root, 'listed', name), '');
		expect(listNow({ root, path: 'listed' })).toEqual({
			names: ['B.h', 'a.h', 'b.h'],
			problem: null,
		});
		const many = disk({
			names: (_, max) => says(() => Array.from({ length: max + 1 }, (__, i) => `${i}.h`)),
		});
		const { names, problem } = listNow({ root, path: 'listed' }, many);
		expect(names).toHaveLength(NAMES_MAX);
		expect(problem).toMatch(/more than 20000 names/);
	});

	test.each([
		['none', 'none', null],
		['a link out', 'gone', /leads out of/],
		['a file', 'listed/a.h', /is a file, not a folder/],
	])('that are %s are empty', (_, path, said) => {
		if (path === 'gone') symlinkSync(outside, join(root, 'gone'));
		const listed = listNow({ root, path });
		expect(listed.names).toEqual([]);
		if (said === null) expect(listed.problem).toBeNull();
		else expect(listed.problem).toMatch(said);
	});
});

describe('the search upward', () => {
	test.each<[string, string, string[], string | null, string]>([
		['finds the tree above', 'up/tree/mm/sub/a.c', [], 'up/tree', 'mm/sub/a.c'],
		['ends at the folder that is open', 'up/tree/mm/sub/a.c', ['up/tree/mm'], null, ''],
		['finds the folder itself', 'up/tree/mm/sub/a.c', ['up/tree'], 'up/tree', 'mm/sub/a.c'],
		['takes the innermost of two', 'up/tree/mm/sub/a.c', ['up', 'up/tree/mm/sub'], null, ''],
		[
			'goes on for a file of no folder',
			'up/tree/mm/sub/a.c',
			['elsewhere'],
			'up/tree',
			'mm/sub/a.c',
		],
		['does not follow a file out', 'up/tree/mm/link.c', ['up/tree/mm'], null, ''],
		[
			'leaves a file that is a link where it is',
			'up/tree/mm/link.c',
			['up/tree'],
			'up/tree',
			'mm/link.c',
		],
	])('%s', async (_, file, folders, tree, path) => {
		makeTree(join(root, 'up/tree'), { 'mm/sub/a.c': '' });
		makeTree(join(root, 'elsewhere/hostile'), { 'mm/a.c': '' });
		rmSync(join(root, 'up/tree/mm/link.c'), { force: true });
		symlinkSync(join(root, 'elsewhere/hostile/mm/a.c'), join(root, 'up/tree/mm/link.c'));
		const options = {
			...{ tree: null, as: null },
			...(folders.length === 0 ? {} : { folders: folders.map((f) => join(root, f)) }),
		};
		const place = placeOf(join(root, file), options);
		expect(await placeLater(join(root, file), options)).toEqual(place);
		expect(place.tree).toBe(tree === null ? null : join(root, tree));
		if (path !== '') expect(place.path).toBe(path);
	});
});

/** Something that can be made at a path, whatever stands above it. */
const thing = fc.oneof(
	fc.constantFrom(...HOSTILE.filter((h) => !h.name.includes('FIFO'))).map((h) => h.make),
	fc.string().map((content) => (path: string) => writeFileSync(path, content)),
	fc.uint8Array({ maxLength: 40 }).map((bytes) => (path: string) => writeFileSync(path, bytes)),
	fc
		.constantFrom(
			'..',
			'../..',
			'.',
			'a',
			'b',
			'a/b',
			'/',
			'/dev/full',
			'/proc/self/fd/0',
			'../a/b',
		)
		.map((target) => (path: string) => symlinkSync(target, path)),
	fc.constant((path: string) => mkdirSync(path)),
);
const name = fc.constantFrom('a', 'b', 'c');
const path = fc.array(name, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('/'));

describe('whatever stands in a tree', () => {
	test('each path has text, nothing or a sentence, both ways, and the text is of the tree', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.array(fc.tuple(path, thing), { maxLength: 12 }),
				fc.array(path, { minLength: 1, maxLength: 12 }),
				async (things, asked) => {
					const tree = mkdtempSync(join(root, 'any-'));
					for (const [at, make] of things) {
						try {
							make(join(tree, at));
						} catch {
							// its folder is not there, or something else is
						}
					}
					const opened = openTree(tree);
					for (const at of [...asked, ...things.map(([p]) => p)]) {
						const file = { root: tree, path: at, bytesMax: 4096 };
						const read = readNow(file);
						expect(await later(reading(DISK, file))).toEqual(read);
						if (read.kind === 'text')
							expect(realpathSync(join(tree, at)).startsWith(`${realpathSync(tree)}/`)).toBe(true);
						if (read.kind === 'problem') expect(read.problem).toContain(at.slice(0, 80));
						if (read.kind !== 'text')
							expect(opened.read(at) === null || read.kind === 'problem').toBe(true);
						expect(Array.isArray(opened.list(at))).toBe(true);
					}
					rmSync(tree, { recursive: true });
				},
			),
			{ numRuns: 150 },
		);
	});
});
