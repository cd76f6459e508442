/** Trees: where names are found, which headers belong to a configuration, what the architectures' profiles say. */
import { describe, expect, it } from 'vitest';
import { archProfile } from '../../server/tree/arch_profiles.js';
import { type TreeSymbols, treeSymbols } from '../../server/tree/tree_symbols.js';

let roots = 0;

function symbols(
	files: Readonly<Record<string, string>>,
	options: { text?: string; arch?: string; root?: string } = {},
): TreeSymbols {
	const profile = archProfile(options.arch ?? 'x86_64');
	return treeSymbols({
		root: options.root ?? `/memory/${roots++}`,
		access: {
			read: (path) => files[path] ?? null,
			list: (folder) =>
				Object.keys(files).filter(
					(p) => p.startsWith(`${folder}/`) && !p.slice(folder.length + 1).includes('/'),
				),
		},
		archFolder: profile.folder,
		config: profile.config,
		path: 'mm/x.c',
		text: options.text ?? '',
	});
}

const kinds: readonly (readonly [string, string])[] = [
	['a function', 'static inline int g(int a)\n{\n\treturn a;\n}\n'],
	['a function whose type has its own line', 'static inline int\ng(int a)\n{\n\treturn a;\n}\n'],
	['a function that returns a pointer', 'struct page *g(int a)\n{\n\treturn 0;\n}\n'],
	['an object-like macro', '#define g 3\n'],
	['a function-like macro', '#  define g(x) ((x) + 1)\n'],
	['an enumerator', 'enum things {\n\tf,\n\tg,\n};\n'],
	['a global', 'extern const struct ops g;\n'],
];

describe('names in a tree', () => {
	it.each(kinds)('%s', (_, text) => {
		expect(
			symbols({ 'include/linux/a.h': text })
				.value('g')
				.map((s) => s.path),
		).toEqual(['include/linux/a.h']);
	});
	it.each([
		['a call', 'static inline int f(void)\n{\n\treturn g(1);\n}\n'],
		['a prototype', 'int g(int a);\n'],
		['a word in a comment', '/* g(x) is elsewhere */\n'],
		[
			'an arm that is not active',
			'#ifdef CONFIG_NOBODY_SETS\nint g(int a)\n{\n\treturn 1;\n}\n#endif\n',
		],
		['a macro of its own name', '#define g g\n'],
	])('%s is no definition', (_, text) => {
		expect(symbols({ 'include/linux/a.h': text })).toSatisfy(
			(s: TreeSymbols) => s.value('g').length === 0,
		);
	});
	it('what the file includes comes first, through its includes', () => {
		const g = 'static inline int g(void)\n{\n\treturn 1;\n}\n';
		const files = {
			'mm/internal.h': g,
			'include/linux/b.h': '#include <linux/deep.h>\n',
			'include/linux/deep.h': g,
			'mm/y.c': g,
		};
		expect(symbols(files, { text: '#include <linux/b.h>\n' }).value('g')[0]?.path).toBe(
			'include/linux/deep.h',
		);
		expect(symbols(files).value('g')[0]?.path).toBe('mm/internal.h');
		expect(symbols({ 'mm/y.c': g }).value('g')[0]?.path).toBe('mm/y.c');
	});
	it('structs and typedefs', () => {
		const files = {
			'include/linux/a.h':
				'struct s;\nstruct t {\n\tint a;\n};\ntypedef unsigned long u_t;\ntypedef struct { int v; } w_t;\n',
		};
		const found = symbols(files);
		expect([
			found.aggregate('s'),
			found.aggregate('t')?.path,
			found.typedef('u_t')?.path,
			found.typedef('w_t')?.path,
		]).toEqual([null, 'include/linux/a.h', 'include/linux/a.h', 'include/linux/a.h']);
	});
	it('behind what is included, the file of mm that has the name of its first word comes first', () => {
		const g = 'static inline int shmem_g(void)\n{\n\treturn 1;\n}\n';
		const files = { 'mm/shmem.c': g, 'include/linux/other.h': g };
		expect(symbols(files).value('shmem_g')[0]?.path).toBe('mm/shmem.c');
		const text = '#include <linux/other.h>\n';
		expect(symbols(files, { text }).value('shmem_g')[0]?.path).toBe('include/linux/other.h');
	});
	it('a definition that moved or changed is found again', () => {
		const root = '/memory/changing';
		const g = (body: string): string => `static inline int g(void)\n{\n\treturn ${body};\n}\n`;
		const first = symbols({ 'mm/a.h': g('1') }, { root }).value('g')[0];
		const second = symbols({ 'mm/a.h': g('2') }, { root }).value('g')[0];
		const third = symbols({ 'mm/b.h': g('3') }, { root }).value('g')[0];
		expect([first, second, third].map((s) => [s?.path, s?.original.includes('return 2')])).toEqual([
			['mm/a.h', false],
			['mm/a.h', true],
			['mm/b.h', false],
		]);
		expect(symbols({}, { root }).value('g')).toEqual([]);
		expect(symbols({ 'mm/c.h': g('4') }, { root }).value('g')[0]?.path).toBe('mm/c.h');
	});
	it('what another file found in this one is not found in its saved text', () => {
		const root = '/memory/itself';
		const files = { 'mm/x.c': 'int g(void)\n{\n\treturn 1;\n}\n' };
		const profile = archProfile('x86_64');
		const access = {
			read: (path: string) => (path === 'mm/x.c' ? files['mm/x.c'] : null),
			list: (folder: string) => (folder === 'mm' ? ['mm/x.c'] : []),
		};
		const other = treeSymbols({
			root,
			access,
			archFolder: 'x86',
			config: profile.config,
			path: 'mm/y.c',
			text: '',
		});
		expect(other.value('g')[0]?.path).toBe('mm/x.c');
		expect(symbols(files, { root }).value('g')).toEqual([]);
	});
	it('a macro of the architecture is known to generic code', () => {
		const files = {
			'arch/x86/include/asm/pgtable_64.h':
				'#ifndef _ASM_X86_PGTABLE_64_H\n#define _ASM_X86_PGTABLE_64_H\n#define gup_fast_permitted gup_fast_permitted\n#endif\n',
		};
		expect(symbols(files).archDefines('gup_fast_permitted')).toBe(true);
		expect(symbols(files, { arch: 'i386-pae' }).archDefines('gup_fast_permitted')).toBe(false);
		expect(symbols(files).archDefines('_ASM_X86_PGTABLE_64_H')).toBe(false);
	});
	it('headers of the other word size are left out', () => {
		const files = {
			'arch/x86/include/asm/pgtable-3level.h': 'static inline int g(void)\n{\n\treturn 3;\n}\n',
		};
		expect(symbols(files).value('g')).toEqual([]);
		expect(symbols(files, { arch: 'i386-pae' }).value('g').length).toBe(1);
	});
});

