/**
 * Fixes for how a field that others write is read: READ_ONCE around a plain read, and a bail-out for NULL behind it.
 */
import type { RawNode } from '../../syntax/parser.js';
import type { AnalysedTrace, Place } from '../analysis/analysis.js';
import {
	type FunctionSyntax,
	field,
	find,
	findAll,
	statementAt,
	textOf,
} from './function_syntax.js';
import { indentAt, lineEnd, offsetAt, type TextChange } from './text_change.js';

interface Context {
	readonly text: string;
	readonly path: string;
	readonly trace: AnalysedTrace;
	readonly place: Place;
}

/** Offsets in the slice at which this function read a field of a folio or page in the run, last first. */
function fieldReads(syntax: FunctionSyntax, context: Context): readonly number[] {
	const places: Place[] = [];
	for (const step of [...context.trace.steps].reverse()) {
		if (step.cpu !== 0 || !step.effects.some((e) => e.read !== null && e.location.includes('.'))) {
			continue;
		}
		const frame = step.frames.find(
			(f) => f.function === syntax.name && f.place.path === context.path,
		);
		if (frame !== undefined) places.push(frame.place);
	}
	if (context.place.path === context.path) places.push(context.place);
	const offsets = places.map((p) => offsetAt(context.text, p.line, p.column) - syntax.base);
	return [...new Set(offsets)].filter((o) => o >= 0 && o < syntax.text.length);
}

/** Edits that make plain field reads of the run marked. */
export function readOnceCandidates(
	syntax: FunctionSyntax,
	context: Context,
): readonly (readonly TextChange[])[] {
	const candidates: (readonly TextChange[])[] = [];
	for (const offset of fieldReads(syntax, context)) {
		const statement = statementAt(syntax, offset);
		if (statement === null) continue;
		for (const node of plainFields(syntax, statement.node)) {
			const start = node.start + syntax.base;
			const text = `READ_ONCE(${textOf(syntax, node)})`;
			candidates.push([{ start, end: node.end + syntax.base, text }]);
		}
	}
	return candidates;
}

/** `p->field` expressions that are read and not wrapped already. */
function plainFields(syntax: FunctionSyntax, statement: RawNode): readonly RawNode[] {
	const found: RawNode[] = [];
	const visit = (node: RawNode): void => {
		if (node.type === 'compound_statement') return;
		if (node.type === 'call_expression') {
			const callee = field(node, 'function');
			if (callee !== null && /^(READ|WRITE)_ONCE$/.test(textOf(syntax, callee))) return;
		}
		if (node.type === 'pointer_expression' && textOf(syntax, node).startsWith('&')) return;
		if (node.type === 'field_expression') found.push(node);
		else
			for (const child of node.children) {
				if (node.type === 'assignment_expression' && child.field === 'left') continue;
				visit(child);
			}
	};
	visit(statement);
	return found;
}

/** Edits that reject NULL right behind a read of the run that went into a variable. */
export function nullCheckCandidates(
	syntax: FunctionSyntax,
	context: Context,
): readonly (readonly TextChange[])[] {
	const candidates: (readonly TextChange[])[] = [];
	const leave = rejection(syntax);
	for (const offset of fieldReads(syntax, context)) {
		const statement = statementAt(syntax, offset);
		const target =
			statement === null
				? null
				: find(
						statement.node,
						(n) => n.type === 'assignment_expression' || n.type === 'init_declarator',
					);
		const name = target === null ? null : (field(target, 'left') ?? field(target, 'declarator'));
		const identifier = name === null ? null : find(name, (n) => n.type === 'identifier');
		if (statement === null || identifier === null) continue;
		const indent = indentAt(syntax.text, statement.node.start);
		const at = lineEnd(syntax.text, statement.node.end) + syntax.base;
		const text = `${indent}if (!${textOf(syntax, identifier)})\n${indent}\t${leave}\n`;
		candidates.push([{ start: at, end: at, text }]);
	}
	return candidates;
}

/** How this function says no: by its return type. */
function rejection(syntax: FunctionSyntax): string {
	const type = field(syntax.definition, 'type');
	const declarator = field(syntax.definition, 'declarator');
	if (declarator?.type === 'pointer_declarator') return 'return NULL;';
	const said = type === null ? '' : textOf(syntax, type);
	if (said === 'void') return 'return;';
	if (said === 'bool') return 'return false;';
	const errors = findAll(syntax.definition, (n) => n.type === 'return_statement');
	const usual = errors
		.map((n) => textOf(syntax, n))
		.find((t) => /^return (0|false|-E\w+);$/.test(t));
	return usual ?? 'return 0;';
}
