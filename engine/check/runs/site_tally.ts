/**
 * Adds runs up per source site. An access inside a primitive counts at the call of it in the walk; an access inside a
 * function of the checked file counts there and at the calls that lead to it, two levels up.
 */

import type { MachineEvent, StackFrame } from '../../memory/thread/event.js';
import { GHOST_BASE } from '../../mm/model/ghost.js';
import type { WorldLabels } from '../../mm/model/labels.js';
import type { SectionKind, SiteIndex } from '../../program/op.js';
import type { Program } from '../../program/program.js';
import type { RecheckFact, SiteFacts, WriterFact } from '../site_facts.js';

/** One event of a run: who, where, what. */
export interface RunEvent {
	readonly thread: number;
	readonly event: MachineEvent;
	readonly frames: readonly StackFrame[];
}

const VALUES_MAX = 8;
const LEVELS_UP = 2;
const SECTIONS: readonly SectionKind[] = ['irq', 'rcu', 'preempt'];

interface Tally {
	readonly site: SiteIndex;
	readonly function: string;
	readonly kinds: Set<SiteFacts['kinds'][number]>;
	readonly locations: Set<string>;
	readonly values: Set<string>;
	visits: number;
	referenced: number;
	/** Of those, at the first visit of a run. */
	referencedFirst: number;
	/** References taken and given back. */
	taken: number;
	dropped: number;
	readonly sections: Map<SectionKind, number>;
	readonly writers: Map<string, { -readonly [K in keyof WriterFact]: WriterFact[K] }>;
	readonly rechecks: Map<SiteIndex, { -readonly [K in keyof RecheckFact]: RecheckFact[K] }>;
}

/** What a run's events mean. */
export interface RunContext {
	readonly labels: WorldLabels;
	readonly actor: string | null;
	readonly handedOut: boolean;
	/** References on the folio that the caller holds. */
	readonly held: number;
}

interface Access {
	readonly index: number;
	readonly address: number;
	readonly value: number;
	readonly sites: readonly SiteIndex[];
	readonly loads: boolean;
}

interface Write {
	readonly index: number;
	readonly site: SiteIndex;
	readonly location: string;
	readonly wrote: string;
}

/** A site that changes nothing but counts of folios, in one direction. */
function countsOf(t: Tally): SiteFacts['counts'] {
	const isOther = t.kinds.has('store') || t.kinds.has('section');
	if (isOther || t.taken + t.dropped === 0) return null;
	if (t.dropped === 0) return 'takes';
	return t.taken === 0 ? 'drops' : null;
}

function referenceOf(t: Tally): SiteFacts['reference'] {
	if (t.referenced === 0) return 'never';
	if (t.referenced === t.visits) return 'always';
	return t.referencedFirst === 0 ? 'later' : 'sometimes';
}

export class SiteTally {
	private readonly program: Program;
	private readonly path: string;
	private readonly compared: ReadonlySet<SiteIndex>;
	private readonly tallies = new Map<SiteIndex, Tally>();

	/** `compared`: sites at which something is read to be compared. */
	constructor(program: Program, path: string, compared: ReadonlySet<SiteIndex>) {
		this.program = program;
		this.path = path;
		this.compared = compared;
	}

	/** Counts one complete run. */
	add(run: readonly RunEvent[], context: RunContext): void {
		const accesses: Access[] = [];
		const writes = new Map<number, Write[]>();
		const depth = new Map<SectionKind, number>();
		let { held } = context;
		const met = new Set<SiteIndex>();
		run.forEach(({ thread, event, frames }, index) => {
			if (thread !== 0) {
				this.note(writes, { index, event, frames, context });
				return;
			}
			if (event.kind === 'section') depth.set(event.section, event.depth);
			const before = held;
			if (event.kind === 'rmw' && context.labels.location(event.address)?.endsWith('._refcount'))
				held += event.value - event.old;
			const access = this.visit(index, event, frames, context);
			if (access === null) return;
			accesses.push(access);
			for (const site of access.sites) {
				const tally = this.tallies.get(site) as Tally;
				if (before > 0) {
					tally.referenced++;
					if (!met.has(site)) tally.referencedFirst++;
				}
				met.add(site);
				for (const kind of SECTIONS)
					if ((depth.get(kind) ?? 0) > 0)
						tally.sections.set(kind, (tally.sections.get(kind) ?? 0) + 1);
			}
		});
		for (const access of accesses) this.race(access, writes.get(access.address) ?? [], context);
		this.compare(accesses, context);
	}

	/** The facts of all sites met. */
	facts(): readonly SiteFacts[] {
		return [...this.tallies.values()].map((t) => ({
			site: t.site,
			function: t.function,
			kinds: [...t.kinds],
			locations: [...t.locations],
			values: [...t.values],
			visits: t.visits,
			sections: SECTIONS.filter((kind) => t.visits > 0 && t.sections.get(kind) === t.visits),
			reference: referenceOf(t),
			counts: countsOf(t),
			writers: [...t.writers.values()],
			rechecks: [...t.rechecks.values()],
			taken: null,
		}));
	}

