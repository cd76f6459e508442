/**
 * The state of lowering: what is shared by one program, by one function, and by one piece of text inside it (the
 * function itself, a macro's body, an argument that is evaluated inside a macro but belongs to the macro's user).
 */
import type { Spend } from '../../engine/base/budget.js';
import type { FunctionBuilder, Label, Tables } from '../../engine/program/builder.js';
import type { Operand, RegisterIndex, SiteIndex } from '../../engine/program/op.js';
import type { Citation, FrameCell } from '../../engine/program/program.js';
import type { Expression, Span, Statement } from '../syntax/ast.js';
import type { SourceMap } from '../syntax/preprocess/render.js';
import type { Source } from '../syntax/source.js';
import type { DefinedFunction, Names, Unit } from './names.js';
import type { CType } from './types.js';

/** Characters that a reason shows of a word of the text. */
const WORD_MAX = 100;

function begun(word: string): string {
	return word.length > WORD_MAX ? `${word.slice(0, WORD_MAX)}…` : word;
}

/** Something of the user's text that has no meaning here: contained to the statement it stands in. */
export class Unlowerable extends Error {
	readonly span: Span | null;
	constructor(reason: string, span: Span | null = null) {
		super(reason.split(' ').map(begun).join(' '));
		this.span = span;
	}
}

/** A variable that others may change at any time (open_variable.ts). */
export interface OpenVariable {
	readonly name: string;
	/** The checked file's own: what is written to it is not looked at. */
	readonly isOwn: boolean;
}

export type Binding =
	| {
			readonly kind: 'register';
			readonly register: RegisterIndex;
			readonly type: CType;
			readonly ordinal: number;
			/** Of a primitive's parameter: what the address given is of. */
			readonly leadsTo?: OpenVariable;
	  }
	| { readonly kind: 'memory'; readonly slot: number; readonly type: CType }
	/** A variable that never changes and outlives every call (constant_table.ts). */
	| {
			readonly kind: 'table';
			readonly name: string;
			readonly type: CType;
			readonly initialiser: Expression;
			readonly piece: Piece;
	  }
	/** A static local that may change. */
	| { readonly kind: 'open'; readonly variable: OpenVariable; readonly type: CType }
	/** A type, or under `tag NAME` a struct, that a block declares. */
	| { readonly kind: 'type'; readonly type: CType }
	| { readonly kind: 'argument'; readonly expression: Expression; readonly piece: Piece }
	| { readonly kind: 'constant'; readonly value: number; readonly type: CType };

/** Names of one block; the outer ones behind it. */
export interface Scope {
	readonly names: Map<string, Binding>;
	readonly outer: Scope | null;
}

/** A piece of text under lowering. */
export interface Piece {
	readonly unit: Unit;
	/** The text that offsets of its syntax refer to. */
	readonly text: string;
	/** Where `text` starts in the unit's source. */
	readonly base: number;
	/** From `text`, with macros expanded, to the source's own; null: they are the same. */
	readonly map: SourceMap | null;
	/** For text that stands nowhere in the checked source: the site of its use. */
	readonly site: SiteIndex | null;
	readonly scope: Scope;
	/** Macros being expanded: a macro is not expanded inside itself. */
	readonly expanding: readonly string[];
}

export interface Rvalue {
	readonly operand: Operand;
	readonly type: CType;
	/** It is a bit-field's, which gcc gives a type of its own until it is promoted. */
	readonly isBitfield?: true;
	/** It is 0 or 1: a condition made it. */
	readonly truth?: true;
	/** It may be anything: the name of the variable it was read from. Its operand is unset. */
	readonly any?: string;
	/** It is the address of such a variable, or of part of one. */
	readonly leadsTo?: OpenVariable;
}

/** Something that can be assigned to or whose address can be taken. */
export type Lvalue =
	| {
			readonly kind: 'register';
			readonly register: RegisterIndex;
			readonly type: CType;
			readonly ordinal: number;
	  }
	| {
			readonly kind: 'memory';
			readonly address: Operand;
			readonly type: CType;
			/** Reached through a pointer to volatile. */
			readonly isVolatile?: boolean;
			/** Bits of a bit-field; absent: it is none. */
			readonly bits?: number;
			/** All or part of such a variable. */
			readonly open?: OpenVariable;
	  };

/** A member where the ABI has it. */
export interface PlacedMember {
	/** Empty for a struct or union whose members count as the outer one's. */
	readonly name: string;
	readonly type: CType;
	/** In bytes; for a bit-field as in FrameCell. */
	readonly offset: number;
	/** Width of a bit-field, else null. */
	readonly bits: number | null;
}

/**
 * `fields`: a struct of a primitive that locals may be, whose members have consecutive fields; `bytes`: one of the walk's text,
 * laid out as the ABI does it.
 */
export type Layout =
	| {
			readonly kind: 'fields';
			readonly first: number;
			readonly members: readonly { readonly name: string; readonly type: CType }[];
	  }
	| {
			readonly kind: 'bytes';
			readonly size: number;
			readonly align: number;
			readonly isUnion: boolean;
			readonly members: readonly PlacedMember[];
			readonly cells: readonly FrameCell[];
			/** Pointers are among the members, which have 8 bytes here whatever the architecture. */
			readonly hasPointers: boolean;
	  };

