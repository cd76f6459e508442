/**
 * A .litmus file as a litmus program: the shell's parts, the C of its functions through the parser port, and names for
 * the locations they share.
 *
 * Invariant: throws nothing but `LitmusProblem`, whatever the text.
 */
import {
	type Condition,
	type LitmusLocation,
	type LitmusProgram,
	type LitmusThread,
	type LocationIndex,
	locationAddress,
} from '../../engine/memory/litmus_program.js';
import type * as ast from '../syntax/ast.js';
import { parseFunction } from '../syntax/snippet.js';
import { type Names, parseCondition, parseLocations } from './condition.js';
import { type LoweringContext, lowerFunction } from './lower_function.js';
import { LitmusProblem, placeOf } from './problem.js';
import { type LitmusFunction, type LitmusShell, type Part, splitShell } from './shell.js';

/** A parsed test with what its comments promise. */
export interface LitmusTest {
	readonly program: LitmusProgram;
	readonly shell: LitmusShell;
	/** The parsed functions, threads and helpers. */
	readonly functions: readonly ParsedFunction[];
}

export interface ParsedFunction {
	readonly name: string;
	readonly definition: ast.FunctionDefinition;
	/** Offset in the file of an offset in the definition's text. */
	offset(inText: number): number;
}

/** Put before functions that have no return type, to make them C. */
const RETURN_TYPE = 'void ';

/** Parses a file; throws LitmusProblem. */
export function parseLitmus(text: string): LitmusTest {
	const shell = splitShell(text);
	const threads = shell.functions.filter((f) => /^P\d+$/.test(f.name));
	threads.sort((a, b) => Number(a.name.slice(1)) - Number(b.name.slice(1)));
	threads.forEach((f, i) => {
		if (f.name !== `P${i}`) throw new LitmusProblem(`${f.name} without P${i}`, f.offset);
	});
	const locations = new LocationTable();
	const registers = threads.map(() => new Map<string, number>());
	readInitial(shell.initial, locations, registers);
	const definitions = new Map(shell.functions.map((f) => [f.name, define(f)] as const));
	let counter = 0;
	const contextOf = (f: LitmusFunction): LoweringContext => {
		const offset = (inText: number): number => f.offset + inText - RETURN_TYPE.length;
		return {
			offset,
			site: (inText) => placeOf(text, offset(inText)),
			fresh: () => counter++,
			helper: (name) => {
				const found = shell.functions.find((other) => other.name === name && !/^P\d+$/.test(name));
				const definition = definitions.get(name);
				return found === undefined || definition === undefined
					? null
					: { definition, context: contextOf(found) };
			},
		};
	};
	const made = threads.map((f, index): LitmusThread => {
		const definition = definitions.get(f.name) as ast.FunctionDefinition;
		const own = registers[index] as Map<string, number>;
		for (const parameter of definition.parameters) {
			if (parameter.name !== null && !own.has(parameter.name)) {
				own.set(parameter.name, locationAddress(locations.find(parameter.name)));
			}
		}
		return { name: f.name, registers: own, body: lowerFunction(definition, contextOf(f)) };
	});
	const names: Names = {
		location: (name) => ({ kind: 'location', location: locations.find(name) }),
		address: (name) => locationAddress(locations.find(name)),
		hasThread: (thread) => thread < threads.length,
	};
	const filter: Condition | null =
		shell.filter === null ? null : parseCondition(shell.filter, names);
	const condition = parseCondition(shell.condition, names);
	const observed = shell.locations === null ? [] : parseLocations(shell.locations, names);
	const program: LitmusProgram = {
		name: shell.name,
		locations: locations.all(),
		threads: made,
		filter,
		quantifier: shell.quantifier,
		condition,
		observed,
	};
	const functions = shell.functions.map((f): ParsedFunction => {
		const definition = definitions.get(f.name) as ast.FunctionDefinition;
		return { name: f.name, definition, offset: contextOf(f).offset };
	});
	return { program, shell, functions };
}

