/**
 * The kernel configuration an analysis runs under: the user's `.config` or else
 * the architecture's profile, then `--set`.
 */
import type { ArchName } from '../../engine/program/arch.js';
import { archProfile, foldersThatSet } from './arch_profiles.js';
import type { Fact } from './facts/fact.js';
import { kconfigTexts, type Selected, selectedIn } from './facts/kconfig.js';

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

/** Symbols of which a tree says what they are where nobody else does. */
const GUESSED: readonly string[] = [...SELECTED, ...Object.values(DEPENDENT)].map(
	(name) => `CONFIG_${name}`,
);

/** Of these symbols it is the user who says what they are; a `.config` says it of all, by leaving them out as well. */
export function saidIn(options: {
	readonly dotConfig: ReadonlyMap<string, string> | null;
	readonly set: ReadonlyMap<string, string>;
}): readonly string[] {
	return options.dotConfig === null ? [...options.set.keys()] : [...GUESSED, ...options.set.keys()];
}

interface KconfigTree {
	readonly root: string;
	read(path: string): string | null;
}

/** A configuration, the symbols that the user has the say on (`saidIn`), and the tree it is meant for. */
export interface ConfigurationRequest {
	readonly tree: KconfigTree | null;
	readonly arch: string;
	readonly config: ReadonlyMap<string, string>;
	/** Absent: none. */
	readonly said?: readonly string[];
}

/** What trees make of configurations, by what it was made from. */
const under = new WeakMap<ReadonlyMap<string, string>, Map<string, Under>>();

interface Under {
	readonly selection: ReadonlyMap<string, Selected>;
	readonly config: ReadonlyMap<string, string>;
}

/**
 * The configuration in a tree: what its architecture selects in the place of what the profile says of it. What the user said
 * stays. The same map where nothing changes; a tree without the architecture's Kconfig changes nothing.
 */
export function configurationIn(request: ConfigurationRequest): ReadonlyMap<string, string> {
	return request.config.size === 0 ? request.config : underOf(request).config;
}

/** What is known of the symbols that architectures select: from the Kconfig, or else what is taken for it, as facts. */
export function selectionFacts(request: ConfigurationRequest): readonly Fact[] {
	const { config, said = [] } = request;
	return [...underOf(request).selection].map(([symbol, { holds, path, line }]) => {
		const feature = `CONFIG_${symbol}`;
		const isSaid = said.includes(feature);
		const isSet = isSaid || holds === null ? config.has(feature) : holds;
		return {
			feature,
			holds: isSet,
			what: `${symbol} is ${isSet ? '' : 'not '}${isSaid ? 'set' : 'selected'}`,
			from: isSaid || holds === null || line === 0 ? null : { path, line, name: symbol },
			why: isSaid
				? 'the configuration says so'
				: line === 0
					? `${path} does not select it`
					: holds === null
						? notUnderstood(path, line)
						: null,
		};
	});
}

/** What is assumed of such symbols where the Kconfig is not understood, as sentences. */
export function selectionsAssumed(request: ConfigurationRequest): readonly string[] {
	const { config, said = [] } = request;
	return [...underOf(request).selection].flatMap(([symbol, { holds, path, line }]) => {
		const feature = `CONFIG_${symbol}`;
		if (holds !== null || said.includes(feature)) return [];
		const taken = config.has(feature) ? 'set' : 'not set';
		return [`${feature} is taken to be ${taken}: ${notUnderstood(path, line)}`];
	});
}

/**
 * Of these symbols, those that are taken not to be set although nobody says so: neither the user, nor the architecture's
 * profile, nor what was read of Kconfig.
 */
export function unsetSymbols(
	request: ConfigurationRequest,
	asked: readonly string[],
): readonly string[] {
	const { said = [] } = request;
	// a `.config` says it of all
	if (request.config.size === 0 || GUESSED.every((name) => said.includes(name))) return [];
	const { selection, config } = underOf(request);
	return asked.filter(
		(name) =>
			!config.has(name) &&
			!said.includes(name) &&
			!selection.has(name.replace('CONFIG_', '')) &&
			!GUESSED.includes(name) &&
			// what one architecture alone has is not another's
			foldersThatSet(name).size !== 1,
	);
}

function notUnderstood(path: string, line: number): string {
	return `what ${path} selects in line ${line} is not understood`;
}

function underOf({ tree, arch, config, said = [] }: ConfigurationRequest): Under {
	if (tree === null) return { selection: new Map(), config };
	const { folder } = archProfile(arch);
	const key = JSON.stringify([tree.root, arch, said, kconfigTexts(tree, folder)]);
	const known = under.get(config) ?? new Map<string, Under>();
	under.set(config, known);
	let made = known.get(key);
	if (made === undefined) {
		const asked = { symbols: SELECTED, whole: Object.keys(DEPENDENT), config: without(config) };
		const selection = selectedIn(tree, folder, asked);
		made = { selection, config: selectedUnder(selection, { config, said }) };
		known.set(key, made);
	}
	return made;
}

/** What is looked up is not taken from the profile. */
function without(config: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
	return new Map([...config].filter(([name]) => !SELECTED.includes(name.replace('CONFIG_', ''))));
}

function selectedUnder(
	selection: ReadonlyMap<string, Selected>,
	{
		config,
		said,
	}: { readonly config: ReadonlyMap<string, string>; readonly said: readonly string[] },
): ReadonlyMap<string, string> {
	const changed = new Map(config);
	for (const [symbol, { holds }] of selection) {
		const name = `CONFIG_${symbol}`;
		if (holds === null || said.includes(name)) continue;
		if (holds) changed.set(name, 'y');
		else changed.delete(name);
		const dependent = `CONFIG_${DEPENDENT[symbol] ?? ''}`;
		if (!holds && !said.includes(dependent)) changed.delete(dependent);
	}
	const isSame = [...changed.keys()].join() === [...config.keys()].join();
	return isSame ? config : changed;
}
