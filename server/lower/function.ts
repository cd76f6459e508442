/** One definition to one function of a program. */
import { type FinishedFunction, functionBuilder } from '../../engine/program/builder.js';
import type { FunctionIndex, Op, RegisterIndex, SiteIndex } from '../../engine/program/op.js';
import { calleesOf } from '../../engine/program/reach.js';

import { placeWaitingJumps } from './cleanup.js';
import {
	type FunctionState,
	NeedsMemory,
	type Note,
	type Piece,
	type ProgramState,
	type Signature,
	siteOf,
	Unlowerable,
} from './context.js';
import { scalarSlot } from './entry_copy.js';
import { activeLength } from './has_effect.js';
import { mentionedIn } from './mentions.js';
import type { DefinedFunction } from './names.js';
import { slotAddress, writePlace } from './place.js';
import { lowerStatement } from './statement.js';
import { objectOf } from './struct_layout.js';
import { decayed, resolveTypeName } from './type_names.js';
import { questionsOf } from './type_questions.js';
import { accessType, type CType, voidType } from './types.js';
import { refuseUndeclared } from './undeclared.js';

export interface LoweredFunction {
	readonly finished: FinishedFunction;
	readonly site: SiteIndex;
	readonly signature: Signature;
	/** Parameter types as written. */
	readonly parameterTypes: readonly string[];
	/** Notes whose op survived. */
	readonly unsupported: readonly Note[];
	readonly assumptions: readonly Note[];
}

/** Locals of one function that may turn out to need memory. */
const restartsMax = 500;

export function signatureOf(program: ProgramState, definition: DefinedFunction): Signature {
	const state = freshState(program, new Set());
	const piece = pieceOf(definition);
	const questions = questionsOf(state, piece);
	return {
		returns: decayed(resolveTypeName(definition.syntax.returns, definition.unit, questions)),
		parameters: definition.syntax.parameters.map((p) => ({
			name: p.name,
			type: decayed(resolveTypeName(p.type, definition.unit, questions)),
		})),
	};
}

export function lowerFunction(program: ProgramState, definition: DefinedFunction): LoweredFunction {
	const inMemory = new Set<number>();
	for (let restarts = 0; restarts < restartsMax; restarts++) {
		try {
			return lowerOnce(program, definition, inMemory);
		} catch (problem) {
			if (!(problem instanceof NeedsMemory)) throw problem;
			inMemory.add(problem.ordinal);
		}
	}
	throw new Error('locals keep moving to memory');
}

function lowerOnce(
	program: ProgramState,
	definition: DefinedFunction,
	inMemory: Set<number>,
): LoweredFunction {
	const { syntax } = definition;
	const signature = program.signature(definition);
	const fresh = { ...freshState(program, inMemory), returns: signature.returns };
	const parameters = signature.parameters.map((p) => fresh.builder.register(p.name));
	const isStruct = signature.returns.kind === 'struct';
	const hidden = isStruct ? fresh.builder.register(RESULT) : null;
	const result = hidden === null ? null : { kind: 'register' as const, register: hidden };
	const state: FunctionState = { ...fresh, result };
	const piece = pieceOf(definition);
	const site = siteOf(state, piece, syntax.nameSpan);
	refuseActiveLengths(state, piece, syntax);
	refuseUnknownTypes(state, piece, { signature, syntax });
	bindParameters(state, piece, { signature, registers: parameters }, site);
	lowerStatement(state, piece, syntax.body);
	const end = siteOf(state, piece, { start: syntax.end - 1, end: syntax.end });
	if (state.builder.fallsThrough()) state.builder.emit({ kind: 'return', value: null }, end);
	placeWaitingJumps(state);
	for (const [name, known] of state.labels) {
		if (known.placed) continue;
		state.builder.place(known.label);
		const reason = `label ${name} is not there, or stands in something that is not understood`;
		state.unsupported.push({ at: state.builder.emitted(), text: reason, site });
		state.builder.emit({ kind: 'unsupported', reason }, site);
	}
	const finished = state.builder.finish({
		parameters: signature.parameters.length + (isStruct ? 1 : 0),
	});
	const kept = new Set(finished.origins);
	return {
		finished: { ...finished, ops: withMentions(state, piece, finished.ops) },
		site,
		signature,
		parameterTypes: syntax.parameters.map((p) => writtenType(piece.text, p)),
		unsupported: state.unsupported.filter((n) => kept.has(n.at)),
		assumptions: state.assumptions.filter((n) => finished.origins.some((at) => at >= n.at)),
	};
}

/**
 * Names, in the places of what could not be lowered, all that the function's text may call: what stands behind such a
 * place is not reached, and is the function's all the same.
 */
function withMentions(state: FunctionState, piece: Piece, ops: readonly Op[]): readonly Op[] {
	if (piece.unit.origin !== 'walk' || !ops.some((op) => op.kind === 'unsupported')) return ops;
	const { names, demand } = state.program;
	const mentions = mentionedIn(names, piece.unit, piece.text).map(demand) as FunctionIndex[];
	return ops.map((op) => (op.kind === 'unsupported' ? { ...op, mentions } : op));
}

