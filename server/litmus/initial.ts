/**
 * The initial state of a litmus test: `int *x = &a; y=1; 0:r1=x; int z[2] = {1,2}; struct foo s = { .next = &z };`.
 */
import { shortened } from '../../engine/base/shortened.js';
import { type LocationIndex, locationAddress } from '../../engine/memory/lkmm/litmus_program.js';
import { parseExpression } from '../syntax/snippet.js';
import type { LocationTable } from './location_table.js';
import { exactNumber } from './number.js';
import { LitmusProblem } from './problem.js';
import type { Part } from './shell.js';
import { type LitmusType, partOf, type TypeTable, WORD } from './types.js';

/** What stands before the `=`, with its blanks collapsed: a type's words and stars, `0:`, a name, an array's size. */
const ENTRY =
	/^(?<declared>(?:struct )?[A-Za-z_]\w*(?: [A-Za-z_]\w*)*?[ *][ *]*)?(?:(?<thread>\d+) ?: ?)?\[?(?<name>[A-Za-z_]\w*(?:\.\w+|\[\d+\]\.\w+)*)\]? ?(?<array>\[ ?\d* ?\])?$/;
/** Characters of it at most: a longer one is not understood, and looking at it in all ways would take long. */
const ENTRY_MAX = 400;

interface Entry {
	readonly at: number;
	readonly type: LitmusType | null;
	readonly thread: number | null;
	readonly name: string;
	readonly value: string | null;
}

/** An initial state that has been read, but not been assigned yet. */
export class InitialState {
	readonly #entries: readonly Entry[];
	readonly #types: TypeTable;

	/** Declares what has a type; throws LitmusProblem. */
	constructor(part: Part, types: TypeTable, locations: LocationTable) {
		const entries: Entry[] = [];
		let offset = part.offset;
		for (const text of part.text.split(';')) {
			const at = offset + (text.length - text.trimStart().length);
			offset += text.length + 1;
			if (text.trim() !== '') entries.push(readEntry(text, types, at));
		}
		for (const { type, name, at } of entries) if (type !== null) locations.declare(name, type, at);
		this.#entries = entries;
		this.#types = types;
	}

	/** Gives locations and registers their values. */
	assign(locations: LocationTable, registers: readonly Map<string, number>[]): void {
		const names: Names = { locations, types: this.#types };
		// All names first, so that the order of locations is that of the text.
		for (const { thread, name, at } of this.#entries) if (thread === null) locations.find(name, at);
		for (const { thread, name, value, at } of this.#entries) {
			if (thread !== null) {
				const own = registers[thread];
				if (own === undefined) throw new LitmusProblem(`there is no P${thread}`, at);
				own.set(name, initialValue(value ?? '0', names, at));
			} else if (value !== null) {
				const base = locations.find(name, at);
				fill(names, { base, type: locations.typeOf(name) ?? WORD, value, at });
			}
		}
	}
}

function readEntry(text: string, types: TypeTable, at: number): Entry {
	const equals = text.indexOf('=');
	const head = (equals < 0 ? text : text.slice(0, equals)).trim().replace(/\s+/g, ' ');
	const found = head.length > ENTRY_MAX ? undefined : ENTRY.exec(head)?.groups;
	const value = equals < 0 ? null : text.slice(equals + 1).trim();
	if (found === undefined || value === '')
		throw new LitmusProblem(`initial state "${shortened(text.trim())}" is not understood`, at);
	const name = found['name'] as string;
	const declared = found['declared'];
	const thread = found['thread'] === undefined ? null : Number(found['thread']);
	const array = found['array'];
	if (declared === undefined && array !== undefined && /\d/.test(array) && value?.[0] !== '{')
		return { at, type: null, thread, name: name + array.replace(/\s/g, ''), value };
	let type: LitmusType | null = declared === undefined ? null : types.named(declared, at);
	if (array !== undefined) {
		const given = value?.split(',').length ?? 0;
		const length = Math.max(1, Number(/\d+/.exec(array)?.[0] ?? given));
		type = { kind: 'array', of: type ?? WORD, length };
	}
	return { at, type: thread === null ? type : null, thread, name, value };
}

/** What names in values stand for. */
interface Names {
	readonly locations: LocationTable;
	readonly types: TypeTable;
}

interface Filling {
	readonly base: number;
	readonly type: LitmusType;
	readonly value: string;
	readonly at: number;
}

/** Writes an initialiser into an object. */
function fill(names: Names, { base, type, value, at }: Filling): void {
	if (type.kind !== 'struct' && type.kind !== 'array') {
		names.locations.set(base as LocationIndex, initialValue(value, names, at));
		return;
	}
	// Nothing, or a macro that stands for an object's state at rest.
	const short = value.replace(/\s+/g, ' ');
	if (/^\{ ?0? ?\}$/.test(short)) return;
	const macro = /^([A-Z_]+) ?(?:\( ?\w* ?\))?$/.exec(short)?.[1] ?? '';
	if (macro.includes('INIT') || macro.includes('UNLOCKED')) return;
	const prefix = /^\s*\(/.test(value) ? '' : '(int[])';
	const whole = prefix + value;
	const parsed = parseExpression(whole);
	const list = parsed?.kind === 'compound-literal' ? parsed.initialiser : null;
	if (list?.kind !== 'initialiser-list')
		throw new LitmusProblem(`initial value "${shortened(value)}" is not understood`, at);
	let position = 0;
	for (const element of list.elements) {
		const part = partOf(type, element, position);
		if (part === null)
			throw new LitmusProblem(`initial value "${shortened(value)}" does not fit its object`, at);
		position = part.position + 1;
		const text = whole.slice(element.value.start, element.value.end);
		fill(names, { base: base + part.offset, type: part.type, value: text, at });
	}
}

function initialValue(text: string, names: Names, at: number): number {
	const collapsed = text.trim().replace(/\s+/g, ' ');
	const plain = collapsed.replace(/^\( ?[A-Za-z_][\w ]*\** ?\)/, '').trim();
	if (/^[-+]?(0x[0-9a-fA-F]+|\d+)$/.test(plain)) return exactNumber(plain, at);
	if (isAtRest(plain) || plain === 'NULL') return 0;
	const wrapped = /^[A-Z_]+ ?\(([^()]*)\)$/.exec(plain);
	if (wrapped !== null) return initialValue(wrapped[1] ?? '0', names, at);
	if (/^\{[^{}]*\}$/.test(plain)) {
		const inner = plain.slice(1, -1).trim();
		return inner === '' ? 0 : initialValue(inner, names, at);
	}
	const name = /^&?\s*([A-Za-z_]\w*(?:\.\w+|\[\d+\])*)$/.exec(plain)?.[1];
	if (name === undefined)
		throw new LitmusProblem(`initial value "${shortened(plain)}" is not understood`, at);
	const enumerator = plain.startsWith('&') ? null : names.types.enumerator(name);
	return enumerator ?? locationAddress(names.locations.find(name, at));
}

/** A macro that stands for a lock nobody holds: `__SPIN_LOCK_UNLOCKED(x)`. */
function isAtRest(plain: string): boolean {
	const macro = /^(\w+)(?:\(.*\))?$/.exec(plain)?.[1] ?? '';
	const word = /(?:SPIN_LOCK|RW_LOCK|RWSEM|MUTEX|SEQ|SRCU)/.exec(macro);
	return word !== null && /^[A-Z_]*$/.test(macro.slice(word.index));
}
