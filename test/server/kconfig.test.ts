/** What an architecture's Kconfig selects, in trees of a few lines, and what becomes of a configuration by it. */
import { describe, expect, it } from 'vitest';
import type { ArchName } from '../../engine/program/arch.js';
import {
	configuration,
	configurationIn,
	parseConfig,
	saidIn,
	selectionFacts,
	selectionsAssumed,
} from '../../server/tree/configuration.js';
import { selectedIn } from '../../server/tree/facts/kconfig.js';

type Files = Readonly<Record<string, string>>;

function treeOf(files: Files) {
	return { root: '/none', read: (path: string) => files[path] ?? null };
}

function selected(kconfig: string, config: Readonly<Record<string, string>>, more: Files = {}) {
	const tree = treeOf({ 'arch/x86/Kconfig': kconfig, ...more });
	const set = new Map(Object.entries(config).map(([name, value]) => [`CONFIG_${name}`, value]));
	return selectedIn(tree, 'x86', { symbols: ['WANTED'], config: set }).get('WANTED');
}

const BLOCK = 'config X86\n\tdef_bool y\n\tselect WANTED';

describe('an architecture selects', () => {
	const cases: readonly (readonly [
		string,
		string,
		Readonly<Record<string, string>>,
		boolean | null,
	])[] = [
		['always', BLOCK, {}, true],
		['under a condition that holds', `${BLOCK} if X86_64\n`, { X86_64: 'y' }, true],
		['under one that does not', `${BLOCK} if X86_64\n`, {}, false],
		['under all of several', `${BLOCK} if A && (B || !C)\n`, { A: 'y' }, true],
		['under a denied one', `${BLOCK} if !(A && B)\n`, { A: 'y', B: 'y' }, false],
		['a value compared with', `${BLOCK} if LEVELS = 4\n`, { LEVELS: '4' }, true],
		['what a compiler is asked: unknown', `${BLOCK} if $(cc-option,-mfoo)\n`, {}, null],
		['unless something else decides', `${BLOCK} if A && $(cc-option,-mfoo)\n`, {}, false],
		['or decides so', `${BLOCK} if A || $(cc-option,-mfoo)\n`, { A: 'y' }, true],
		['what a nested question is: unknown', `${BLOCK} if $(cc-option,$(flag))\n`, {}, null],
		['versions: unknown', `${BLOCK} if $(v) >= 130000\n`, {}, null],
		['versions that are known', `${BLOCK} if V >= 130000\n`, { V: '140000' }, true],
		['an expression that ends early: unknown', `${BLOCK} if A &&\n`, { A: 'y' }, null],
		['an expression that goes on: unknown', `${BLOCK} if A B\n`, { A: 'y' }, null],
		['one that does not end: unknown', `${BLOCK} if ${'!('.repeat(50_000)}A\n`, { A: 'y' }, null],
		['signs of another language: unknown', `${BLOCK} if A ? B : C\n`, { A: 'y' }, null],
		[
			'by another whose default is not understood: unknown',
			'config A\n\tdef_bool $(success,x)\n\tselect WANTED\n',
			{},
			null,
		],
		['a wish: unknown', 'config X86\n\tdef_bool y\n\timply WANTED\n', {}, null],
		[
			'the first default that holds',
			'config WANTED\n\tdef_bool n if A\n\tdefault y\n',
			{ A: 'y' },
			false,
		],
		['inside a menu', `menu "M"\n\tdepends on A\n${BLOCK}\nendmenu\n`, { A: 'y' }, true],
		['inside a menu that is not shown', `menu "M"\n\tdepends on A\n${BLOCK}\nendmenu\n`, {}, false],
		['what a comment depends on says nothing', `${BLOCK}\ncomment "C"\n\tdepends on A\n`, {}, true],
		['by a default of its own', 'config WANTED\n\tbool\n\tdefault y if A\n', { A: 'y' }, true],
		['by def_bool', 'config WANTED\n\tdef_bool A\n\tdepends on B\n', { A: 'y', B: 'y' }, true],
		['not without what it depends on', 'config WANTED\n\tdef_bool y\n\tdepends on B\n', {}, false],
		[
			'by another that is selected',
			`config X86\n\tdef_bool y\n\tselect A\nconfig A\n\tbool\n\tselect WANTED\n`,
			{},
			true,
		],
		[
			'not by one that the user was asked for',
			`config A\n\tbool "A"\n\tdefault y\n\tselect WANTED\n`,
			{},
			false,
		],
		['inside an if', `if A\n${BLOCK}\nendif\n`, { A: 'y' }, true],
		['inside an if that does not hold', `if A\n${BLOCK}\nendif\n`, {}, false],
		['over two lines', `${BLOCK} if A && \\\n\t\tB\n`, { A: 'y', B: 'y' }, true],
	];
	it.each(cases)('%s', (_, kconfig, config, holds) => {
		expect(selected(kconfig, config)?.holds).toBe(holds);
	});

	it('and says where: in a file that it sources, not in help or a comment', () => {
		const kconfig =
			'config A\n\tbool\n\thelp\n\t  select WANTED\n\n# select WANTED\nsource "arch/x86/Kconfig.cpu"\n';
		expect(selected(kconfig, {})).toBeUndefined();
		const more = { 'arch/x86/Kconfig.cpu': `\n${BLOCK}\n`, 'drivers/Kconfig': BLOCK };
		expect(selected(kconfig, {}, more)).toEqual({
			holds: true,
			path: 'arch/x86/Kconfig.cpu',
			line: 4,
		});
		expect(selected('source "drivers/Kconfig"\n', {}, more)).toBeUndefined();
	});

	it('a file that is not there may select it', () => {
		const kconfig = `${BLOCK} if A\nsource "arch/x86/Kconfig.cpu"\n`;
		expect(selected(kconfig, {})?.holds).toBe(null);
		expect(selected(kconfig, { A: 'y' })?.holds).toBe(true);
		expect(selected(kconfig, {}, { 'arch/x86/Kconfig.cpu': '' })?.holds).toBe(false);
	});

	it('symbols that select each other end', () => {
		const circle = 'config A\n\tbool\n\tselect B\nconfig B\n\tbool\n\tselect A\n\tselect WANTED\n';
		expect(selected(circle, {})?.holds).toBe(false);
	});
});

