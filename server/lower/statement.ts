/**
 * Statements to operations. What cannot be lowered spoils the statement it stands in: an `unsupported` op takes its
 * place, and everything around it stays.
 */
import type { Label } from '../../engine/program/builder.js';
import type { SiteIndex } from '../../engine/program/op.js';
import type { Expression, Statement } from '../syntax/ast.js';
import { binary, convert } from './arithmetic.js';
import { inScope, jumpTo, leaveScope, unwind } from './cleanup.js';
import { lowerCondition, lowerConditionJump } from './condition.js';
import {
	constant,
	type Exit,
	type FunctionState,
	innerScope,
	inRegister,
	type Piece,
	type PlacedLabel,
	type Rvalue,
	type SwitchState,
	siteOf,
	Unlowerable,
} from './context.js';
import { lowerDeclaration } from './declaration.js';
import { lowerEffect, lowerValue } from './expression.js';
import { expandCall, expandName, orderedArguments } from './macro.js';
import { nothing, writePlace } from './place.js';
import { constantOf } from './type_questions.js';
import { promoted } from './types.js';
import { refuseUnsequenced } from './unsequenced.js';

export function lowerStatement(state: FunctionState, piece: Piece, statement: Statement): void {
	state.program.spend();
	const mark = state.builder.mark();
	const { breaks, continues, switching, cleanups } = state;
	try {
		if (piece.unit.origin === 'walk')
			refuseUnsequenced(statement, (name) => orderedArguments(state, piece, name));
		lowerPlain(state, piece, statement);
	} catch (problem) {
		if (!(problem instanceof Unlowerable)) throw problem;
		state.builder.rewind(mark);
		Object.assign(state, { breaks, continues, switching, cleanups });
		dropNotes(state, mark.ops);
		if (switching !== null && CASES.test(piece.text.slice(statement.start, statement.end)))
			switching.lost ??= problem.message;
		unsupported(state, piece, problem.message, statement);
	}
}

/** Where a value of the switch around may be led to. */
const CASES = /\b(?:case|default)\b/;

function dropNotes(state: FunctionState, from: number): void {
	for (const notes of [state.unsupported, state.assumptions]) {
		while ((notes.at(-1)?.at ?? -1) >= from) notes.pop();
	}
}

/** Puts an `unsupported` op in the statement's place. */
export function unsupported(
	state: FunctionState,
	piece: Piece,
	reason: string,
	span: { start: number; end: number },
): void {
	const site = siteOf(state, piece, span);
	state.unsupported.push({ at: state.builder.emitted(), text: reason, site });
	state.builder.emit({ kind: 'unsupported', reason }, site);
}

function lowerPlain(state: FunctionState, piece: Piece, statement: Statement): void {
	const site = () => siteOf(state, piece, statement);
	const { builder } = state;
	switch (statement.kind) {
		case 'compound': {
			const inner = innerScope(piece);
			const end = { start: statement.end - 1, end: statement.end };
			inScope(
				state,
				() => siteOf(state, piece, end),
				() => {
					for (const child of statement.statements) lowerStatement(state, inner, child);
				},
			);
			break;
		}
		case 'expression':
			lowerExpressionStatement(state, piece, statement.expression);
			break;
		case 'declaration':
			lowerDeclaration(state, piece, statement.declaration);
			break;
		case 'if':
			lowerIf(state, piece, statement);
			break;
		case 'while':
		case 'do':
		case 'for':
			lowerLoop(state, piece, statement);
			break;
		case 'each':
			lowerEach(state, piece, statement);
			break;
		case 'switch':
			lowerSwitch(state, piece, statement);
			break;
		case 'case':
			lowerCase(state, piece, statement);
			break;
		case 'label': {
			const known = labelNamed(state, statement.name);
			known.placed = true;
			known.cleanups = state.cleanups;
			builder.place(known.label);
			if (statement.body !== null) lowerStatement(state, piece, statement.body);
			break;
		}
		case 'goto':
			jumpTo(state, labelNamed(state, statement.label), site());
			break;
		case 'return':
			lowerReturn(state, piece, statement);
			break;
		case 'break':
			if (state.breaks === null)
				throw new Unlowerable(
					'a break outside loop and switch, or in the head of a loop',
					statement,
				);
			leave(state, state.breaks, site());
			break;
		case 'continue':
			if (state.continues === null)
				throw new Unlowerable('a continue outside a loop, or in the head of one', statement);
			leave(state, state.continues, site());
			break;
		case 'empty':
			break;
		case 'unparsed':
			throw new Unlowerable(statement.reason, statement);
	}
}

function leave(state: FunctionState, exit: Exit, site: SiteIndex): void {
	unwind(state, exit.cleanups, site);
	state.builder.jump(exit.label, site);
}

function labelNamed(state: FunctionState, name: string): PlacedLabel {
	let known = state.labels.get(name);
	if (known === undefined) {
		known = { label: state.builder.label(), placed: false, cleanups: null };
		state.labels.set(name, known);
	}
	return known;
}

