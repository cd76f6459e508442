/**
 * The fix for a value that is trusted without being looked at again: compare every entry the walk stands on with its
 * copy right behind the grab, give the reference back when one differs. A comparison that is there already, but
 * incomplete or in the wrong place, is replaced by the whole one.
 */
import { named } from '../../syntax/named.js';
import type { RawNode } from '../../syntax/parser.js';
import { type FunctionSyntax, field, find, identifiers, textOf } from './function_syntax.js';
import { indentAt, lineEnd, lineStart, type TextChange } from './text_change.js';
import { type EntryCopy, entryCopies, type Grab, putCallOf, putGuesses } from './walk_shape.js';

/** Edits that put a complete re-check behind the grab, likeliest first. */
export function recheckCandidates(
	syntax: FunctionSyntax,
	grab: Grab,
	fileText: string,
): readonly (readonly TextChange[])[] {
	const copies = entryCopies(syntax);
	if (copies.length === 0 || grab.leave === null) return [];
	const own = putCallOf(syntax, grab);
	const puts = own === null ? putGuesses(syntax, fileText, grab.variable) : [own];
	const old = syntax.statements
		.map((s) => s.node)
		.filter((node) => isRecheck(syntax, node, copies));
	const spellings = [true, false].map((getter) => condition(copies, { getter, fileText }));
	const candidates: (readonly TextChange[])[] = [];
	for (const put of puts) {
		for (const wanted of new Set(spellings)) {
			candidates.push([
				...old.map((node) => removal(syntax, node)),
				insertion(syntax, grab, wanted, put),
			]);
		}
	}
	return candidates;
}

function isRecheck(syntax: FunctionSyntax, node: RawNode, copies: readonly EntryCopy[]): boolean {
	if (node.type !== 'if_statement') return false;
	const test = field(node, 'condition');
	const body = field(node, 'consequence');
	if (test === null || body === null || field(node, 'alternative') !== null) return false;
	const used = identifiers(syntax, test);
	const compares = copies.some((c) => used.has(c.value) && used.has(c.pointer));
	if (!compares || !/!=/.test(textOf(syntax, test))) return false;
	return find(body, (n) => n.type === 'goto_statement' || n.type === 'return_statement') !== null;
}

function removal(syntax: FunctionSyntax, node: RawNode): TextChange {
	const start = lineStart(syntax.text, node.start);
	let end = lineEnd(syntax.text, node.end);
	if (/^[ \t]*\r?\n/.test(syntax.text.slice(end))) end = lineEnd(syntax.text, end);
	return { start: start + syntax.base, end: end + syntax.base, text: '' };
}

function insertion(
	syntax: FunctionSyntax,
	grab: Grab,
	comparisons: string,
	put: string,
): TextChange {
	const indent = indentAt(syntax.text, grab.last.node.start);
	const at = lineEnd(syntax.text, grab.last.node.end) + syntax.base;
	const test = comparisons.replaceAll('\n', `\n${indent}    `);
	const text = [
		'',
		`${indent}if (${test}) {`,
		`${indent}\t${put}`,
		`${indent}\t${grab.leave}`,
		`${indent}}`,
		'',
	].join('\n');
	return { start: at, end: at, text };
}

/** Upper levels first, as the kernel writes it; `ptep_get()` where the file reads PTEs that way. */
function condition(
	copies: readonly EntryCopy[],
	options: { readonly getter: boolean; readonly fileText: string },
): string {
	const levels = ['pgd', 'p4d', 'pud', 'pmd', 'pte'];
	const ordered = [...copies].sort(
		(a, b) => levels.indexOf(a.type.slice(0, 3)) - levels.indexOf(b.type.slice(0, 3)),
	);
	return ordered
		.map((copy) => {
			const level = copy.type.replace(/_t$/, '');
			const getter = `${level}p_get`;
			const known = options.getter && new RegExp(`\\b${named(getter)}\\(`).test(options.fileText);
			const now = known ? `${getter}(${copy.pointer})` : `*${copy.pointer}`;
			return `unlikely(${level}_val(${copy.value}) != ${level}_val(${now}))`;
		})
		.join(' ||\n');
}
