/**
 * The directives of a file and of what it includes, run in order. Only directives are: the text of headers is not looked at.
 *
 * Invariant: notes are about the file's own directives; what of a header is not read is a doubt about all that stands behind the
 * directive of the file that brought it.
 */
import { type After, activeText, countBelow, tightened } from './active_text.js';
import { type ConditionScope, evaluateCondition } from './condition.js';
import { type Macro, macroOf, macroOfHeader } from './definition.js';
import { expand, textOf } from './expand.js';
import { headerOf, includeSpec, isAbi, isBuilt, nameIn, notFound } from './header_text.js';
import { type Directive, type LogicalLines, logicalLines } from './logical_lines.js';
import type { MacroHistory } from './macro.js';
import { type Token, tokenise } from './token.js';
import type {
	Doubt,
	IncludeRequest,
	TranslationUnit,
	UnitNote,
	UnitRequest,
} from './translation_unit.js';
import { doubtsOfText, includesOf } from './unread_text.js';

const includeDepthMax = 200;
const includesMax = 20_000;
const directivesMax = 3_000_000;
const conditionalsMax = 2_000;
const conditionTokensMax = 200_000;
const conditionsTokensMax = 10_000_000;

/** One `#if` … `#endif` under evaluation. */
interface Conditional {
	/** Whether the lines around it are active. */
	readonly outer: boolean;
	readonly offset: number;
	taken: boolean;
	active: boolean;
	else: boolean;
	/** Why its condition could not be read. */
	doubt: string | null;
}

export interface Base {
	readonly texts: ReadonlyMap<string, string>;
	readonly wanted: readonly IncludeRequest[];
	readonly history: MacroHistory;
	readonly state: Progress;
}

/** Where the run of a file's directives has come to. */
export interface Progress {
	readonly after: readonly After[];
	readonly stack: readonly Conditional[];
	readonly unbalanced: boolean;
	readonly notes: readonly UnitNote[];
	readonly doubts: readonly Doubt[];
	readonly missing: readonly UnitNote[];
	readonly includes: readonly { readonly path: string; readonly quoted: boolean }[];
	readonly own: ReadonlyMap<string, Macro>;
	readonly ownTimes: ReadonlyMap<string, number>;
	readonly files: readonly string[];
	readonly pushed: ReadonlyMap<string, readonly (Macro | null)[]>;
	readonly start: number;
}

/** What gcc always has without a directive. */
const BUILTIN: ReadonlySet<string> = new Set([
	...['__FILE__', '__LINE__', '__COUNTER__', '__INCLUDE_LEVEL__', '__BASE_FILE__'],
	...['__FILE_NAME__', '__DATE__', '__TIME__', '__TIMESTAMP__'],
]);

export class DirectiveRun implements ConditionScope {
	readonly #request: UnitRequest;
	readonly #history: MacroHistory;
	readonly #after: After[];
	readonly #stack: Conditional[];
	readonly #notes: UnitNote[];
	readonly #doubts: Doubt[];
	readonly #missing: UnitNote[];
	readonly #includes: { path: string; quoted: boolean }[];
	readonly #own: Map<string, Macro>;
	readonly #ownTimes: Map<string, number>;
	readonly #files: string[];
	readonly #texts = new Map<string, string>();
	readonly #wanted: IncludeRequest[] = [];
	readonly #once = new Set<string>();
	/** Definitions that `#pragma push_macro` keeps, by name. */
	readonly #pushed: Map<string, (Macro | null)[]>;
	#start: number;
	#unbalanced: boolean;
	#depth = 0;
	/** Why the condition at hand cannot be read. */
	#unread: string | null = null;
	#included = 0;
	#run = 0;
	/** Where the file's own directive at hand stands. */
	#ownOffset = 0;
	/** Where notes about the directive at hand go. */
	#at: { path: string; offset: number };
	budget = 0;
	#given = 0;
	#tokensLeft = conditionsTokensMax;

	constructor(request: UnitRequest, history: MacroHistory, from: Progress | null) {
		this.#request = request;
		this.#history = history;
		this.#after = [...(from?.after ?? [])];
		this.#stack = (from?.stack ?? []).map((c) => ({ ...c }));
		this.#notes = [...(from?.notes ?? [])];
		this.#doubts = [...(from?.doubts ?? [])];
		this.#missing = [...(from?.missing ?? [])];
		this.#includes = [...(from?.includes ?? [])];
		this.#own = new Map(from?.own);
		this.#ownTimes = new Map(from?.ownTimes);
		this.#files = [...(from?.files ?? [])];
		this.#pushed = new Map([...(from?.pushed ?? [])].map(([name, kept]) => [name, [...kept]]));
		this.#start = from?.start ?? 0;
		this.#unbalanced = from?.unbalanced ?? false;
		this.#at = { path: request.path, offset: 0 };
	}