function lowerExpressionStatement(
	state: FunctionState,
	piece: Piece,
	expression: Expression,
): void {
	if (expression.kind === 'call') {
		const expanded = expandCall(state, piece, expression);
		if (expanded?.kind === 'statement') {
			lowerExpanded(state, expanded.piece, expanded.statement);
			return;
		}
	}
	if (expression.kind === 'identifier') {
		const expanded = expandName(state, piece, expression);
		if (expanded?.kind === 'statement') {
			lowerExpanded(state, expanded.piece, expanded.statement);
			return;
		}
		if (expanded === null && expression.name === 'fallthrough') return;
	}
	lowerEffect(state, piece, expression);
}

/** What a macro's text declares (XA_STATE()) is known to what follows, and is left where the block around it is. */
function lowerExpanded(state: FunctionState, piece: Piece, statement: Statement): void {
	const inner = statement.kind === 'compound' ? statement.statements : [];
	if (inner.some((s) => s.kind === 'declaration'))
		for (const s of inner) lowerStatement(state, piece, s);
	else lowerStatement(state, piece, statement);
}

function lowerIf(state: FunctionState, piece: Piece, statement: Statement & { kind: 'if' }): void {
	const { builder } = state;
	const [yes, no, end] = [builder.label(), builder.label(), builder.label()];
	const known = lowerCondition(state, piece, statement.condition, { yes, no });
	const site = siteOf(state, piece, statement);
	if (known !== null) builder.jump(known ? yes : no, siteOf(state, piece, statement.condition));
	builder.place(yes);
	lowerStatement(state, innerScope(piece), statement.then);
	builder.jump(end, site);
	builder.place(no);
	if (statement.otherwise !== null) lowerStatement(state, innerScope(piece), statement.otherwise);
	builder.place(end);
}

/** `list_for_each_entry(…) body`: the head the macro stands for, and the body where the user wrote it. */
function lowerEach(
	state: FunctionState,
	piece: Piece,
	{ head, body }: Statement & { kind: 'each' },
): void {
	const expanded = expandCall(state, piece, head);
	const outer = expanded?.kind === 'statement' ? expanded.statement : null;
	const inner = outer?.kind === 'compound' ? outer.statements[0] : outer;
	const isHead = inner?.kind === 'for' && inner.body.kind === 'empty';
	if (!isHead || expanded === null) throw new Unlowerable('not understood as C', head);
	lowerLoop(state, expanded.piece, inner, { statement: body, piece });
}

function lowerLoop(
	state: FunctionState,
	outer: Piece,
	statement: Statement & { kind: 'while' | 'do' | 'for' },
	written: { readonly statement: Statement; readonly piece: Piece } | null = null,
): void {
	const { builder } = state;
	const piece = innerScope(outer);
	const { breaks, continues, cleanups: before } = state;
	const [body, test, end] = [builder.label(), builder.label(), builder.label()];
	const next = statement.kind === 'for' ? builder.label() : test;
	const site = siteOf(state, piece, statement);
	if (statement.kind === 'for' && statement.initialiser !== null)
		lowerPlain(state, piece, statement.initialiser);
	if (statement.kind !== 'do') builder.jump(test, site);
	builder.place(body);
	const { cleanups } = state;
	Object.assign(state, { breaks: { label: end, cleanups }, continues: { label: next, cleanups } });
	if (written === null) lowerStatement(state, innerScope(piece), statement.body);
	else lowerStatement(state, innerScope(written.piece), written.statement);
	// what leaves a loop in its own head leaves the loop around it (GCC, Statement Exprs): that is refused
	Object.assign(state, { breaks: null, continues: null });
	if (statement.kind === 'for') {
		builder.place(next);
		if (statement.update !== null) lowerEffect(state, piece, statement.update);
	}
	builder.place(test);
	if (statement.condition === null) builder.jump(body, site);
	else lowerConditionJump(state, piece, statement.condition, { yes: body, no: end });
	Object.assign(state, { breaks, continues });
	builder.place(end);
	leaveScope(state, before, () => site);
}