	private note(
		writes: Map<number, Write[]>,
		at: {
			readonly index: number;
			readonly event: MachineEvent;
			readonly frames: readonly StackFrame[];
			readonly context: RunContext;
		},
	): void {
		const { event, frames, context } = at;
		if ((event.kind !== 'store' && event.kind !== 'rmw') || (event.kind === 'rmw' && !event.stored))
			return;
		const location = event.address < GHOST_BASE ? context.labels.location(event.address) : null;
		const frame = frames.find((f) => this.program.functions[f.function]?.origin === 'actor');
		if (location === null || frame === undefined) return;
		const list = writes.get(event.address) ?? [];
		list.push({
			index: at.index,
			site: frame.site,
			location,
			wrote: context.labels.value(event.address, event.value),
		});
		writes.set(event.address, list);
	}

	private visit(
		index: number,
		event: MachineEvent,
		frames: readonly StackFrame[],
		context: RunContext,
	): Access | null {
		if (
			event.kind !== 'load' &&
			event.kind !== 'store' &&
			event.kind !== 'rmw' &&
			event.kind !== 'section' &&
			event.kind !== 'fence'
		)
			return null;
		const address = 'address' in event ? event.address : -1;
		const location = address >= 0 && address < GHOST_BASE ? context.labels.location(address) : null;
		if (address >= 0 && location === null) return null;
		const sites = this.sitesOf(frames);
		const value =
			event.kind === 'load' || event.kind === 'store'
				? event.value
				: event.kind === 'rmw'
					? event.old
					: 0;
		for (const { site, name } of sites) {
			const tally = this.tallyOf(site, name);
			tally.visits++;
			tally.kinds.add(event.kind);
			if (location === null) continue;
			if (event.kind === 'rmw' && event.stored && location.endsWith('._refcount')) {
				if (event.value > event.old) tally.taken++;
				else tally.dropped++;
			}
			tally.locations.add(location);
			if (tally.values.size < VALUES_MAX) tally.values.add(context.labels.value(address, value));
		}
		return sites.length === 0
			? null
			: { index, address, value, sites: sites.map((s) => s.site), loads: event.kind === 'load' };
	}

	/** Sites of an access: innermost walk text, and the calls in the checked file that lead to it. */
	private sitesOf(
		frames: readonly StackFrame[],
	): readonly { readonly site: SiteIndex; readonly name: string }[] {
		const list: { site: SiteIndex; name: string }[] = [];
		let inFile = 0;
		for (const frame of frames) {
			const fn = this.program.functions[frame.function];
			if (fn?.origin !== 'walk') continue;
			list.push({ site: frame.site, name: fn.name });
			if (fn.path === this.path && ++inFile > LEVELS_UP) break;
		}
		return list;
	}

	private tallyOf(site: SiteIndex, name: string): Tally {
		const known = this.tallies.get(site);
		if (known !== undefined) return known;
		const made: Tally = {
			site,
			function: name,
			kinds: new Set(),
			locations: new Set(),
			values: new Set(),
			visits: 0,
			referenced: 0,
			referencedFirst: 0,
			taken: 0,
			dropped: 0,
			sections: new Map(),
			writers: new Map(),
			rechecks: new Map(),
		};
		this.tallies.set(site, made);
		return made;
	}

	private race(access: Access, writes: readonly Write[], context: RunContext): void {
		for (const write of writes) {
			for (const site of access.sites) {
				const tally = this.tallies.get(site) as Tally;
				const key = `${context.actor} ${write.site} ${write.location}`;
				const fact = tally.writers.get(key) ?? {
					actor: context.actor ?? '',
					site: write.site,
					location: write.location,
					wrote: write.wrote,
					after: 0,
					before: 0,
				};
				if (write.index > access.index) fact.after++;
				else fact.before++;
				tally.writers.set(key, fact);
			}
		}
	}

	/** Pairs each load with the next load of the same location at another site that reads to compare. */
	private compare(accesses: readonly Access[], context: RunContext): void {
		accesses.forEach((first, i) => {
			if (!first.loads) return;
			for (const second of accesses.slice(i + 1)) {
				if (!second.loads || second.address !== first.address || second.sites[0] === first.sites[0])
					continue;
				if (!second.sites.some((site) => this.compared.has(site))) continue;
				const tally = this.tallies.get(first.sites[0] as SiteIndex) as Tally;
				const site = second.sites[0] as SiteIndex;
				const fact = tally.rechecks.get(site) ?? { site, same: 0, differed: 0, rejected: 0 };
				if (second.value === first.value) fact.same++;
				else {
					fact.differed++;
					if (!context.handedOut) fact.rejected++;
				}
				tally.rechecks.set(site, fact);
				break;
			}
		});
	}
}
