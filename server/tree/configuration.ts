/**
 * The kernel configuration an analysis runs under: the user's `.config` or else
 * the architecture's profile, then `--set`.
 */
import type { ArchName } from '../../engine/program/arch.js';
import { archProfile } from './arch_profiles.js';
import type { Fact } from './facts/fact.js';
import { type Selected, selectedIn } from './facts/kconfig.js';

/** CONFIG_ symbols of a `.config`; `# CONFIG_X is not set` gives `n`. */
export function parseConfig(text: string): ReadonlyMap<string, string> {
	const symbols = new Map<string, string>();
	for (const line of text.split(/\r?\n/)) {
		const set = /^(CONFIG_\w+)=(.*)$/.exec(line);
		if (set?.[1] !== undefined) symbols.set(set[1], set[2] ?? 'y');
		const unset = /^# (CONFIG_\w+) is not set$/.exec(line);
		if (unset?.[1] !== undefined) symbols.set(unset[1], 'n');
	}
	return symbols;
}

export function configuration(options: {
	readonly arch: ArchName;
	readonly dotConfig: ReadonlyMap<string, string> | null;
	readonly set: ReadonlyMap<string, string>;
}): ReadonlyMap<string, string> {
	const merged = new Map(options.dotConfig ?? archProfile(options.arch).config);
	for (const [name, value] of options.set) merged.set(name, value);
	for (const [name, value] of [...merged]) if (value === 'n') merged.delete(name);
	return merged;
}

/** Symbols that architectures select and that profiles can only guess for a generation. */
const SELECTED: readonly string[] = [
	...['HAVE_GUP_FAST', 'HAVE_FAST_GUP', 'HAVE_GENERIC_GUP', 'HAVE_GENERIC_RCU_GUP'],
	...['ARCH_HAS_SET_DIRECT_MAP', 'ARCH_HAS_PTE_DEVMAP', 'HAVE_ARCH_TRANSPARENT_HUGEPAGE_PUD'],
];
/** What depends on one of them (mm/Kconfig). */
const DEPENDENT: Readonly<Record<string, string>> = { ARCH_HAS_SET_DIRECT_MAP: 'SECRETMEM' };

interface KconfigTree {
	readonly root: string;
	read(path: string): string | null;
}

/** Configurations under trees, by what they were made from. */
const under = new WeakMap<ReadonlyMap<string, string>, Map<string, ReadonlyMap<string, string>>>();

/**
 * The configuration in a tree: what its architecture selects in the place of what the profile says of it. What the user set
 * otherwise stays. The same map where nothing changes; a tree without the architecture's Kconfig changes nothing.
 */
export function configurationIn(
	tree: KconfigTree | null,
	arch: string,
	config: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
	const { folder } = archProfile(arch);
	const text = tree?.read(`arch/${folder}/Kconfig`) ?? null;
	if (tree === null || text === null || config.size === 0) return config;
	const key = `${tree.root}\n${arch}\n${text}`;
	const known = under.get(config) ?? new Map<string, ReadonlyMap<string, string>>();
	under.set(config, known);
	const made = known.get(key) ?? selectedUnder(selectionOf(tree, arch, config), arch, config);
	known.set(key, made);
	return made;
}

/** What the architecture's Kconfig says of the symbols that architectures select, as facts. */
export function selectionFacts(
	tree: KconfigTree | null,
	arch: string,
	config: ReadonlyMap<string, string>,
): readonly Fact[] {
	if (tree === null) return [];
	return [...selectionOf(tree, arch, config)].map(([symbol, { holds, path, line }]) => ({
		feature: `CONFIG_${symbol}`,
		holds,
		what: holds ? `${symbol} is selected` : `${symbol} is not selected`,
		from: { path, line, name: symbol },
		why: null,
	}));
}

function selectionOf(
	tree: KconfigTree,
	arch: string,
	config: ReadonlyMap<string, string>,
): ReadonlyMap<string, Selected> {
	return selectedIn(tree, archProfile(arch).folder, { symbols: SELECTED, config: without(config) });
}

/** What is looked up is not taken from the profile. */
function without(config: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
	return new Map([...config].filter(([name]) => !SELECTED.includes(name.replace('CONFIG_', ''))));
}

function selectedUnder(
	selection: ReadonlyMap<string, Selected>,
	arch: string,
	config: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
	const profile = archProfile(arch).config;
	const changed = new Map(config);
	const isGuess = (name: string): boolean => config.get(name) === profile.get(name);
	for (const [symbol, { holds }] of selection) {
		const name = `CONFIG_${symbol}`;
		if (!isGuess(name)) continue;
		if (holds) changed.set(name, 'y');
		else changed.delete(name);
		const dependent = `CONFIG_${DEPENDENT[symbol] ?? ''}`;
		if (!holds && isGuess(dependent)) changed.delete(dependent);
	}
	const isSame = [...changed.keys()].join() === [...config.keys()].join();
	return isSame ? config : changed;
}
