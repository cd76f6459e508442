/**
 * The fix for a path that keeps a reference or gives back too much: give it back before the bail-out that forgot to, or
 * the way another bail-out of the function does.
 */
import type { FunctionSyntax } from './function_syntax.js';
import { identifiers, textOf } from './function_syntax.js';
import { indentAt, lineStart, type TextChange } from './text_change.js';
import { type Grab, putCallOf, putGuesses, putStatements } from './walk_shape.js';

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
	return [...candidates, ...otherWays(syntax, grab)];
}

/** One bail-out gives back as another one does. */
function otherWays(syntax: FunctionSyntax, grab: Grab): readonly (readonly TextChange[])[] {
	const puts = putStatements(syntax, grab);
	const ways = new Set(puts.map((node) => textOf(syntax, node)));
	return puts.flatMap((node) =>
		[...ways]
			.filter((way) => way !== textOf(syntax, node))
			.map((text) => [{ start: node.start + syntax.base, end: node.end + syntax.base, text }]),
	);
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
