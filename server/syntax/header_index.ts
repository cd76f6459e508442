/**
 * Definitions of a header by name, each in a form that says all that it is made of and under which conditions it stands, so that it can be
 * told whether it is one that is known. Forms have neither comments nor white space; the header's own guard is no condition.
 */
import { countBelow } from './preprocess/active_text.js';
import {
	blank,
	type Directive,
	type LogicalLines,
	logicalLines,
} from './preprocess/logical_lines.js';
import { type Token, tokenise } from './preprocess/token.js';
import { type Written, writtenIn } from './written.js';

export interface IndexedDefinition {
	readonly name: string;
	/** Where it stands in the header. */
	readonly start: number;
	/** Of an item that a macro makes: names in the macro's list. */
	readonly given: readonly string[];
	/** Path, name, conditions and tokens. */
	form(): string;
	/** Names in it. */
	words(): readonly string[];
}

export interface HeaderIndex {
	/** Macros, whatever the conditions around them; all else as the text was found to be active. */
	readonly definitions: ReadonlyMap<string, readonly IndexedDefinition[]>;
	/** Items that macros make. */
	readonly items: readonly IndexedDefinition[];
}

/** `actives`: what is active of the text, each time that it is read. */
export function headerIndex(
	path: string,
	{ text, lines = logicalLines(text) }: { readonly text: string; readonly lines?: LogicalLines },
	actives: Iterable<string>,
): HeaderIndex {
	let comments: string | null = null;
	const plain = (): string => {
		comments ??= lines.plain();
		return comments;
	};
	let under: ((offset: number) => string) | null = null;
	const conditions = (offset: number): string => {
		under ??= conditionsOf(lines);
		return under(offset);
	};
	const found = new Map<string, IndexedDefinition[]>();
	const items: IndexedDefinition[] = [];
	const seen = new Set<string>();
	const add = (name: string, kind: string, at: Pick<Written, 'start' | 'end' | 'given'>): void => {
		const key = `${kind} ${name} ${at.start}`;
		if (name === '' || seen.has(key)) return;
		seen.add(key);
		let tokens: readonly Token[] | null = null;
		const read = (): readonly Token[] => {
			tokens ??= tokenise(plain().slice(at.start, at.end));
			return tokens;
		};
		const definition: IndexedDefinition = {
			name,
			start: at.start,
			given: at.given,
			form: () => [path, name, conditions(at.start), spelled(read())].join('\n'),
			words: () => read().flatMap((t) => (t.kind === 'identifier' ? [t.text] : [])),
		};
		if (kind === 'item') items.push(definition);
		else {
			const before = found.get(name);
			if (before === undefined) found.set(name, [definition]);
			else before.push(definition);
		}
	};
	for (const { kind, rest, start, end } of lines.directives) {
		const [name] = kind === 'define' ? (/^[A-Za-z_$][\w$]*/.exec(rest) ?? []) : [];
		if (name !== undefined) add(name, 'macro', { start, end, given: [] });
	}
	for (const active of actives)
		for (const written of writtenIn(active)) add(written.name, written.kind, written);
	return { definitions: found, items };
}

function spelled(tokens: readonly Token[]): string {
	return tokens.map((t) => t.text).join(' ');
}

interface Under {
	readonly said: string;
	readonly outer: Under | null;
}

/** The conditions around a place, the guard's left out. */
function conditionsOf({ directives, guard }: LogicalLines): (offset: number) => string {
	const starts: number[] = [];
	const places: (Under | null)[] = [];
	let under = null as Under | null;
	for (const [index, directive] of directives.entries()) {
		const { kind } = directive;
		if (kind.startsWith('if'))
			under = { said: index === 0 && guard !== null ? '' : said(directive), outer: under };
		else if (kind.startsWith('el'))
			under = { said: `${under?.said ?? ''} ${said(directive)}`, outer: under?.outer ?? null };
		else if (kind === 'endif') under = under?.outer ?? null;
		else continue;
		starts.push(directive.start);
		places.push(under);
	}
	return (offset) => {
		const around: string[] = [];
		let at = places[countBelow(starts, offset - 1) - 1] ?? null;
		for (; at !== null; at = at.outer) if (at.said !== '') around.unshift(at.said);
		return around.join('; ');
	};
}

/** A word that was renamed in 6.16 means what it did. */
function said({ kind, rest }: Directive): string {
	return spelled(tokenise(`${kind} ${rest}`)).replace(/\b__ASSEMBLER__\b/g, '__ASSEMBLY__');
}

/** A conditional of a text. */
export interface Conditional {
	/** The number of its first directive. */
	readonly index: number;
	readonly depth: number;
	readonly arms: number;
	/** The arms that it stands in, outermost first: of which conditional, which one. */
	readonly around: ReadonlyMap<number, number>;
	readonly isActive: boolean;
}

/** A text with one arm of each conditional: `choose` says which. */
export function withArms(text: string, choose: (conditional: Conditional) => number): string {
	const { directives, plain, guard } = { ...logicalLines(text), plain: logicalLines(text).plain() };
	const arms = armsOf(directives);
	const pieces: string[] = [];
	const stack: { index: number; chosen: number; outer: boolean; arm: number }[] = [];
	let from = 0;
	let active = true;
	for (const [index, { kind, start, end }] of directives.entries()) {
		const part = plain.slice(from, start);
		pieces.push(active ? part : blank(part), blank(plain.slice(start, end)));
		from = end;
		if (kind.startsWith('if')) {
			const depth = stack.length - (guard === null ? 0 : 1);
			const around = new Map(stack.map((each) => [each.index, each.arm]));
			const all = arms.get(index) ?? 1;
			const given = { index, depth, arms: all, around, isActive: active };
			stack.push({ index, chosen: depth < 0 ? 0 : choose(given), outer: active, arm: 0 });
		} else if (kind.startsWith('el')) {
			const top = stack.at(-1);
			if (top !== undefined) top.arm++;
		} else if (kind === 'endif') active = stack.pop()?.outer ?? true;
		else continue;
		const top = stack.at(-1);
		if (kind !== 'endif' && top !== undefined) active = top.outer && top.arm === top.chosen;
	}
	const rest = plain.slice(from);
	pieces.push(active ? rest : blank(rest));
	return pieces.join('');
}

/** How many arms a conditional has, by the number of its first directive. */
function armsOf(directives: readonly Directive[]): ReadonlyMap<number, number> {
	const found = new Map<number, number>();
	const stack: number[] = [];
	for (const [index, { kind }] of directives.entries()) {
		if (kind.startsWith('if')) {
			stack.push(index);
			found.set(index, 1);
		} else if (kind.startsWith('el')) {
			const top = stack.at(-1) ?? 0;
			found.set(top, (found.get(top) ?? 1) + 1);
		} else if (kind === 'endif') stack.pop();
	}
	return found;
}