function define(f: LitmusFunction): ast.FunctionDefinition {
	const typed = /^\s*P\d+\s*\(/.test(f.text) ? RETURN_TYPE : ' '.repeat(RETURN_TYPE.length);
	const definition = parseFunction(typed + f.text);
	if (definition === null) throw new LitmusProblem(`${f.name} is not a C function`, f.offset);
	if (definition.broken !== null)
		throw new LitmusProblem(`${f.name}: ${definition.broken}`, f.offset);
	return definition;
}

class LocationTable {
	readonly #index = new Map<string, LocationIndex>();
	readonly #initial: number[] = [];

	/** The location of a name, made with initial value 0 if it is new. */
	find(name: string): LocationIndex {
		const found = this.#index.get(name);
		if (found !== undefined) return found;
		const made = this.#initial.length as LocationIndex;
		this.#index.set(name, made);
		this.#initial.push(0);
		return made;
	}

	set(location: LocationIndex, value: number): void {
		this.#initial[location] = value;
	}

	all(): readonly LitmusLocation[] {
		return [...this.#index].map(([name, i]) => ({ name, initial: this.#initial[i] ?? 0 }));
	}
}

const ENTRY =
	/^\s*(?:(?<type>(?:struct\s+)?[A-Za-z_]\w*(?:\s+[A-Za-z_]\w*)*?[\s*]+?)\s*\**\s*)?(?:(?<thread>\d+)\s*:\s*)?\[?(?<name>[A-Za-z_]\w*)\]?\s*(?<array>\[\s*\d*\s*\])?\s*(?:=\s*(?<value>[\s\S]+?))?\s*$/;

/** `int *x = &a; y=1; 0:r1=x; int z[2] = {1,2};` */
function readInitial(
	part: Part,
	locations: LocationTable,
	registers: readonly Map<string, number>[],
): void {
	let offset = part.offset;
	const assignments: (() => void)[] = [];
	for (const text of part.text.split(';')) {
		const at = offset + (text.length - text.trimStart().length);
		offset += text.length + 1;
		if (text.trim() === '') continue;
		const entry = ENTRY.exec(text)?.groups;
		if (entry === undefined)
			throw new LitmusProblem(`initial state "${text.trim()}" is not understood`, at);
		const name = entry['name'] as string;
		const value = entry['value'];
		if (entry['thread'] !== undefined) {
			const own = registers[Number(entry['thread'])];
			if (own === undefined) throw new LitmusProblem(`there is no P${entry['thread']}`, at);
			assignments.push(() => own.set(name, initialValue(value ?? '0', locations, at)));
			continue;
		}
		const elements = entry['array'] === undefined ? [value] : arrayElements(entry['array'], value);
		elements.forEach((element, i) => {
			// Element 0 has the array's own name, so that the array decays to its address.
			const location = locations.find(i === 0 ? name : `${name}[${i}]`);
			if (element !== undefined)
				assignments.push(() => locations.set(location, initialValue(element, locations, at)));
		});
	}
	for (const assign of assignments) assign();
}

function arrayElements(array: string, value: string | undefined): readonly (string | undefined)[] {
	const given =
		value
			?.replace(/[{}]/g, ' ')
			.split(',')
			.map((v) => v.trim()) ?? [];
	const length = Number(/\d+/.exec(array)?.[0] ?? given.length);
	return Array.from({ length: Math.max(1, length) }, (_, i) =>
		given[i] === '' ? undefined : given[i],
	);
}

function initialValue(text: string, locations: LocationTable, at: number): number {
	const plain = text.replace(/^\s*\(\s*[A-Za-z_][\w\s]*\**\s*\)/, '').trim();
	if (/^[-+]?(0x[0-9a-fA-F]+|\d+)$/.test(plain)) return Number(plain);
	const wrapped = /^[A-Z_]+(?:_INIT|_UNLOCKED)?\s*\(\s*([^()]*)\s*\)$/.exec(plain);
	if (wrapped !== null) return initialValue(wrapped[1] ?? '0', locations, at);
	if (/^\{\s*[^{}]*\}$/.test(plain)) {
		const inner = plain.slice(1, -1).trim();
		return inner === '' ? 0 : initialValue(inner, locations, at);
	}
	if (/^(__)?(SPIN_LOCK|RW_LOCK)[A-Z_]*$/.test(plain) || plain === 'NULL') return 0;
	const name = /^&?\s*([A-Za-z_]\w*)$/.exec(plain)?.[1];
	if (name === undefined) throw new LitmusProblem(`initial value "${plain}" is not understood`, at);
	return locationAddress(locations.find(name));
}