describe('a configuration in a tree', () => {
	const requestOf = (
		arch: ArchName,
		files: Files,
		given: { readonly set?: Readonly<Record<string, string>>; readonly file?: string } = {},
	) => {
		const set = new Map(Object.entries(given.set ?? {}));
		const dotConfig = given.file === undefined ? null : parseConfig(given.file);
		const config = configuration({ arch, dotConfig, set });
		return { tree: treeOf(files), arch, config, said: saidIn({ dotConfig, set }) };
	};
	const under = (arch: ArchName, files: Files, set: Readonly<Record<string, string>> = {}) =>
		configurationIn(requestOf(arch, files, { set }));

	it('has the walk that its generation selects', () => {
		const arm64 = { 'arch/arm64/Kconfig': 'config HAVE_GENERIC_RCU_GUP\n\tdef_bool y\n' };
		expect(under('arm64', arm64).get('CONFIG_HAVE_GENERIC_RCU_GUP')).toBe('y');
		expect(under('arm64', {}).get('CONFIG_HAVE_GENERIC_RCU_GUP')).toBeUndefined();
		const s390 = { 'arch/s390/Kconfig': 'config S390\n\tdef_bool y\n\tselect HAVE_GENERIC_GUP\n' };
		expect(under('s390x', s390).get('CONFIG_HAVE_GENERIC_GUP')).toBe('y');
	});

	it('has no secretmem where the direct map cannot be changed', () => {
		const kconfig = 'config S390\n\tdef_bool y\n\tselect ARCH_HAS_SET_DIRECT_MAP if NOBODY\n';
		expect(under('s390x', { 'arch/s390/Kconfig': kconfig }).has('CONFIG_SECRETMEM')).toBe(false);
		expect(under('s390x', {}).has('CONFIG_SECRETMEM')).toBe(true);
		// s390 until 6.2: nothing selects it, and all that could was read
		const never = 'config S390\n\tdef_bool y\n\tselect HAVE_GUP_FAST\n';
		expect(under('s390x', { 'arch/s390/Kconfig': never }).has('CONFIG_SECRETMEM')).toBe(false);
		const part = `${never}source "arch/s390/Kconfig.more"\n`;
		expect(under('s390x', { 'arch/s390/Kconfig': part }).has('CONFIG_SECRETMEM')).toBe(true);
		const set = { CONFIG_SECRETMEM: 'y' };
		expect(under('s390x', { 'arch/s390/Kconfig': never }, set).has('CONFIG_SECRETMEM')).toBe(true);
	});

	it('keeps what the user set', () => {
		const kconfig = {
			'arch/x86/Kconfig': 'config X86\n\tdef_bool y\n\tselect ARCH_HAS_PTE_DEVMAP\n',
		};
		const set = { CONFIG_ARCH_HAS_PTE_DEVMAP: 'n' };
		expect(under('x86_64', kconfig, set).has('CONFIG_ARCH_HAS_PTE_DEVMAP')).toBe(false);
	});

	it('keeps what the user set also where a profile has the same', () => {
		const none = {
			'arch/x86/Kconfig':
				'config X86\n\tdef_bool y\n\tselect ARCH_HAS_SET_DIRECT_MAP if NOBODY\n\tselect ARCH_HAS_PTE_DEVMAP if NOBODY\n',
		};
		const set = { CONFIG_ARCH_HAS_PTE_DEVMAP: 'y', CONFIG_SECRETMEM: 'y' };
		expect(under('x86_64', none).has('CONFIG_ARCH_HAS_PTE_DEVMAP')).toBe(false);
		expect(under('x86_64', none, set).has('CONFIG_ARCH_HAS_PTE_DEVMAP')).toBe(true);
		expect(under('x86_64', none, set).has('CONFIG_SECRETMEM')).toBe(true);
		const generic = { 'arch/x86/Kconfig': 'config HAVE_GENERIC_RCU_GUP\n\tdef_bool y\n' };
		const not = { CONFIG_HAVE_GENERIC_RCU_GUP: 'n' };
		expect(under('x86_64', generic, not).has('CONFIG_HAVE_GENERIC_RCU_GUP')).toBe(false);
	});

	it('is what a .config says, by naming symbols and by leaving them out', () => {
		const files = {
			'arch/x86/Kconfig':
				'config X86\n\tdef_bool y\n\tselect HAVE_GENERIC_RCU_GUP\n\tselect ARCH_HAS_PTE_DEVMAP if NOBODY\n',
		};
		const request = requestOf('x86_64', files, { file: 'CONFIG_ARCH_HAS_PTE_DEVMAP=y\n' });
		expect([...configurationIn(request)]).toEqual([['CONFIG_ARCH_HAS_PTE_DEVMAP', 'y']]);
		expect(selectionFacts(request)).toMatchObject([
			{ feature: 'CONFIG_HAVE_GENERIC_RCU_GUP', holds: false, from: null },
			{ feature: 'CONFIG_ARCH_HAS_SET_DIRECT_MAP', holds: false, from: null },
			{ feature: 'CONFIG_ARCH_HAS_PTE_DEVMAP', holds: true, from: null },
		]);
	});

	it('falls back to the profile where the Kconfig is not understood, and says so', () => {
		const files = {
			'arch/x86/Kconfig':
				'config X86\n\tdef_bool y\n\tselect ARCH_HAS_PTE_DEVMAP if $(cc-option,-m)\n',
		};
		const request = requestOf('x86_64', files);
		expect(configurationIn(request).has('CONFIG_ARCH_HAS_PTE_DEVMAP')).toBe(true);
		const why = 'what arch/x86/Kconfig selects in line 3 is not understood';
		expect(selectionsAssumed(request)).toEqual([
			`CONFIG_ARCH_HAS_PTE_DEVMAP is taken to be set: ${why}`,
		]);
		expect(selectionFacts(request)).toMatchObject([
			{ holds: false, from: null, why: 'arch/x86/Kconfig does not select it' },
			{ holds: true, from: null, why },
		]);
		const set = { CONFIG_ARCH_HAS_PTE_DEVMAP: 'n' };
		expect(selectionsAssumed(requestOf('x86_64', files, { set }))).toEqual([]);
	});

	it('is another one after an edit of a file that is sourced', () => {
		const files: Record<string, string> = {
			'arch/x86/Kconfig': 'config X86\n\tdef_bool y\nsource "arch/x86/Kconfig.cpu"\n',
			'arch/x86/Kconfig.cpu': 'config CPU\n\tdef_bool y\n\tselect HAVE_GENERIC_RCU_GUP\n',
		};
		const request = requestOf('x86_64', files);
		expect(configurationIn(request).has('CONFIG_HAVE_GENERIC_RCU_GUP')).toBe(true);
		files['arch/x86/Kconfig.cpu'] = '';
		expect(configurationIn(request).has('CONFIG_HAVE_GENERIC_RCU_GUP')).toBe(false);
	});

	it('is the same map where nothing changes, and when it is asked for again', () => {
		const config = configuration({ arch: 'x86_64', dotConfig: null, set: new Map() });
		const arch = 'x86_64';
		expect(configurationIn({ tree: treeOf({}), arch, config })).toBe(config);
		const tree = treeOf({ 'arch/x86/Kconfig': 'config HAVE_GENERIC_RCU_GUP\n\tdef_bool y\n' });
		const made = configurationIn({ tree, arch, config });
		expect(made).not.toBe(config);
		expect(configurationIn({ tree, arch, config })).toBe(made);
	});
});
