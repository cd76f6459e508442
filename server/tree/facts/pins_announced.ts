/**
 * Whether who calls a walk for pins says so first: fork() looks for pins only in a process that has MMF_HAS_PINNED in mm->flags
 * (include/linux/mm.h, folio_needs_cow_for_dma(); mm->has_pinned in 5.10), which gup_fast_fallback() sets.
 *
 * Model: callers are read, not explored. What sets the flag counts where a way leads to it on which FOLL_PIN is asked for; a condition
 * that is about something else counts as one that may hold. What stands behind the call does not count.
 */
import type { Expression, FunctionDefinition, Statement, TypeSpecifier } from '../../syntax/ast.js';
import { parseStatements } from '../../syntax/snippet.js';
import { functionOf, type Source } from '../../syntax/source.js';
import type { Ask } from './ask.js';
import { calleeOf, callsIn, isKind, nodesIn } from './definition.js';
import type { WalkFunction } from './walk_facts.js';

/** How the kernel calls it; in the order of their age, newest last. */
export const HAS_PINNED: readonly string[] = [
	'has_pinned',
	'MMF_HAS_PINNED',
	'MMF_HAS_PINNED_MASK',
];

/** Operations that ask for the flag or take it away; any other whose body is not known, and that is given it, sets it. */
const NOT_SETTING: ReadonlySet<string> = new Set([
	...['test_bit', 'arch_test_bit', 'clear_bit', '__clear_bit', 'test_and_clear_bit'],
	...['mm_flags_test', 'mm_flags_clear', 'mm_flags_test_and_clear'],
	...['atomic_read', 'READ_ONCE', 'likely', 'unlikely', 'BIT', 'BIT_ULL', '_BITUL'],
	...['WARN_ON', 'WARN_ON_ONCE', 'VM_WARN_ON', 'VM_WARN_ON_ONCE', 'BUG_ON', 'VM_BUG_ON'],
]);

/** Where helpers of mm/ stand beside the file itself. */
const HELPERS: readonly string[] = ['mm/internal.h', 'include/linux/mm.h'];

/** Callers of callers that are followed. */
const callersMax = 4;

/** The caller of a walk that asks for pins, and before that sets the flag on no way; null: none is known. */
export function silentCaller(ask: Ask): WalkFunction | null {
	const within = new Set(ask.walk.map((f) => f.name));
	const called = new Set(
		ask.walk.flatMap((f) => f.calls.map(calleeOf).filter((name) => name !== f.name)),
	);
	const roots = ask.walk.filter((f) => !called.has(f.name));
	const others = new Callers(ask, within);
	if (ask.walk.some((f) => others.namesFlag(f.name))) return null;
	for (const { name } of roots) {
		for (const caller of others.of(name)) {
			const silent = others.silentBefore(caller, name, callersMax);
			if (silent !== null) return silent;
		}
	}
	return null;
}

class Callers {
	private readonly ask: Ask;
	private readonly within: ReadonlySet<string>;
	private readonly known = new Map<string, WalkFunction | null>();

	constructor(ask: Ask, within: ReadonlySet<string>) {
		this.ask = ask;
		this.within = within;
	}

	/** Functions of the file, outside the walk, that call that one. */
	of(name: string): readonly WalkFunction[] {
		const { file } = this.ask;
		const { text } = file.preprocessed;
		const named = [...file.functions].filter(
			([other, [item]]) =>
				!this.within.has(other) &&
				item !== undefined &&
				text.slice(item.start, item.end).includes(name),
		);
		return named
			.flatMap(([other]) => this.function(other) ?? [])
			.filter((f) => f.calls.some((c) => calleeOf(c) === name));
	}

	/** A walk that speaks of the flag itself is not judged. */
	namesFlag(name: string): boolean {
		const { text } = this.ask.file.preprocessed;
		const [item] = this.ask.file.functions.get(name) ?? [];
		if (item === undefined) return false;
		const body = text.slice(item.start, item.end);
		if (!HAS_PINNED.some((flag) => body.includes(flag))) return false;
		const syntax = this.function(name)?.syntax;
		return syntax === undefined || HAS_PINNED.some((flag) => names(syntax.body).has(flag));
	}