describe('profiles', () => {
	const cases: readonly (readonly [string, string, readonly string[], readonly string[]])[] = [
		[
			'x86_64',
			'x86',
			['64BIT', 'MEM_SOFT_DIRTY', 'COMPAT', 'ARCH_HAS_PTE_DEVMAP', 'SECRETMEM'],
			['DEBUG_VM', 'X86_PAE', 'PROVE_LOCKING'],
		],
		[
			'i386-pae',
			'x86',
			['X86_PAE', 'X86_32', 'PHYS_ADDR_T_64BIT'],
			['64BIT', 'MMU_GATHER_RCU_TABLE_FREE'],
		],
		['arm64', 'arm64', ['64BIT', 'MMU_GATHER_RCU_TABLE_FREE'], ['X86', 'DEBUG_VM']],
		['s390x', 's390', ['64BIT', 'PGSTE'], ['ARCH_HAS_PTE_DEVMAP']],
		['powerpc64', 'powerpc', ['PPC64'], ['DEBUG_VM']],
		[
			'riscv64',
			'riscv',
			['64BIT', 'RISCV', 'MMU_GATHER_RCU_TABLE_FREE', 'ARCH_HAS_PTE_DEVMAP', 'SECRETMEM'],
			['HAVE_ARCH_TRANSPARENT_HUGEPAGE_PUD', 'HAVE_FAST_GUP', 'X86'],
		],
	];
	it.each(cases)('%s', (arch, folder, has, lacks) => {
		const profile = archProfile(arch);
		expect(profile.folder).toBe(folder);
		expect(has.filter((name) => !profile.config.has(`CONFIG_${name}`))).toEqual([]);
		expect(lacks.filter((name) => profile.config.has(`CONFIG_${name}`))).toEqual([]);
		expect(profile.config.get('CONFIG_HAVE_GUP_FAST')).toBe('y');
	});

	it('no architecture is taken for another', () => {
		expect(() => archProfile('nobody')).toThrow('no profile for the architecture nobody');
	});
});