	/** Predefined names and the headers of the command line. */
	prelude(): void {
		const { predefined, before, files } = this.#request;
		for (const d of logicalLines(predefined).directives) {
			const macro = d.kind === 'define' ? macroOf(d.rest, { offset: 0, path: '' }) : null;
			if (macro !== null) this.#history.set(macro.name, macro);
		}
		if (files !== null)
			for (const path of before) this.#include({ path, quoted: false, from: '', next: false });
		this.#start = this.#history.now;
	}

	/** The file's own directives; `first` is the ordinal of the first of them. */
	main(directives: readonly Directive[], first: number): void {
		const { path } = this.#request;
		for (const [index, directive] of directives.entries()) {
			this.#at = { path, offset: directive.start };
			this.#ownOffset = directive.start;
			this.#directive(directive, path, this.#stack);
			this.#after[first + index] = {
				time: this.#history.now,
				active: this.#stack.at(-1)?.active ?? true,
			};
		}
	}

	base(): Base {
		return {
			texts: this.#texts,
			wanted: this.#wanted,
			history: this.#history,
			state: {
				after: this.#after,
				stack: this.#stack,
				unbalanced: this.#unbalanced,
				notes: this.#notes,
				doubts: this.#doubts,
				missing: this.#missing,
				includes: this.#includes,
				own: this.#own,
				ownTimes: this.#ownTimes,
				files: this.#files,
				pushed: this.#pushed,
				start: this.#start,
			},
		};
	}

	finish(lines: LogicalLines): TranslationUnit {
		const { path, fallback } = this.#request;
		const { directives } = lines;
		if (this.#stack.length > 0) this.#unbalanced = true;
		for (const { offset } of this.#stack)
			this.#note('unbalanced', '#if without #endif', { path, offset });
		if (lines.unfinished !== null)
			this.#note('error', lines.unfinished, { path, offset: this.#request.text.length });
		const times = this.#after.map((a) => a.time);
		const starts = directives.map((d) => d.start);
		const timeAt = (offset: number): number => times[countBelow(starts, offset) - 1] ?? this.#start;
		const history = this.#history;
		const active = activeText(lines.plain(), directives, this.#after);
		return {
			path,
			text: active,
			own: this.#own,
			includes: this.#includes,
			unbalanced: this.#unbalanced,
			notes: this.#notes,
			doubts: [
				...this.#doubts,
				...doubtsOfText(this.#request.text, active, includesOf(directives, this.#after)),
			],
			missing: this.#missing,
			files: this.#files,
			macroAt(name, offset) {
				const found = history.at(name, timeAt(offset));
				return found === undefined ? (fallback?.(name) ?? null) : found;
			},
			undefinedAt: (name, offset) => {
				const time = this.#ownTimes.get(name);
				if (time === undefined || time > timeAt(offset)) return null;
				if (history.at(name, timeAt(offset)) !== null) return null;
				return history.at(name, time - 1) ?? null;
			},
		};
	}

	macro(name: string): Macro | null {
		const found = this.#history.at(name, this.#history.now);
		return found === undefined ? (this.#request.fallback?.(name) ?? null) : found;
	}

	defined(name: string): boolean {
		return name.startsWith('__has_')
			? this.#request.has(name, '') !== null
			: this.macro(name) !== null || this.#isBuiltin(name) || this.#mayBe(name);
	}

	/** A name that a compiler may have; then what is asked is not understood. */
	#mayBe(name: string): false {
		const isAsked = this.#request.mayBePredefined?.(name) === true;
		if (isAsked && this.#history.at(name, this.#history.now) === undefined)
			this.#unread = `a condition on ${name} is not understood: a compiler may define it`;
		return false;
	}

	/** Nobody has defined it otherwise, or taken it away. */
	#isBuiltin(name: string): boolean {
		return BUILTIN.has(name) && this.#history.at(name, this.#history.now) === undefined;
	}

	has(question: string, what: string): bigint | null {
		if (question !== '__has_include' && question !== '__has_include_next')
			return this.#request.has(question, what);
		const spec = includeSpec(what);
		if (spec === null || this.#request.files === null) return 0n;
		const next = question === '__has_include_next';
		return this.#request.files.resolve({ ...spec, from: this.#at.path, next }) === null ? 0n : 1n;
	}

	special(name: string): string | null {
		if (name === '__LINE__') return String(this.#line());
		if (name === '__FILE__') return JSON.stringify(this.#at.path);
		if (!this.#isBuiltin(name)) return null;
		// its value depends on all that was read before, or on the build
		this.#unread = `a condition on ${name} is not understood`;
		return '0';
	}

	/** The line of the directive at hand. */
	#line(): number {
		const { path, offset } = this.#at;
		const text = path === this.#request.path ? this.#request.text : this.#texts.get(path);
		return (text ?? '').slice(0, offset).split('\n').length;
	}

	/** What one condition may take of what all of them may. */
	#refill(): void {
		this.#tokensLeft -= this.#given - Math.max(this.budget, 0);
		this.#given = Math.max(Math.min(conditionTokensMax, this.#tokensLeft), 0);
		this.budget = this.#given;
	}

	problem(message: string, _token: Token): void {
		this.#note('limit', message, this.#at);
	}

	#note(kind: UnitNote['kind'], message: string, at: { path: string; offset: number }): void {
		if (at.path === this.#request.path && this.#notes.length < 1000)
			this.#notes.push({ kind, message, ...at });
	}

	/** From the directive at hand on, what a name means is a guess; said of the file's own directives only. */
	#doubt(why: string): void {
		if (this.#at.path === this.#request.path && this.#doubts.length < 100)
			this.#doubts.push({ start: this.#at.offset, end: Number.POSITIVE_INFINITY, why });
	}

	#directive(directive: Directive, path: string, stack: Conditional[]): void {
		const active = stack.at(-1)?.active ?? true;
		const { kind, rest } = directive;
		if (++this.#run > directivesMax) {
			if (this.#run === directivesMax + 1) {
				this.#note('limit', `more than ${directivesMax} directives`, this.#at);
				this.#doubt(`there are more than ${directivesMax} directives`);
			}
			return;
		}
		switch (kind) {
			case 'if':
			case 'ifdef':
			case 'ifndef': {
				if (stack.length === conditionalsMax)
					this.#doubt(`more than ${conditionalsMax} #if stand inside each other`);
				this.#unread = null;
				const holds = active && this.#opens(kind, rest);
				stack.push({
					outer: active,
					offset: directive.start,
					taken: holds,
					active: holds,
					else: false,
					doubt: this.#unread,
				});
				break;
			}
			case 'elif':
			case 'elifdef':
			case 'elifndef':
			case 'else':
				this.#otherwise(kind, rest, stack);
				break;
			case 'endif':
				this.#closes(directive, path, stack.pop());
				break;
			default:
				if (active) this.#plain(directive, path);
		}
		this.#history.tick();
	}

	#closes({ end }: Directive, path: string, closed: Conditional | undefined): void {
		if (closed === undefined) this.#unbalance(path, '#endif without #if');
		else if (closed.doubt !== null && path === this.#request.path)
			this.#doubts.push({ start: closed.offset, end, why: closed.doubt });
	}

	/** From the file's own directive at hand on, whoever it was that is not read. */
	#doubtBehind(why: string): void {
		if (this.#doubts.length < 100)
			this.#doubts.push({ start: this.#ownOffset, end: Number.POSITIVE_INFINITY, why });
	}

	#unbalance(path: string, message: string): void {
		if (path !== this.#request.path) return;
		this.#unbalanced = true;
		this.#note('unbalanced', message, this.#at);
	}

	#opens(kind: string, rest: string): boolean {
		const holds = this.#holds(kind, rest);
		if (this.#unread === null) return holds;
		if (this.#at.path === this.#request.path) this.#note('condition', this.#unread, this.#at);
		else {
			this.#doubtBehind(`${this.#at.path}: ${this.#unread}`);
			this.#unread = null;
		}
		return holds;
	}

	#holds(kind: string, rest: string): boolean {
		switch (kind) {
			case 'ifdef':
			case 'elifdef':
				return this.defined(nameIn(rest));
			case 'ifndef':
			case 'elifndef':
				return !this.defined(nameIn(rest));
			default:
				return this.#condition(rest);
		}
	}

	#otherwise(kind: string, rest: string, stack: Conditional[]): void {
		const top = stack.at(-1);
		if (top === undefined || top.else) {
			this.#unbalance(this.#at.path, `#${kind} without #if`);
			if (top === undefined) return;
		}
		top.else = kind === 'else';
		const isAsked = top.outer && !top.taken;
		const opening = kind === 'elif' ? 'if' : kind;
		this.#unread = null;
		top.active = isAsked && (kind === 'else' || this.#opens(opening, rest));
		top.doubt ??= this.#unread;
		top.taken ||= top.active;
	}

	#condition(text: string): boolean {
		this.#refill();
		const { holds, unknown, error } = evaluateCondition(text, this);
		for (const name of unknown) this.#mayBe(name);
		if (this.#at.path !== this.#request.path) return holds;
		for (const name of unknown)
			this.#note('unknown', `#if: nothing defines ${name}, so that it is 0`, this.#at);
		if (error !== null) this.#unread = `#if ${text.slice(0, 80)} is not understood: ${error}`;
		return holds;
	}

	#plain({ kind, rest, start }: Directive, path: string): void {
		const isMain = path === this.#request.path;
		switch (kind) {
			case 'define': {
				const read = isMain ? macroOf : macroOfHeader;
				const macro = read(rest, { offset: start, path });
				if (macro === null) {
					this.#note('definition', `#define ${rest.slice(0, 60)} is not understood`, this.#at);
					this.#doubt(`#define ${rest.slice(0, 60)} is not understood`);
					return;
				}
				this.#history.set(macro.name, macro);
				if (isMain) this.#isOwn(macro.name, macro);
				return;
			}
			case 'undef': {
				const name = nameIn(rest);
				this.#history.set(name, null);
				if (isMain) this.#isOwn(name, null);
				return;
			}
			case 'include':
			case 'include_next':
			case 'import':
				this.#includeDirective(kind, rest, path);
				return;
			case 'error':
				this.#note('error', `#error ${rest}`, this.#at);
				return;
			case 'pragma':
				this.#pragma(rest, path, isMain);
				return;
			default:
		}
	}

	/** What a pragma says to the preprocessor. */
	#pragma(rest: string, path: string, isMain: boolean): void {
		if (/^once\b/.test(rest)) this.#once.add(path);
		const [, what, name] = /^(push|pop)_macro\s*\(\s*"\s*(\w+)\s*"\s*\)/.exec(rest) ?? [];
		if (what === undefined || name === undefined) return;
		const kept = this.#pushed.get(name) ?? [];
		this.#pushed.set(name, kept);
		if (what === 'push') kept.push(this.macro(name));
		const before = what === 'pop' ? kept.pop() : undefined;
		if (before === undefined) return;
		this.#history.set(name, before);
		if (isMain) this.#isOwn(name, before);
	}

	#isOwn(name: string, macro: Macro | null): void {
		if (macro !== null) this.#own.set(name, macro);
		if (!this.#ownTimes.has(name)) this.#ownTimes.set(name, this.#history.now);
	}

	#includeDirective(kind: string, rest: string, path: string): void {
		let spec = includeSpec(rest);
		if (spec === null) {
			this.#refill();
			spec = includeSpec(tightened(textOf(expand(tokenise(rest), this))));
		}
		if (spec === null) {
			this.#note('error', `#include ${rest.slice(0, 60)} is not understood`, this.#at);
			return;
		}
		if (path === this.#request.path) this.#includes.push(spec);
		this.#include({ ...spec, from: path, next: kind === 'include_next' });
	}

	#include(include: IncludeRequest): void {
		const { files } = this.#request;
		const before = this.#at;
		const found = files?.resolve(include) ?? null;
		if (found === null) {
			this.#wanted.push(include);
			this.#missing.push({ kind: 'missing', message: include.path, ...before });
			this.#note('missing', include.path, before);
			const isExpected =
				files === null
					? this.#request.isKnown(include)
					: isBuilt(include.path) || isAbi(include.path);
			if (!isExpected) this.#doubt(notFound(this.#request, include));
			return;
		}
		const { path, text } = found;
		if (!this.#texts.has(path)) {
			this.#texts.set(path, text);
			this.#files.push(path);
		}
		if (this.#once.has(path)) return;
		const { lines, unread } = headerOf(path, text);
		if (unread !== null) this.#doubtBehind(`${path}: ${unread}`);
		if (lines.guard !== null && this.macro(lines.guard) !== null) return;
		if (this.#depth >= includeDepthMax || ++this.#included > includesMax) {
			this.#note('limit', `#include ${include.path}: too many includes`, before);
			this.#doubt(`#include ${include.path}: too many includes inside each other`);
			return;
		}
		this.#depth++;
		const stack: Conditional[] = [];
		for (const directive of lines.directives) {
			this.#at = { path, offset: directive.start };
			this.#directive(directive, path, stack);
		}
		this.#depth--;
		this.#at = before;
	}
}
