/**
 * Names and values of a world for people: `pte[1]`, `folio#8._refcount`, `pfn 8 present|write`, `&mapping:file`.
 *
 * Invariant: says what cells hold, never what it means for the walk.
 */
import type { Half } from '../../program/op.js';
import { OBJECT_STRIDE, type Program } from '../../program/program.js';
import { GUP_PIN_COUNTING_BIAS } from './foll.js';
import { GHOST_BASE, ghost, WALK } from './ghost.js';
import { isTornAddress } from './halves.js';
import { DIRECT_BASE, frameOfEntry, frameOfPage, LEVELS, OBJECT_BASE } from './layout.js';
import { operationNamed } from './operation.js';
import { printEntry, printHalf } from './print_entry.js';
import { type BuiltWorld, OBJECT_NAMES, objectIndex, TABLE_OF } from './world.js';

/** Prints locations and values of a world for people; the shape engine/trace/narrate.ts asks for. */
export interface WorldLabels {
	/** Cells worth showing, page tables first. */
	readonly locations: readonly number[];
	/** `pte[1]`, `folio#8._refcount`, `mm.write_protect_seq`; null for ghosts and private cells. */
	location(address: number): string | null;
	/** A word as the cell at `address` holds it (null: by itself), or what a half of it shows. */
	value(address: number | null, word: number, half?: Half | null): string;
	/** What an intrinsic does, in the kernel's words; null when it is not worth a step. */
	intrinsic(name: string, args: readonly number[], result: number): string | null;
	/** The lock that an intrinsic took (`delta` 1) or gave back (-1); null: none. */
	lock(
		name: string,
		args: readonly number[],
		result: number,
	): { readonly what: string; readonly delta: 1 | -1 } | null;
	/** Cells that count the references which the walk holds, and on what. */
	readonly references: readonly { readonly address: number; readonly what: string }[];
}

export function labelsOf(program: Program, world: BuiltWorld): WorldLabels {
	const tableName = new Map(LEVELS.map((level) => [TABLE_OF[level], level]));
	const fieldAt = (offset: number): string =>
		program.fields[Math.floor(offset / 8)]?.name ?? `+${offset}`;
	const structName = (frame: number): string => {
		const group = world.groups.get(frame);
		return group && group[0] !== frame ? `page#${frame}` : `folio#${frame}`;
	};
	const pointer = (word: number): string | null => {
		const page = frameOfPage(word);
		if (page !== null) return structName(page);
		if (isTornAddress(word)) return 'an address made of halves of two entries';
		const table = word >= DIRECT_BASE && word < OBJECT_BASE ? frameOfEntry(word) : null;
		if (table !== null)
			return `&${tableName.get(table) ?? `table#${table}`}[${(word % OBJECT_STRIDE) / 8}]`;
		const index = objectIndex(word);
		return index === null ? null : `&${OBJECT_NAMES[index]}`;
	};
	/** A field reached through a NULL pointer: by its name, for its number means nothing to people. */
	const nearNull = (word: number): string | null => {
		if (word < 0 || word >= OBJECT_STRIDE) return null;
		return word === 0 ? 'NULL' : `NULL->${fieldAt(word)}`;
	};
	const location = (address: number): string | null => {
		if (address >= GHOST_BASE) return null;
		if (address < OBJECT_STRIDE) return `NULL->${fieldAt(address)}`;
		const object = objectIndex(address);
		if (object !== null) {
			const name = OBJECT_NAMES[object];
			if (name === 'pages') return `pages[${(address % OBJECT_STRIDE) / 8}]`;
			if (name === 'nr') return '*nr';
			return `${name}.${fieldAt(address % OBJECT_STRIDE)}`;
		}
		const table = frameOfEntry(address);
		if (table !== null && address >= DIRECT_BASE) {
			return `${tableName.get(table) ?? `table#${table}`}[${(address % OBJECT_STRIDE) / 8}]`;
		}
		const page = frameOfPage(address);
		return page === null ? null : `${structName(page)}.${fieldAt(address % OBJECT_STRIDE)}`;
	};
	const value = (address: number | null, word: number, half: Half | null = null): string => {
		if (address === null) return pointer(word) ?? nearNull(word) ?? String(word);
		if (address >= DIRECT_BASE && address < OBJECT_BASE)
			return half === null ? printEntry(word) : printHalf(word, half);
		const name = address < GHOST_BASE ? fieldAt(address % OBJECT_STRIDE) : '';
		if (name === '_refcount') return printCount(word);
		if (name === 'mapping') return printMapping(word, pointer);
		if (name === 'compound_head')
			return word === 0 ? 'none' : `tail of ${pointer(word - 1) ?? word}`;
		return word === 0 ? '0' : (pointer(word) ?? String(word));
	};
	return {
		locations: world.cells
			.map((c) => c.address)
			.filter((a) => worthShowing(location(a)))
			.sort((a, b) => rank(a) - rank(b)),
		location,
		value,
		intrinsic: (name, args) =>
			describeIntrinsic(name, args, { object: (a) => pointer(a) ?? location(a), lock: location }),
		lock: (name, [address], result) => {
			const row = operationNamed(name);
			if (row?.lock === undefined || address === undefined) return null;
			if (row.tries === true && result === 0) return null;
			const what = location(address) ?? pointer(address) ?? 'a lock';
			return { what, delta: row.lock };
		},
		references: [
			...world.frames.map((frame) => ({ address: ghost('held', frame), what: structName(frame) })),
			{ address: ghost('walk', WALK.pagemap), what: 'the pagemap of the device' },
		],
	};
}

/** Locations of the state table: entries, counts, mappings, the fork sequence, the result. */
function worthShowing(label: string | null): boolean {
	return (
		label !== null &&
		/^(p..\[|pages\[|mm\.write_protect_seq)|\.(_refcount|_pincount|mapping|compound_head|PG_anon_exclusive)$/.test(
			label,
		)
	);
}

function rank(address: number): number {
	return address >= DIRECT_BASE && address < OBJECT_BASE ? address - OBJECT_BASE : address;
}

function describeIntrinsic(
	name: string,
	args: readonly number[],
	label: {
		readonly object: (address: number) => string | null;
		readonly lock: (address: number) => string | null;
	},
): string | null {
	return (
		operationNamed(name)?.says?.(args, {
			object: (address) => label.object(address) ?? String(address),
			cell: (address, otherwise) => label.lock(address) ?? otherwise,
		}) ?? null
	);
}

function printCount(count: number): string {
	const pins = Math.floor(count / GUP_PIN_COUNTING_BIAS);
	return pins > 0 && pins < 1000 ? `${count} (${pins} pin${pins > 1 ? 's' : ''})` : String(count);
}

function printMapping(word: number, pointer: (word: number) => string | null): string {
	if (word === 0) return 'NULL';
	const tag = word & 3;
	const target = pointer(word - tag) ?? String(word);
	return tag === 0 ? target : `${target}|${tag === 1 ? 'ANON' : tag === 2 ? 'MOVABLE' : 'KSM'}`;
}
