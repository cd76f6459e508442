/** What an architecture's Kconfig selects, in trees of a few lines, and what becomes of a configuration by it. */
import { describe, expect, it } from 'vitest';
import type { ArchName } from '../../engine/program/arch.js';
import { configuration, configurationIn } from '../../server/tree/configuration.js';
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
	const cases: readonly (readonly [string, string, Readonly<Record<string, string>>, boolean])[] = [
		['always', BLOCK, {}, true],
		['under a condition that holds', `${BLOCK} if X86_64\n`, { X86_64: 'y' }, true],
		['under one that does not', `${BLOCK} if X86_64\n`, {}, false],
		['under all of several', `${BLOCK} if A && (B || !C)\n`, { A: 'y' }, true],
		['under a denied one', `${BLOCK} if !(A && B)\n`, { A: 'y', B: 'y' }, false],
		['a value compared with', `${BLOCK} if LEVELS = 4\n`, { LEVELS: '4' }, true],
		['what a compiler is asked: no', `${BLOCK} if $(cc-option,-mfoo)\n`, {}, false],
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

	it('symbols that select each other end', () => {
		const circle = 'config A\n\tbool\n\tselect B\nconfig B\n\tbool\n\tselect A\n\tselect WANTED\n';
		expect(selected(circle, {})?.holds).toBe(false);
	});
});

describe('a configuration in a tree', () => {
	const under = (arch: ArchName, files: Files, set: Readonly<Record<string, string>> = {}) => {
		const config = configuration({ arch, dotConfig: null, set: new Map(Object.entries(set)) });
		return configurationIn(treeOf(files), arch, config);
	};

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
	});

	it('keeps what the user set', () => {
		const kconfig = {
			'arch/x86/Kconfig': 'config X86\n\tdef_bool y\n\tselect ARCH_HAS_PTE_DEVMAP\n',
		};
		const set = { CONFIG_ARCH_HAS_PTE_DEVMAP: 'n' };
		expect(under('x86_64', kconfig, set).has('CONFIG_ARCH_HAS_PTE_DEVMAP')).toBe(false);
	});

	it('is the same map where nothing changes, and when it is asked for again', () => {
		const config = configuration({ arch: 'x86_64', dotConfig: null, set: new Map() });
		expect(configurationIn(treeOf({}), 'x86_64', config)).toBe(config);
		const tree = treeOf({ 'arch/x86/Kconfig': 'config HAVE_GENERIC_RCU_GUP\n\tdef_bool y\n' });
		const made = configurationIn(tree, 'x86_64', config);
		expect(made).not.toBe(config);
		expect(configurationIn(tree, 'x86_64', config)).toBe(made);
	});
});