/** What one program's lowering shares. */
export interface ProgramState {
	readonly names: Names;
	readonly tables: Tables;
	readonly config: ReadonlyMap<string, string>;
	/** Entries are read in two accesses (entry_halves.ts). */
	readonly halves: boolean;
	/** Which levels there are is found out at run time: the helpers may hand back a pointer into a copy (entry_copy.ts). */
	readonly dynamicFold: boolean;
	/** Layouts by tag, or by declaration where a struct has none of its own; null: not a struct that a local may be. */
	readonly layouts: Map<string | object, Layout | null>;
	/** Index under which a definition is known before functions are numbered; lowered later, when reached. */
	demand(definition: DefinedFunction): number;
	/** The type a function returns and those of its parameters. */
	signature(definition: DefinedFunction): Signature;
	citation(unit: Unit, offset: number): Citation | null;
	/** The checked file. */
	readonly checked: Unit;
	/** Asked for every statement and expression; throws once the budget is over. */
	readonly spend: Spend;
	/** Whether `trace_NAME` is a tracepoint of the tree; null: there is no tree to say so. */
	isTracepoint(name: string): boolean | null;
	/** Whether there are headers to declare what the text does not. */
	readonly hasTree: boolean;
	/** What a call in an adversary's text is taken to give where the tree does not do it; null: it stays. */
	leftOut(source: Source, offset: number): 0 | 1 | null;
	/** Calls of the checked file that leave the walk for the slow path, by the offset of the name. */
	readonly slowCalls: ReadonlySet<number>;
}

export interface Signature {
	readonly returns: CType;
	readonly parameters: readonly { readonly name: string | null; readonly type: CType }[];
}

export interface Note {
	readonly at: number;
	readonly text: string;
	readonly site: SiteIndex;
}

export interface SwitchState {
	readonly cases: { readonly first: Operand; readonly last: Operand; readonly label: Label }[];
	otherwise: Label | null;
	/** Why text that may hold cases of it could not be lowered: a value without a case of its own may lead there. */
	lost: string | null;
	readonly type: CType;
}

/** A variable whose cleanup function runs when its scope is left, and those declared before it. */
export interface Cleanup {
	readonly outer: Cleanup | null;
	/** How many there are, this one counted. */
	readonly depth: number;
	readonly call: Statement;
	readonly piece: Piece;
}

export interface PlacedLabel {
	readonly label: Label;
	placed: boolean;
	/** In which scope it stands, once it has been placed. */
	cleanups: Cleanup | null;
}

/** A jump to a label of which it may not be known yet in which scope it stands. */
export interface WaitingJump {
	readonly at: Label;
	readonly from: Cleanup;
	readonly to: PlacedLabel;
	readonly site: SiteIndex;
}

/** Where `break` or `continue` leads. */
export interface Exit {
	readonly label: Label;
	readonly cleanups: Cleanup | null;
}

/** What one function's lowering shares. */
export interface FunctionState {
	readonly program: ProgramState;
	readonly builder: FunctionBuilder;
	readonly returns: CType;
	/** Where a struct that is returned goes: the address that the caller gives behind the parameters. */
	readonly result: Operand | null;
	/** Ordinals of locals that live in frame memory because their address is taken. */
	readonly inMemory: Set<number>;
	declared: number;
	/** Constant expressions that are being evaluated, one inside the other. */
	folding: number;
	/** Chains of operators that were looked at and are as C binds them (operator_chain.ts). */
	readonly bound: WeakSet<Expression>;
	/** Expressions lowered so far: the bound on macros that multiply. */
	work: number;
	readonly labels: Map<string, PlacedLabel>;
	breaks: Exit | null;
	continues: Exit | null;
	/** What is to be cleaned up from here on, the innermost first. */
	cleanups: Cleanup | null;
	readonly waiting: WaitingJump[];
	switching: SwitchState | null;
	readonly unsupported: Note[];
	readonly assumptions: Note[];
}

/** Thrown when a local turns out to need memory: the function is lowered again with it there. */
export class NeedsMemory extends Error {
	readonly ordinal: number;
	constructor(ordinal: number) {
		super('a local needs memory');
		this.ordinal = ordinal;
	}
}

export function lookup(scope: Scope | null, name: string): Binding | null {
	for (let at = scope; at !== null; at = at.outer) {
		const found = at.names.get(name);
		if (found !== undefined) return found;
	}
	return null;
}

export function innerScope(piece: Piece): Piece {
	return { ...piece, scope: { names: new Map(), outer: piece.scope } };
}

/** The site of a piece of syntax: where it stands, or where the macro it came from is used. */
export function siteOf(state: FunctionState, piece: Piece, span: Span): SiteIndex {
	if (piece.site !== null) return piece.site;
	const { source } = piece.unit;
	const own = piece.map === null ? span : piece.map.span(span.start, span.end);
	const start = source.lines.positionAt(piece.base + own.start);
	const end = source.lines.positionAt(piece.base + own.end);
	return state.program.tables.site({
		path: source.path,
		line: start.line,
		column: start.column,
		endLine: end.line,
		endColumn: end.column,
		cites:
			piece.unit.origin === 'actor'
				? state.program.citation(piece.unit, piece.base + own.start)
				: null,
	});
}

export function constant(value: number, type: CType): Rvalue {
	return { operand: { kind: 'constant', value }, type };
}

export function inRegister(register: RegisterIndex, type: CType): Rvalue {
	return { operand: { kind: 'register', register }, type };
}