	private function(name: string): WalkFunction | null {
		let known = this.known.get(name);
		if (known === undefined) {
			known = asWritten(this.ask.file, name);
			this.known.set(name, known);
		}
		return known;
	}

	/** The function that should have set the flag on the way to the call. */
	silentBefore(caller: WalkFunction, callee: string, upTo: number): WalkFunction | null {
		if (this.announces(read(caller.syntax), callee, new Set([caller.name]))) return null;
		if (upTo === 0) return null;
		const above = this.of(caller.name).filter((f) => f.name !== caller.name);
		// who does not speak of pins asks for references
		const pinning = above.filter((f) => names(f.syntax.body).has('FOLL_PIN'));
		if (above.length > 0 && pinning.length === 0 && !names(caller.syntax.body).has('FOLL_PIN'))
			return null;
		if (pinning.length === 0) return caller;
		const silent = pinning.map((f) => this.silentBefore(f, caller.name, upTo - 1));
		return silent.some((f) => f !== null) ? caller : null;
	}

	/** Whether a way on which FOLL_PIN is asked for leads to what sets the flag, before the first call of `until`. */
	private announces(read: Read, until: string | null, open: ReadonlySet<string>): boolean {
		let isBehind = false;
		let found = false;
		const visit = (node: unknown): void => {
			if (isBehind || found || typeof node !== 'object' || node === null) return;
			const statement = node as Statement;
			if (isKind(statement, 'if')) {
				const { condition, then, otherwise } = statement as Statement & { kind: 'if' };
				visit(condition);
				const value = underPin(condition);
				if (value !== false) visit(then);
				if (value !== true) visit(otherwise);
				return;
			}
			const call = node as Expression;
			const isUntil = call.kind === 'call' && until !== null && calleeOf(call) === until;
			if (!isUntil && this.sets(call, read, open)) {
				found = true;
				return;
			}
			// arguments are evaluated before the call is made
			for (const below of Object.values(node)) visit(below);
			isBehind ||= isUntil;
		};
		visit(read.body);
		return found;
	}

	private sets(e: Expression, { flags, processes }: Read, open: ReadonlySet<string>): boolean {
		const isFlag = (given: Expression): boolean => [...names(given)].some((n) => flags.has(n));
		if (e.kind === 'assign') {
			const isPlace = e.target.kind !== 'identifier';
			return e.operator !== '&' && isPlace && (isFlag(e.target) || isFlag(e.value));
		}
		if (e.kind !== 'call') return false;
		const callee = calleeOf(e);
		if (callee === '' || this.within.has(callee) || NOT_SETTING.has(callee)) return false;
		if (open.has(callee)) return false;
		const known = this.called(callee);
		if (known === null) return e.arguments.some((a) => isFlag(a) || isProcess(a, processes));
		const given = (is: (a: Expression) => boolean): readonly string[] =>
			known.parameters.filter((_, i) => {
				const argument = e.arguments[i];
				return argument !== undefined && is(argument);
			});
		const inside = {
			body: known.body,
			flags: new Set([...known.flags, ...given(isFlag)]),
			processes: new Set([...known.processes, ...given((a) => isProcess(a, processes))]),
		};
		return this.announces(inside, null, new Set([...open, callee]));
	}

	/** What a name of a function or macro stands for; null: its body is not known. */
	private called(name: string): (Read & { readonly parameters: readonly string[] }) | null {
		const syntax = this.function(name)?.syntax ?? this.helper(name);
		if (syntax !== null)
			return { ...read(syntax), parameters: syntax.parameters.map((p) => p.name ?? '') };
		const macro = this.ask.file.preprocessed.macros.get(name);
		const body = macro === undefined ? null : parseStatements(`${macro.body};`);
		if (macro === undefined || body === null) return null;
		return { body, flags: FLAGS, processes: new Set(), parameters: macro.parameters ?? [] };
	}

	private helper(name: string): FunctionDefinition | null {
		for (const path of HELPERS) {
			const source = this.ask.source(path);
			if (source?.functions.has(name) === true) return asWritten(source, name)?.syntax ?? null;
		}
		return null;
	}
}

/** A body, with the names in it that stand for the flag and for the process. */
interface Read {
	readonly body: Statement;
	readonly flags: ReadonlySet<string>;
	readonly processes: ReadonlySet<string>;
}

