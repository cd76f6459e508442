/**
 * The protections that can be taken away to see what breaks: their names, as data. What taking one away does to a program is
 * engine/check/take_away.ts; what it does to a configuration stands here.
 *
 * Invariant: names are words of the command line and of its JSON; one is never given another meaning.
 */

export const WHAT_IF_NAMES = [
	'interrupts-on',
	'rcu-read-lock',
	'preempt-disable',
	'no-rcu-read-lock',
	'no-ipi',
	'no-rcu-table-free',
	'no-rcu-inode-free',
	'no-recheck',
] as const;
/** A protection taken away. */
export type WhatIf = (typeof WHAT_IF_NAMES)[number];

export interface WhatIfWords {
	/** As an editor asks it. */
	readonly question: string;
	/** The world in which it is so, behind "what if": `interrupts stay on`. */
	readonly phrase: string;
	/** For `--help`. */
	readonly help: string;
}

export const WHAT_IF_WORDS: Readonly<Record<WhatIf, WhatIfWords>> = {
	'interrupts-on': {
		question: 'What if interrupts stayed on?',
		phrase: 'interrupts stay on',
		help: 'the walk does not disable interrupts',
	},
	'rcu-read-lock': {
		question: 'What if it held rcu_read_lock() instead of disabling interrupts?',
		phrase: 'the walk calls rcu_read_lock() instead of disabling interrupts',
		help: 'the walk calls rcu_read_lock() instead of disabling interrupts',
	},
	'preempt-disable': {
		question: 'What if it disabled preemption instead of interrupts?',
		phrase: 'the walk disables preemption instead of interrupts',
		help: 'the walk disables preemption instead of interrupts',
	},
	'no-rcu-read-lock': {
		question: 'What if rcu_read_lock() did nothing?',
		phrase: 'rcu_read_lock() does nothing',
		help: 'the walk does not call rcu_read_lock() (nor does pte_offset_map())',
	},
	'no-ipi': {
		question: 'What if no CPU waited for IPIs?',
		phrase: 'no CPU waits for IPIs',
		help: 'page tables are freed and PMD tables unshared without waiting for the IPI; on i386-pae TLB flushes do not wait either',
	},
	'no-rcu-table-free': {
		question: 'What if page tables were not freed by RCU?',
		phrase: 'page tables are not freed by RCU',
		help: 'no CONFIG_MMU_GATHER_RCU_TABLE_FREE: tables are freed after the TLB flush (x86: an IPI; else at once)',
	},
	'no-rcu-inode-free': {
		question: 'What if inodes were freed without waiting for RCU?',
		phrase: 'inodes are freed without waiting for RCU',
		help: 'an evicted inode and its address_space are freed at once',
	},
	'no-recheck': {
		question: 'What if the entry were not re-checked?',
		phrase: 'the entry is not re-checked',
		help: 'the walk does not re-check entries',
	},
};

/** CONFIG_ symbols that are not set in that world. */
const UNSET: Readonly<Partial<Record<WhatIf, readonly string[]>>> = {
	'no-rcu-table-free': ['CONFIG_MMU_GATHER_RCU_TABLE_FREE', 'CONFIG_HAVE_RCU_TABLE_FREE'],
};

/** What was taken away, and where in the walk; `site` is null where it is no place of the walk. */
export interface Taken<Place> {
	readonly whatIf: WhatIf;
	readonly what: string;
	readonly place: Place | null;
}

/** The configuration of that world (values by symbol; `n` is as good as absent). */
export function configUnder(
	config: ReadonlyMap<string, string>,
	names: readonly WhatIf[],
): ReadonlyMap<string, string> {
	const unset = names.flatMap((name) => UNSET[name] ?? []);
	if (!unset.some((symbol) => config.has(symbol))) return config;
	const changed = new Map(config);
	for (const symbol of unset) changed.delete(symbol);
	return changed;
}

/** What `configUnder` takes away. */
export function takenFromConfig(
	config: ReadonlyMap<string, string>,
	names: readonly WhatIf[],
): readonly Taken<never>[] {
	return names.flatMap((whatIf) =>
		(UNSET[whatIf] ?? [])
			.filter((symbol) => (config.get(symbol) ?? 'n') !== 'n')
			.map((symbol) => ({ whatIf, what: `${symbol} is not set`, place: null })),
	);
}

/** The phrases of several, for a message. */
export function phraseOf(names: readonly WhatIf[]): string {
	return names.map((name) => WHAT_IF_WORDS[name].phrase).join(' and ');
}

/** A run's id that says in which world it is to be replayed: `no-recheck+no-ipi!3.1.zap:0*5`. */
export function variedId(id: string, names: readonly WhatIf[]): string {
	return names.length === 0 ? id : `${names.join('+')}!${id}`;
}

/** The other way round; a name nobody knows leaves the id as it is. */
export function readVariedId(id: string): {
	readonly id: string;
	readonly names: readonly WhatIf[];
} {
	const [head = '', ...rest] = id.split('!');
	if (rest.length === 0) return { id, names: [] };
	const names = head.split('+').map(whatIfNamed);
	if (names.some((name) => name === null)) return { id, names: [] };
	return { id: rest.join('!'), names: names.filter((name) => name !== null) };
}

/** The what-if of that name, or null. */
export function whatIfNamed(name: string): WhatIf | null {
	return WHAT_IF_NAMES.find((known) => known === name) ?? null;
}