function lowerSwitch(
	state: FunctionState,
	piece: Piece,
	statement: Statement & { kind: 'switch' },
): void {
	const { builder } = state;
	const { breaks, switching } = state;
	const site = siteOf(state, piece, statement);
	const raw = lowerValue(state, piece, statement.value, 'use');
	const value = convert(state, raw, promoted(raw.type), site);
	const [dispatch, end] = [builder.label(), builder.label()];
	const own: SwitchState = { cases: [], otherwise: null, lost: null, type: value.type };
	builder.jump(dispatch, site);
	Object.assign(state, { breaks: { label: end, cleanups: state.cleanups }, switching: own });
	lowerStatement(state, piece, statement.body);
	Object.assign(state, { breaks, switching });
	builder.jump(end, site);
	builder.place(dispatch);
	for (const { first, last, label } of own.cases) {
		const next = builder.label();
		if (first === last) {
			const same = binary(state, '==', value, { operand: first, type: value.type }, site);
			branchOn(state, same, { yes: label, no: next }, site);
		} else {
			const inner = builder.label();
			branchOn(
				state,
				binary(state, '>=', value, { operand: first, type: value.type }, site),
				{ yes: inner, no: next },
				site,
			);
			builder.place(inner);
			branchOn(
				state,
				binary(state, '<=', value, { operand: last, type: value.type }, site),
				{ yes: label, no: next },
				site,
			);
		}
		builder.place(next);
	}
	if (own.lost === null) builder.jump(own.otherwise ?? end, site);
	else {
		const reason = `a case of this switch may stand in something that is not understood: ${own.lost}`;
		unsupported(state, piece, reason, statement);
	}
	builder.place(end);
}

function branchOn(
	state: FunctionState,
	value: Rvalue,
	arms: { yes: Label; no: Label },
	site: ReturnType<typeof siteOf>,
): void {
	if (value.operand.kind === 'constant')
		state.builder.jump(value.operand.value !== 0 ? arms.yes : arms.no, site);
	else state.builder.branch(value.operand, arms.yes, arms.no, site);
}

function lowerCase(
	state: FunctionState,
	piece: Piece,
	statement: Statement & { kind: 'case' },
): void {
	const { switching } = state;
	if (switching === null) throw new Unlowerable('a case outside a switch', statement);
	const label = state.builder.label();
	state.builder.place(label);
	if (statement.value === null) {
		switching.otherwise = label;
		return;
	}
	const bound = (expression: Expression) => {
		const number = constantOf(state, piece, expression);
		if (number === null) throw new Unlowerable('a case that is not constant', expression);
		return convert(
			state,
			constant(number, switching.type),
			switching.type,
			siteOf(state, piece, statement),
		).operand;
	};
	const first = bound(statement.value);
	switching.cases.push({
		first,
		last: statement.last === null ? first : bound(statement.last),
		label,
	});
}

function lowerReturn(
	state: FunctionState,
	piece: Piece,
	statement: Statement & { kind: 'return' },
): void {
	const site = siteOf(state, piece, statement);
	if (statement.value === null) {
		unwind(state, null, site);
		state.builder.emit({ kind: 'return', value: null }, site);
		return;
	}
	if (state.returns.kind === 'void') {
		lowerEffect(state, piece, statement.value);
		unwind(state, null, site);
		state.builder.emit({ kind: 'return', value: null }, site);
		return;
	}
	const given = lowerValue(state, piece, statement.value, 'copy');
	if (state.returns.kind === 'struct') {
		if (state.result === null) throw new Unlowerable('a struct is returned', statement);
		writePlace(state, { kind: 'memory', address: state.result, type: state.returns }, given, site);
		unwind(state, null, site);
		state.builder.emit({ kind: 'return', value: null }, site);
		return;
	}
	const made = convert(state, given, state.returns, site);
	const value = state.cleanups === null ? made : copied(state, made, site);
	unwind(state, null, site);
	state.builder.emit({ kind: 'return', value: value.operand }, site);
}

/** A statement expression: its last expression is its value. */
export function lowerBlockValue(state: FunctionState, piece: Piece, body: Statement): Rvalue {
	const before = state.cleanups;
	const value = blockValue(state, piece, body);
	if (state.cleanups !== before && value.type.kind === 'struct')
		throw new Unlowerable('a struct is the value of a block with a cleanup', body);
	leaveScope(state, before, () => siteOf(state, piece, body));
	return value;
}

function blockValue(state: FunctionState, piece: Piece, body: Statement): Rvalue {
	if (body.kind !== 'compound') throw new Unlowerable('not a block', body);
	const inner = innerScope(piece);
	const last = body.statements.at(-1);
	for (const child of body.statements.slice(0, -1)) lowerPlain(state, inner, child);
	if (last?.kind !== 'expression') {
		if (last !== undefined) lowerPlain(state, inner, last);
		return nothing;
	}
	if (last.expression.kind === 'call') {
		const expanded = expandCall(state, inner, last.expression);
		if (expanded?.kind === 'statement') {
			lowerPlain(state, expanded.piece, expanded.statement);
			return nothing;
		}
	}
	const value = lowerValue(state, inner, last.expression, 'copy');
	if (value.operand.kind === 'constant' || value.type.kind === 'void') return value;
	// the block may run again while its value is still wanted
	return copied(state, value, siteOf(state, inner, last.expression));
}

/** A value in a register of its own, which nothing changes. */
function copied(state: FunctionState, value: Rvalue, site: SiteIndex): Rvalue {
	const dst = state.builder.register(null);
	state.builder.emit({ kind: 'move', dst, from: value.operand }, site);
	return inRegister(dst, value.type);
}