const FLAGS: ReadonlySet<string> = new Set(HAS_PINNED);

function read({ parameters, body }: FunctionDefinition): Read {
	const isMm = (specifier: TypeSpecifier): boolean =>
		specifier.kind === 'aggregate' && specifier.tag === 'mm_struct';
	const processes = new Set(
		parameters.flatMap(({ name, type }) => (name !== null && isMm(type.specifier) ? [name] : [])),
	);
	for (const node of nodesIn(body)) {
		if (!isKind(node, 'declaration')) continue;
		const { declaration } = node as Statement & { kind: 'declaration' };
		for (const { name, initialiser } of declaration.declarators) {
			const leads = initialiser !== null && isProcess(initialiser, processes);
			if (leads || isMm(declaration.specifier)) processes.add(name);
		}
	}
	return { body, flags: FLAGS, processes };
}

/** A function before its macros are expanded: with MMF_HAS_PINNED and FOLL_PIN, and not their numbers. */
function asWritten(source: Source, name: string): WalkFunction | null {
	const [item] = source.functions.get(name) ?? [];
	if (item === undefined || item.broken !== null) return null;
	const syntax = functionOf(source.preprocessed.text.slice(item.start, item.end));
	if (syntax === null) return null;
	const { line } = source.lines.positionAt(item.nameStart);
	return { path: source.path, line, name, syntax, calls: callsIn(syntax) };
}

/** `current->mm`, `&mm->flags`, a name that stands for one: what a function can set the flag by. */
function isProcess(e: Expression, processes: ReadonlySet<string>): boolean {
	switch (e.kind) {
		case 'parenthesised':
			return isProcess(e.inner, processes);
		case 'unary':
		case 'cast':
			return isProcess(e.operand, processes);
		case 'identifier':
			return processes.has(e.name);
		case 'member':
			return e.name === 'mm' || e.name === 'flags';
		default:
			return false;
	}
}

/** Names of variables and constants, and of members, in a part of a syntax tree. */
function names(node: Statement | Expression): ReadonlySet<string> {
	return new Set(
		nodesIn(node).flatMap((n): readonly string[] => {
			const e = n as Expression;
			if (e.kind === 'identifier') return [e.name];
			return e.kind === 'member' ? [e.name] : [];
		}),
	);
}

/** What a condition is where FOLL_PIN is asked for, and so FOLL_GET is not; null: it is about something else. */
function underPin(e: Expression): boolean | null {
	switch (e.kind) {
		case 'parenthesised':
			return underPin(e.inner);
		case 'unary': {
			const value = e.operator === '!' ? underPin(e.operand) : null;
			return value === null ? null : !value;
		}
		case 'call':
			return /^(?:un)?likely$/.test(calleeOf(e)) && e.arguments[0] !== undefined
				? underPin(e.arguments[0])
				: null;
		case 'number':
			return Number(e.text) !== 0;
		case 'binary':
			return binaryUnderPin(e);
		default:
			return null;
	}
}

function binaryUnderPin({
	operator,
	left,
	right,
}: Expression & { kind: 'binary' }): boolean | null {
	switch (operator) {
		case '&': {
			const mask = maskOf(left) ?? maskOf(right);
			if (mask === null) return null;
			if (mask.includes('FOLL_PIN')) return true;
			return mask.every((name) => name === 'FOLL_GET') ? false : null;
		}
		case '&&': {
			const both = [underPin(left), underPin(right)];
			if (both.includes(false)) return false;
			return both.includes(null) ? null : true;
		}
		case '||': {
			const both = [underPin(left), underPin(right)];
			if (both.includes(true)) return true;
			return both.includes(null) ? null : false;
		}
		default:
			return null;
	}
}

/** `FOLL_PIN | FOLL_WRITE` as names; null: it is something else. */
function maskOf(e: Expression): readonly string[] | null {
	if (e.kind === 'parenthesised') return maskOf(e.inner);
	if (e.kind === 'identifier') return e.name.startsWith('FOLL_') ? [e.name] : null;
	if (e.kind !== 'binary' || e.operator !== '|') return null;
	const [left, right] = [maskOf(e.left), maskOf(e.right)];
	return left === null || right === null ? null : [...left, ...right];
}
