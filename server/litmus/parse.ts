/**
 * A .litmus file as a litmus program: the shell's parts, the C of its functions through the parser port, and names for
 * the locations they share.
 *
 * Invariant: throws nothing but `LitmusProblem`, whatever the text.
 */
import type {
	Condition,
	LitmusProgram,
	LitmusThread,
} from '../../engine/memory/lkmm/litmus_program.js';
import type * as ast from '../syntax/ast.js';
import { parseFunction } from '../syntax/snippet.js';
import { CallbackList } from './callbacks.js';
import { type Names, parseCondition, parseLocations } from './condition.js';
import { pointee } from './expression_type.js';
import { InitialState } from './initial.js';
import { maskNames, unmaskNames } from './keyword_names.js';
import { LocalMemory } from './local_memory.js';
import { LocationTable } from './location_table.js';
import { lowerFunction } from './lower_function.js';
import type { LoweringContext } from './lowering_context.js';
import { LitmusProblem, placeOf } from './problem.js';
import { type LitmusFunction, type LitmusShell, splitShell } from './shell.js';
import { TypeTable } from './types.js';

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
	const types = new TypeTable(shell.declarations);
	const locations = new LocationTable();
	const registers = threads.map(() => new Map<string, number>());
	const initial = new InitialState(shell.initial, types, locations);
	const definitions = new Map(shell.functions.map((f) => [f.name, define(f)] as const));
	const callbacks = new CallbackList(locations);
	let counter = 0;
	const contextOf = (f: LitmusFunction, memory: LocalMemory): LoweringContext => {
		const offset = offsetOf(f);
		return {
			types,
			isDefinition: false,
			callbacks,
			memory,
			offset,
			site: (inText) => placeOf(text, offset(inText)),
			fresh: () => counter++,
			lengthOf: () => null,
			helper: (name) => {
				const found = shell.functions.find((other) => other.name === name && !/^P\d+$/.test(name));
				const definition = definitions.get(name);
				return found === undefined || definition === undefined
					? null
					: { definition, context: contextOf(found, memory) };
			},
		};
	};
	const parsed = threads.map((f, thread) => ({
		name: f.name,
		definition: definitions.get(f.name) as ast.FunctionDefinition,
		context: contextOf(f, new LocalMemory(thread, locations)),
	}));
	for (const { definition, context } of parsed) declareParameters(definition, context, locations);
	initial.assign(locations, registers);
	const made = parsed.map(({ name, definition, context }, index): LitmusThread => {
		const own = registers[index] as Map<string, number>;
		const given = new Set(own.keys());
		const lengthOf = (parameter: string): number | null => {
			const isObject = definition.parameters.some((p) => p.name === parameter);
			const type = isObject && !given.has(parameter) ? locations.typeOf(parameter) : null;
			return type === null ? null : type.kind === 'array' ? type.length : 1;
		};
		for (const parameter of definition.parameters) {
			if (parameter.name !== null && !own.has(parameter.name))
				own.set(parameter.name, locations.address(parameter.name, context.offset(parameter.start)));
		}
		return { name, registers: own, body: lowerFunction(definition, { ...context, lengthOf }) };
	});
	const called = callbacks.threads();
	const names: Names = {
		location: (name, at) => ({ kind: 'location', location: locations.find(name, at) }),
		local: (thread, name) => locations.known(`${thread}:${name}`),
		address: (name, at) => types.enumerator(name) ?? locations.address(name, at),
		hasThread: (thread) => thread < threads.length,
	};
	const filter: Condition | null =
		shell.filter === null ? null : parseCondition(shell.filter, names);
	const condition = parseCondition(shell.condition, names);
	const observed = shell.locations === null ? [] : parseLocations(shell.locations, names);
	const program: LitmusProgram = {
		name: shell.name,
		locations: locations.all(),
		threads: [...made, ...called],
		filter: callbacks.filter(made.length, filter),
		settled: callbacks.filter(made.length, null),
		quantifier: shell.quantifier,
		condition,
		observed,
	};
	const functions = shell.functions.map((f): ParsedFunction => {
		const definition = definitions.get(f.name) as ast.FunctionDefinition;
		return { name: f.name, definition, offset: offsetOf(f) };
	});
	return { program, shell, functions };
}

/** From an offset in a function's parsed text to one in the file. */
function offsetOf(f: LitmusFunction): (inText: number) => number {
	return (inText) => f.offset + inText - RETURN_TYPE.length;
}

function define(f: LitmusFunction): ast.FunctionDefinition {
	const typed = /^\s*P\d+\s*\(/.test(f.text) ? RETURN_TYPE : ' '.repeat(RETURN_TYPE.length);
	const masked = maskNames(f.text);
	const definition = parseFunction(typed + masked.text);
	if (definition === null) throw new LitmusProblem(`${f.name} is not a C function`, f.offset);
	if (definition.broken !== null)
		throw new LitmusProblem(`${f.name}: ${definition.broken}`, f.offset);
	return unmaskNames(definition, masked);
}

/** Parameters of threads are the addresses of objects of those names. */
function declareParameters(
	definition: ast.FunctionDefinition,
	context: LoweringContext,
	locations: LocationTable,
): void {
	for (const { name, type, start } of definition.parameters) {
		const at = context.offset(start);
		const pointed = pointee(context.types.typeOf(type, at));
		if (name !== null && pointed !== null) locations.declare(name, pointed, at);
	}
}