/** C evaluates the lengths of arrays where they are declared or named, those of parameters when the function is called. */
function refuseActiveLengths(
	state: FunctionState,
	piece: Piece,
	{ parameters, body, nameSpan }: DefinedFunction['syntax'],
): void {
	const active = activeLength(parameters) ?? activeLength(body);
	if (active === null) return;
	const reason = 'the length of an array does something';
	const site = siteOf(state, piece, active === 'typeof' ? nameSpan : active);
	state.unsupported.push({ at: state.builder.emitted(), text: reason, site });
	state.builder.emit({ kind: 'unsupported', reason }, site);
}

/** How wide what is given or given back is, is not known. */
function refuseUnknownTypes(
	state: FunctionState,
	piece: Piece,
	{
		signature,
		syntax,
	}: { readonly signature: Signature; readonly syntax: DefinedFunction['syntax'] },
): void {
	try {
		refuseUndeclared(state, piece, signature.returns, syntax.nameSpan);
		for (const [index, { type }] of signature.parameters.entries())
			refuseUndeclared(state, piece, type, syntax.parameters[index] ?? syntax.nameSpan);
	} catch (problem) {
		if (!(problem instanceof Unlowerable)) throw problem;
		const site = siteOf(state, piece, problem.span ?? syntax.nameSpan);
		state.unsupported.push({ at: state.builder.emitted(), text: problem.message, site });
		state.builder.emit({ kind: 'unsupported', reason: problem.message }, site);
	}
}

function bindParameters(
	state: FunctionState,
	piece: Piece,
	{
		signature,
		registers,
	}: { readonly signature: Signature; readonly registers: readonly RegisterIndex[] },
	site: SiteIndex,
): void {
	for (const [index, parameter] of signature.parameters.entries()) {
		const register = registers[index];
		if (register === undefined) continue;
		const ordinal = state.declared++;
		const { name, type } = parameter;
		if (name === null) continue;
		if (type.kind === 'struct') {
			bindStruct(state, piece, { name, type, register }, site);
			continue;
		}
		if (!state.inMemory.has(ordinal)) {
			piece.scope.names.set(name, { kind: 'register', register, type, ordinal });
			continue;
		}
		const slot = scalarSlot(state, { name, type }, site);
		piece.scope.names.set(name, { kind: 'memory', slot, type });
		const address = state.builder.register(null);
		state.builder.emit({ kind: 'frame-address', dst: address, slot }, site);
		const value = { kind: 'register' as const, register };
		state.builder.emit(
			{
				kind: 'store',
				address: { kind: 'register', register: address },
				value,
				order: 'plain',
				...accessType(type),
			},
			site,
		);
	}
}

/** A parameter that is a struct: a copy of what the caller's address leads to. */
function bindStruct(
	state: FunctionState,
	piece: Piece,
	parameter: { readonly name: string; readonly type: CType; readonly register: RegisterIndex },
	site: SiteIndex,
): void {
	const { name, type, register } = parameter;
	try {
		const { size, cells } = objectOf(state, type);
		const slot = state.builder.object(name, { size, cells: cells() });
		const address = slotAddress(state, slot, site);
		const given = { operand: { kind: 'register' as const, register }, type };
		writePlace(state, { kind: 'memory', address, type }, given, site);
		piece.scope.names.set(name, { kind: 'memory', slot, type });
	} catch (problem) {
		if (!(problem instanceof Unlowerable)) throw problem;
		state.unsupported.push({ at: state.builder.emitted(), text: problem.message, site });
		state.builder.emit({ kind: 'unsupported', reason: problem.message }, site);
	}
}

/** Name of the register that says where a struct goes that is returned. */
const RESULT = '(result)';

function pieceOf(definition: DefinedFunction): Piece {
	const { unit, item, text, map } = definition;
	return {
		unit,
		text,
		map,
		base: item.start,
		site: null,
		scope: { names: new Map(), outer: null },
		expanding: [],
	};
}

function freshState(program: ProgramState, inMemory: Set<number>): FunctionState {
	return {
		program,
		builder: functionBuilder(),
		returns: voidType,
		result: null,
		inMemory,
		declared: 0,
		folding: 0,
		bound: new WeakSet(),
		work: 0,
		labels: new Map(),
		breaks: null,
		continues: null,
		cleanups: null,
		waiting: [],
		switching: null,
		unsupported: [],
		assumptions: [],
	};
}

/** `struct page **` out of `struct page **pages`. */
function writtenType(
	text: string,
	parameter: { start: number; end: number; name: string | null },
): string {
	const written = text.slice(parameter.start, parameter.end);
	// its name is the last word of that spelling
	const last = [...written.matchAll(/\w+/g)].findLast(([word]) => word === parameter.name);
	const bare =
		last === undefined
			? written
			: written.slice(0, last.index) + written.slice(last.index + last[0].length);
	return bare
		.replace(/\s+/g, ' ')
		.replace(/\* (?=\*)/g, '*')
		.replace(/(\w)\*/g, '$1 *')
		.replace(/\[\s*\]/, ' *')
		.replace(/ +/g, ' ')
		.trim();
}

/** Functions that ops may enter. */
export function calleesOfAll(ops: readonly Op[]): readonly number[] {
	return ops.flatMap(calleesOf);
}
