/**
 * The initial state of a litmus test: `int *x = &a; y=1; 0:r1=x; int z[2] = {1,2}; struct foo s = { .next = &z };`.
 */
import { type LocationIndex, locationAddress } from '../../engine/memory/lkmm/litmus_program.js';
import type * as ast from '../syntax/ast.js';
import { parseExpression } from '../syntax/snippet.js';
import type { LocationTable } from './location_table.js';
import { LitmusProblem } from './problem.js';
import type { Part } from './shell.js';
import { type LitmusType, sizeOf, type TypeTable, WORD } from './types.js';

const ENTRY =
	/^\s*(?<declared>(?:struct\s+)?[A-Za-z_]\w*(?:\s+[A-Za-z_]\w*)*?[\s*]+?\s*\**\s*)?(?:(?<thread>\d+)\s*:\s*)?\[?(?<name>[A-Za-z_]\w*(?:\.\w+|\[\d+\]\.\w+)*)\]?\s*(?<array>\[\s*\d*\s*\])?\s*(?:=\s*(?<value>[\s\S]+?))?\s*$/;

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
	}

	/** Gives locations and registers their values. */
	assign(locations: LocationTable, registers: readonly Map<string, number>[]): void {
		// All names first, so that the order of locations is that of the text.
		for (const { thread, name, at } of this.#entries) if (thread === null) locations.find(name, at);
		for (const { thread, name, value, at } of this.#entries) {
			if (thread !== null) {
				const own = registers[thread];
				if (own === undefined) throw new LitmusProblem(`there is no P${thread}`, at);
				own.set(name, initialValue(value ?? '0', locations, at));
			} else if (value !== null) {
				const base = locations.find(name, at);
				fill(locations, { base, type: locations.typeOf(name) ?? WORD, value, at });
			}
		}
	}
}

function readEntry(text: string, types: TypeTable, at: number): Entry {
	const found = ENTRY.exec(text)?.groups;
	if (found === undefined)
		throw new LitmusProblem(`initial state "${text.trim()}" is not understood`, at);
	const name = found['name'] as string;
	const value = found['value'] ?? null;
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

interface Filling {
	readonly base: number;
	readonly type: LitmusType;
	readonly value: string;
	readonly at: number;
}

/** Writes an initialiser into an object. */
function fill(locations: LocationTable, { base, type, value, at }: Filling): void {
	if (type.kind !== 'struct' && type.kind !== 'array') {
		locations.set(base as LocationIndex, initialValue(value, locations, at));
		return;
	}
	// Nothing, or a macro that stands for an object's state at rest.
	if (/^(\{\s*0?\s*\}|[A-Z_]+(INIT|UNLOCKED)[A-Z_]*\s*(\(\s*\w*\s*\))?)$/.test(value)) return;
	const prefix = /^\s*\(/.test(value) ? '' : '(int[])';
	const whole = prefix + value;
	const parsed = parseExpression(whole);
	const list = parsed?.kind === 'compound-literal' ? parsed.initialiser : null;
	if (list?.kind !== 'initialiser-list')
		throw new LitmusProblem(`initial value "${value}" is not understood`, at);
	let position = 0;
	for (const element of list.elements) {
		const part = partOf(type, element, position);
		if (part === null)
			throw new LitmusProblem(`initial value "${value}" does not fit its object`, at);
		position = part.position + 1;
		const text = whole.slice(element.value.start, element.value.end);
		fill(locations, { base: base + part.offset, type: part.type, value: text, at });
	}
}

/** The part of an object that an element of its initialiser is for. */
function partOf(
	type: Extract<LitmusType, { kind: 'struct' | 'array' }>,
	element: ast.InitialiserElement,
	next: number,
): { readonly offset: number; readonly type: LitmusType; readonly position: number } | null {
	if (type.kind === 'array') {
		const position = element.index?.kind === 'number' ? Number(element.index.text) : next;
		const isInside = element.field === null && position < type.length;
		return isInside ? { offset: position * sizeOf(type.of), type: type.of, position } : null;
	}
	const members = [...type.struct.members];
	const position =
		element.field === null ? next : members.findIndex(([name]) => name === element.field);
	const member = members[position]?.[1];
	return member === undefined || element.index !== null ? null : { ...member, position };
}

function initialValue(text: string, locations: LocationTable, at: number): number {
	const plain = text.replace(/^\s*\(\s*[A-Za-z_][\w\s]*\**\s*\)/, '').trim();
	if (/^[-+]?(0x[0-9a-fA-F]+|\d+)$/.test(plain)) return Number(plain);
	if (/^\w*(SPIN_LOCK|RW_LOCK|MUTEX|SEQ|SRCU)[A-Z_]*(\(.*\))?$/.test(plain) || plain === 'NULL')
		return 0;
	const wrapped = /^[A-Z_]+(?:_INIT|_UNLOCKED)?\s*\(\s*([^()]*)\s*\)$/.exec(plain);
	if (wrapped !== null) return initialValue(wrapped[1] ?? '0', locations, at);
	if (/^\{\s*[^{}]*\}$/.test(plain)) {
		const inner = plain.slice(1, -1).trim();
		return inner === '' ? 0 : initialValue(inner, locations, at);
	}
	const name = /^&?\s*([A-Za-z_]\w*(?:\.\w+|\[\d+\])*)$/.exec(plain)?.[1];
	if (name === undefined) throw new LitmusProblem(`initial value "${plain}" is not understood`, at);
	return locationAddress(locations.find(name, at));
}
