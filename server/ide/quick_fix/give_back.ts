/**
 * The fix for a path that keeps a reference: give it back before the bail-out that forgot to.
 */
import type { FunctionSyntax } from './function_syntax.js';
import { identifiers } from './function_syntax.js';
import { indentAt, lineStart, type TextChange } from './text_change.js';
import { type Grab, putCallOf, putGuesses } from './walk_shape.js';

/** Edits that add the call before one `goto` or `return` behind the grab each, in source order. */
export function giveBackCandidates(
	syntax: FunctionSyntax,
	grab: Grab,
	fileText: string,
): readonly (readonly TextChange[])[] {
	const own = putCallOf(syntax, grab);
	const puts = own === null ? putGuesses(syntax, fileText, grab.variable) : [own];
	const candidates: (readonly TextChange[])[] = [];
	for (const put of puts) {
		for (const { node, siblings, index } of leaving(syntax)) {
			if (node.start < grab.last.node.end) continue;
			const before = siblings[index - 1];
			if (before !== undefined && identifiers(syntax, before).has(grab.variable)) continue;
			const indent = indentAt(syntax.text, node.start);
			const at = lineStart(syntax.text, node.start) + syntax.base;
			candidates.push([{ start: at, end: at, text: `${indent}${put}\n` }]);
		}
		candidates.push(...unbraced(syntax, grab, put));
	}
	return candidates;
}

function leaving(syntax: FunctionSyntax) {
	return syntax.statements.filter(
		(s) => s.node.type === 'goto_statement' || s.node.type === 'return_statement',
	);
}

/** `if (x) goto out;` gets braces. */
function unbraced(
	syntax: FunctionSyntax,
	grab: Grab,
	put: string,
): readonly (readonly TextChange[])[] {
	const candidates: (readonly TextChange[])[] = [];
	for (const { node } of syntax.statements) {
		if (node.type !== 'if_statement' || node.start < grab.last.node.end) continue;
		const body = node.children.find((c) => c.field === 'consequence');
		if (body?.type !== 'goto_statement' && body?.type !== 'return_statement') continue;
		const indent = indentAt(syntax.text, node.start);
		const head = syntax.text.slice(node.start, body.start).trimEnd();
		const leave = syntax.text.slice(body.start, body.end);
		const text = `${head} {\n${indent}\t${put}\n${indent}\t${leave}\n${indent}}`;
		const start = node.start + syntax.base;
		candidates.push([{ start, end: body.end + syntax.base, text }]);
	}
	return candidates;
}
