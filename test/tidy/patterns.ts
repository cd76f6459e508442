/**
 * The regular expressions of the product: collected from the syntax tree of each source (the compiler's own has no interface
 * for it, so types are taken off first), and texts made of each pattern's own characters.
 */
import { type AST, RegExpParser, visitRegExpAST } from '@eslint-community/regexpp';
import { transformSync } from 'esbuild';
import { parseAst } from 'vitest/node';
import { codeFiles, read } from './sources.js';

export interface Pattern {
	readonly file: string;
	readonly source: string;
	readonly flags: string;
}

/** A `new RegExp` whose pattern is not written where it is made. */
export interface Made {
	readonly file: string;
	readonly code: string;
}

export interface Patterns {
	readonly patterns: readonly Pattern[];
	readonly unread: readonly Made[];
	/** What is put into patterns at run time and may be as long as a text likes. */
	readonly unbounded: readonly Made[];
}

/** What stands for a name that is put into a pattern. */
const NAME = 'name';

interface SyntaxNode {
	readonly type: string;
	readonly start: number;
	readonly end: number;
	readonly [key: string]: unknown;
}

/** All patterns of engine/, server/ and client/. */
export function collectPatterns(): Patterns {
	const patterns: Pattern[] = [];
	const unread: Made[] = [];
	const unbounded: Made[] = [];
	for (const file of codeFiles()) {
		if (!/^(?:engine|server|client)\//.test(file)) continue;
		const code = transformSync(read(file), { loader: 'ts', target: 'es2022' }).code;
		const constants = new Map<string, string>();
		walk(parseAst(code), (node) => {
			if (node.type === 'VariableDeclarator') {
				const text = textOf(node['init'], constants);
				const name = (node['id'] as { readonly name?: string }).name;
				if (text !== null && name !== undefined) constants.set(name, text);
			}
			const regex = node['regex'] as
				| { readonly pattern: string; readonly flags: string }
				| undefined;
			if (node.type === 'Literal' && regex !== undefined)
				patterns.push({ file, source: regex.pattern, flags: regex.flags });
			const callee = node['callee'] as { readonly name?: string } | undefined;
			const isMade = node.type === 'NewExpression' || node.type === 'CallExpression';
			if (!isMade || callee?.name !== 'RegExp') return;
			const [given, flags] = node['arguments'] as readonly unknown[];
			const source = textOf(given, constants);
			for (const part of partsOf(given, constants))
				unbounded.push({ file, code: code.slice(part.start, part.end) });
			if (source === null) unread.push({ file, code: code.slice(node.start, node.end) });
			else patterns.push({ file, source, flags: textOf(flags, constants) ?? '' });
		});
	}
	return { patterns, unread, unbounded };
}

/** Functions that put names into a pattern and see to their length. */
const BOUNDING: readonly unknown[] = ['named', 'anyNamed'];

/** Parts of a template that neither stand where it is written nor are bounded. */
function partsOf(node: unknown, constants: ReadonlyMap<string, string>): readonly SyntaxNode[] {
	const it = node as SyntaxNode | null | undefined;
	if (it?.type === 'TaggedTemplateExpression') return partsOf(it['quasi'], constants);
	if (it?.type !== 'TemplateLiteral') return [];
	return (it['expressions'] as readonly SyntaxNode[]).filter((part) => {
		if (textOf(part, constants) !== null) return false;
		let called: SyntaxNode | undefined = part;
		// named(name).replace(…)
		while (called?.type === 'CallExpression') {
			const callee = called['callee'] as SyntaxNode;
			if (BOUNDING.includes(callee['name'])) return false;
			called = callee['object'] as SyntaxNode | undefined;
		}
		return true;
	});
}

function walk(node: unknown, visit: (node: SyntaxNode) => void): void {
	if (Array.isArray(node)) for (const one of node) walk(one, visit);
	if (typeof node !== 'object' || node === null || Array.isArray(node)) return;
	if (typeof (node as SyntaxNode).type === 'string') visit(node as SyntaxNode);
	for (const value of Object.values(node)) walk(value, visit);
}

/** The text that an expression makes, as far as it stands there; null for what is no text. */
function textOf(node: unknown, constants: ReadonlyMap<string, string>): string | null {
	const it = node as SyntaxNode | null | undefined;
	switch (it?.type) {
		case 'Literal':
			return typeof it['value'] === 'string' ? it['value'] : null;
		case 'BinaryExpression': {
			const [left, right] = [textOf(it['left'], constants), textOf(it['right'], constants)];
			return left === null || right === null ? null : left + right;
		}
		case 'Identifier':
			return constants.get(it['name'] as string) ?? null;
		case 'TaggedTemplateExpression':
			return templateOf(it['quasi'] as SyntaxNode, constants, 'raw');
		case 'TemplateLiteral':
			return templateOf(it, constants, 'cooked');
		default:
			return null;
	}
}

function templateOf(
	it: SyntaxNode,
	constants: ReadonlyMap<string, string>,
	which: 'raw' | 'cooked',
): string {
	const quasis = it['quasis'] as readonly { readonly value: Record<string, string> }[];
	const given = it['expressions'] as readonly unknown[];
	return quasis
		.map(({ value }, i) => {
			const between = i < given.length ? (textOf(given[i], constants) ?? NAME) : '';
			return `${value[which] ?? ''}${between}`;
		})
		.join('');
}

/** Texts at most of one pattern. */
const PUMPS_MAX = 48;

/** Pieces of what a pattern matches: repeated, they are what it may stumble over. */
export function pumpsOf({ source, flags }: Pattern): readonly string[] {
	const parsed = new RegExpParser().parsePattern(source, 0, source.length, {
		unicode: flags.includes('u'),
	});
	const pumps = new Set<string>();
	const characters = new Set<string>();
	for (const sample of samples(parsed)) {
		for (let end = 1; end <= Math.min(sample.length, 24); end++) pumps.add(sample.slice(0, end));
	}
	visitRegExpAST(parsed, {
		onCharacterEnter: ({ value }) => void characters.add(String.fromCodePoint(value)),
		onCharacterSetEnter: (set) => void characters.add(ofSet(set)),
		onCharacterClassEnter: (set) => void characters.add(ofClass(set)),
	});
	const singles = [...characters].filter((c) => c !== '');
	return [...new Set([...singles.slice(0, 24), ...pumps])].slice(0, PUMPS_MAX);
}

/** A few texts that the pattern matches or nearly does: one for each alternative. */
function samples(node: AST.Node): readonly string[] {
	switch (node.type) {
		case 'Pattern':
		case 'Group':
		case 'CapturingGroup':
			return node.alternatives.flatMap(samples).slice(0, 12);
		case 'Alternative':
			return node.elements.reduce<readonly string[]>(
				(before, element) => before.flatMap((b) => samples(element).map((s) => b + s)).slice(0, 12),
				[''],
			);
		case 'Quantifier':
			return node.max === 0 ? [''] : samples(node.element);
		case 'Character':
			return [String.fromCodePoint(node.value)];
		case 'CharacterSet':
			return [ofSet(node)];
		case 'CharacterClass':
			return [ofClass(node)];
		default:
			return [''];
	}
}

function ofSet(set: { readonly kind: string; readonly negate?: boolean }): string {
	if (set.kind === 'space') return set.negate === true ? 'a' : ' ';
	if (set.kind === 'digit') return set.negate === true ? 'a' : '1';
	if (set.kind === 'word') return set.negate === true ? ' ' : 'a';
	return 'a';
}

function ofClass(set: { readonly raw: string }): string {
	const member = new RegExp(`^${set.raw}$`);
	return [...'a 1_A*(\n"\\/.,;'].find((c) => member.test(c)) ?? '';
}
