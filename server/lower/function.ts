/** One definition to one function of a program. */
import { type FinishedFunction, functionBuilder } from '../../engine/program/builder.js';
import type { FunctionIndex, Op, SiteIndex } from '../../engine/program/op.js';
import { calleesOf } from '../../engine/program/reach.js';
import {
	type FunctionState,
	NeedsMemory,
	type Note,
	type Piece,
	type ProgramState,
	type Signature,
	siteOf,
} from './context.js';
import { scalarSlot } from './entry_copy.js';
import { mentionedIn } from './mentions.js';
import type { Definition } from './names.js';
import { lowerStatement } from './statement.js';
import { decayed, resolveTypeName } from './type_names.js';
import { questionsOf } from './type_questions.js';
import { voidType } from './types.js';

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

type FunctionDefinition = Definition & { kind: 'function' };

/** Locals of one function that may turn out to need memory. */
const restartsMax = 500;

export function signatureOf(program: ProgramState, definition: FunctionDefinition): Signature {
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

export function lowerFunction(
	program: ProgramState,
	definition: FunctionDefinition,
): LoweredFunction {
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
	definition: FunctionDefinition,
	inMemory: Set<number>,
): LoweredFunction {
	const { syntax } = definition;
	const signature = program.signature(definition);
	const state = { ...freshState(program, inMemory), returns: signature.returns };
	const piece = pieceOf(definition);
	const site = siteOf(state, piece, syntax.nameSpan);
	bindParameters(state, piece, signature, site);
	lowerStatement(state, piece, syntax.body);
	const end = siteOf(state, piece, { start: syntax.end - 1, end: syntax.end });
	if (state.builder.fallsThrough()) state.builder.emit({ kind: 'return', value: null }, end);
	for (const [name, known] of state.labels) {
		if (known.placed) continue;
		state.builder.place(known.label);
		const reason = `label ${name} is not there, or stands in something that is not understood`;
		state.unsupported.push({ at: state.builder.emitted(), text: reason, site });
		state.builder.emit({ kind: 'unsupported', reason }, site);
	}
	const finished = state.builder.finish({ parameters: signature.parameters.length });
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

function bindParameters(
	state: FunctionState,
	piece: Piece,
	signature: Signature,
	site: SiteIndex,
): void {
	const registers = signature.parameters.map((p) => state.builder.register(p.name));
	for (const [index, parameter] of signature.parameters.entries()) {
		const register = registers[index];
		if (register === undefined) continue;
		const ordinal = state.declared++;
		const { name, type } = parameter;
		if (name === null) continue;
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
			{ kind: 'store', address: { kind: 'register', register: address }, value, order: 'plain' },
			site,
		);
	}
}

function pieceOf(definition: FunctionDefinition): Piece {
	const { unit, item } = definition;
	return {
		unit,
		text: unit.source.preprocessed.text.slice(item.start, item.end),
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
		inMemory,
		declared: 0,
		work: 0,
		labels: new Map(),
		breaks: null,
		continues: null,
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
	const bare =
		parameter.name === null
			? written
			: written.replace(
					new RegExp(`\\b${parameter.name}\\b(?!.*\\b${parameter.name}\\b)`, 's'),
					'',
				);
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
