/**
 * The directives of a file and of what it includes, run in order. Only directives are: the text of headers is not looked at.
 *
 * Invariant: notes are about the file's own directives; what of a header is not read is a doubt about all that stands behind the
 * directive of the file that brought it.
 */
import { type After, tightened } from './active_text.js';
import { AskedHeaders } from './asked_headers.js';
import { type ConditionScope, evaluateCondition } from './condition.js';
import { type Macro, macroOf, macroOfHeader } from './definition.js';
import { expand } from './expand.js';
import { endingOf, isInBlock, macrosAt, openEnd, opensBlock } from './header_items.js';
import { headerOf, includeSpec, mayLack, nameIn, notFound } from './header_text.js';
import { type Directive, type LogicalLines, logicalLines } from './logical_lines.js';
import type { MacroHistory } from './macro.js';
import { notFollowed } from './not_followed.js';
import { type Packing, packed, readPragma, UNPACKED } from './pragma.js';
import type { Base, Conditional, Progress } from './progress.js';
import { Remarks } from './remarks.js';
import { type Token, tokenise } from './token.js';
import type { IncludeRequest, UnitRequest } from './translation_unit.js';
import { BUILTIN, isDefinedByBuild, isUpToBuild, mayDefine } from './up_to_build.js';

const includeDepthMax = 200;
const includesMax = 20_000;
const directivesMax = 3_000_000;
const conditionalsMax = 2_000;
const conditionTokensMax = 200_000;
const conditionsTokensMax = 10_000_000;

export class DirectiveRun implements ConditionScope {
	readonly #request: UnitRequest;
	readonly #history: MacroHistory;
	readonly #after: After[];
	readonly #stack: Conditional[];
	readonly #remarks: Remarks;
	readonly #includes: { path: string; quoted: boolean }[];
	readonly #own: Map<string, Macro>;
	readonly #ownTimes: Map<string, number>;
	readonly #files: string[];
	readonly #texts = new Map<string, string>();
	readonly #asked: AskedHeaders;
	readonly #once = new Set<string>();
	readonly #headers: Progress['headers'][number][];
	/** Macros that open or close a block and do not do the other. */
	readonly #opening = new Set<string>();
	/** Definitions that `#pragma push_macro` keeps, by name. */
	readonly #pushed: Map<string, (Macro | null)[]>;
	#packing: Packing;
	/** Headers that a build makes and that are not there, with the names that they may define. */
	readonly #made: Map<string, RegExp>;
	#start: number;
	#unbalanced: boolean;
	/** The header at hand, as far as it was read; null: the file itself. */
	#frame: { readonly lines: LogicalLines; readonly after: readonly After[] } | null = null;
	#depth = 0;
	/** Why the condition at hand cannot be read. */
	#unread: string | null = null;
	#included = 0;
	#run = 0;
	/** Where the file's own directive at hand stands. */
	#ownOffset = 0;
	/** Where notes about the directive at hand go. */
	#at: { path: string; offset: number };
	tokensLeft = 0;
	#given = 0;
	#tokensOfFile = conditionsTokensMax;

	constructor(request: UnitRequest, history: MacroHistory, from: Progress | null) {
		this.#request = request;
		this.#asked = new AskedHeaders(request.files);
		this.#history = history;
		this.#after = [...(from?.after ?? [])];
		this.#stack = (from?.stack ?? []).map((c) => ({ ...c }));
		this.#remarks = new Remarks(request.path, from?.remarked ?? null);
		this.#includes = [...(from?.includes ?? [])];
		this.#own = new Map(from?.own);
		this.#ownTimes = new Map(from?.ownTimes);
		this.#files = [...(from?.files ?? [])];
		this.#pushed = new Map([...(from?.pushed ?? [])].map(([name, kept]) => [name, [...kept]]));
		this.#headers = [...(from?.headers ?? [])];
		this.#made = new Map(from?.made);
		this.#packing = from?.packing ?? UNPACKED;
		this.#start = from?.start ?? 0;
		this.#unbalanced = from?.unbalanced ?? false;
		this.#at = { path: request.path, offset: 0 };
	}

	/** Predefined names and the headers of the command line. */
	prelude(): void {
		const { predefined, before, files } = this.#request;
		for (const d of logicalLines(predefined).directives) {
			if (d.kind === 'define') this.#define(d.rest, { offset: 0, path: '' });
		}
		if (files !== null)
			for (const path of before) this.#include({ path, quoted: false, from: '', next: false });
		this.#start = this.#history.now;
	}

	#define(rest: string, place: { readonly offset: number; readonly path: string }): void {
		const macro = macroOf(rest, place);
		if (macro !== null) this.#history.set(macro.name, macro);
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
			asked: this.#asked.all(),
			history: this.#history,
			state: {
				after: this.#after,
				stack: this.#stack,
				unbalanced: this.#unbalanced,
				remarked: this.#remarks.all,
				includes: this.#includes,
				own: this.#own,
				ownTimes: this.#ownTimes,
				files: this.#files,
				pushed: this.#pushed,
				packing: this.#packing,
				made: this.#made,
				headers: this.#headers,
				start: this.#start,
			},
		};
	}

	macro(name: string): Macro | null {
		const found = this.#history.at(name, this.#history.now);
		if (found?.path === '' && isUpToBuild(name)) this.#upToBuild(name);
		return found === undefined ? (this.#request.fallback?.(name) ?? null) : found;
	}

	/** A question of the file's own, not of a header's, that another compiler or another file would be answered otherwise. */
	#upToBuild(name: string): void {
		if (this.#at.path === this.#request.path)
			this.#unread = `a condition on ${name} is not understood: it is up to the compiler`;
	}

	defined(name: string): boolean {
		if (isDefinedByBuild(name)) this.#upToBuild(name);
		if (name.startsWith('__has_')) return this.#request.has(name, '') !== null;
		const found = this.#history.at(name, this.#history.now);
		if (found != null) return true;
		return this.#isBuiltin(name) || this.macro(name) !== null || this.#mayBe(name);
	}

	/** A name that a compiler may have; then what is asked is not understood. */
	#mayBe(name: string): false {
		if (this.#history.at(name, this.#history.now) !== undefined) return false;
		const who = mayDefine(name, this.#request, this.#made);
		if (who !== null)
			this.#unread = `a condition on ${name} is not understood: ${who} may define it`;
		return false;
	}

	/** Nobody has defined it otherwise, or taken it away. */
	#isBuiltin(name: string): boolean {
		return BUILTIN.has(name) && this.#history.at(name, this.#history.now) === undefined;
	}

	has(question: string, what: string): bigint | null {
		if (question !== '__has_include' && question !== '__has_include_next') {
			this.#upToBuild(question);
			return this.#request.has(question, what);
		}
		const spec = includeSpec(what);
		if (spec === null || this.#request.files === null) return 0n;
		const next = question === '__has_include_next';
		const found = this.#asked.resolve({ ...spec, from: this.#at.path, next });
		if (found === null && mayLack(spec.path))
			this.#unread = `a condition on ${spec.path} is not understood: a build may make it`;
		return found === null ? 0n : 1n;
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
		this.#tokensOfFile -= this.#given - Math.max(this.tokensLeft, 0);
		this.#given = Math.max(Math.min(conditionTokensMax, this.#tokensOfFile), 0);
		this.tokensLeft = this.#given;
	}

	problem(message: string, _token: Token): void {
		this.#remarks.note('limit', message, this.#at);
		this.#unread = message;
	}

	/** From the file's own directive at hand on, what a name means is a guess, whoever it was that is not read. */
	#doubt(why: string): void {
		const { path } = this.#at;
		this.#remarks.doubtFrom(this.#ownOffset, path === this.#request.path ? why : `${path}: ${why}`);
	}

	#directive(directive: Directive, path: string, stack: Conditional[]): void {
		const active = stack.at(-1)?.active ?? true;
		const { kind, rest } = directive;
		if (++this.#run > directivesMax) {
			if (this.#run === directivesMax + 1) {
				this.#remarks.note('limit', `more than ${directivesMax} directives`, this.#at);
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
					defines: false,
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
				for (const around of stack) around.defines = true;
				if (active) this.#plain(directive, path);
		}
		this.#history.tick();
	}

	#closes({ end }: Directive, path: string, closed: Conditional | undefined): void {
		if (closed === undefined) this.#unbalance(path, '#endif without #if');
		else if (closed.doubt !== null && path === this.#request.path)
			this.#remarks.doubtWithin({
				start: closed.offset,
				end: closed.defines ? Number.POSITIVE_INFINITY : end,
				why: closed.doubt,
			});
	}

	#unbalance(path: string, message: string): void {
		if (path !== this.#request.path) return;
		this.#unbalanced = true;
		this.#remarks.note('unbalanced', message, this.#at);
	}

	#opens(kind: string, rest: string): boolean {
		const holds = this.#holds(kind, rest);
		if (this.#unread === null) return holds;
		if (this.#at.path === this.#request.path)
			this.#remarks.note('condition', this.#unread, this.#at);
		else {
			this.#doubt(this.#unread);
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
			this.#remarks.note('unknown', `#if: nothing defines ${name}, so that it is 0`, this.#at);
		if (error !== null) this.#unread = `#if ${text.slice(0, 80)} is not understood: ${error}`;
		return holds;
	}

	#plain(directive: Directive, path: string): void {
		const { kind, rest, start } = directive;
		const isMain = path === this.#request.path;
		const why = notFollowed(directive, path, this.#request);
		if (why !== null) this.#doubt(why);
		switch (kind) {
			case 'define': {
				const read = isMain ? macroOf : macroOfHeader;
				const macro = read(rest, { offset: start, path });
				if (macro === null) {
					this.#remarks.note(
						'definition',
						`#define ${rest.slice(0, 60)} is not understood`,
						this.#at,
					);
					this.#doubt(`#define ${rest.slice(0, 60)} is not understood`);
					return;
				}
				this.#history.set(macro.name, macro);
				if (opensBlock(rest)) this.#opening.add(macro.name);
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
				this.#remarks.note('error', `#error ${rest}`, this.#at);
				return;
			case 'pragma':
				this.#pragma(rest, path, isMain);
				return;
			default:
		}
	}

	#pragma(rest: string, path: string, isMain: boolean): void {
		const pragma = readPragma(rest);
		switch (pragma.kind) {
			case 'once':
				this.#once.add(path);
				return;
			case 'push':
			case 'pop': {
				const { kind, name } = pragma;
				const kept = this.#pushed.get(name) ?? [];
				this.#pushed.set(name, kept);
				if (kind === 'push') kept.push(this.macro(name));
				const before = kind === 'pop' ? kept.pop() : undefined;
				if (before === undefined) return;
				this.#history.set(name, before);
				if (isMain) this.#isOwn(name, before);
				return;
			}
			case 'pack':
				this.#packing = packed(this.#packing, pragma.what);
				if (isMain && this.#packing.isPacked) this.#doubt('#pragma pack is not followed');
				return;
			case 'refused':
				this.#doubt(pragma.why);
				return;
			case 'other':
		}
	}

	#isOwn(name: string, macro: Macro | null): void {
		if (macro !== null) this.#own.set(name, macro);
		if (!this.#ownTimes.has(name)) this.#ownTimes.set(name, this.#history.now);
	}

	#includeDirective(kind: string, rest: string, path: string): void {
		let spec = includeSpec(rest);
		if (spec === null) {
			this.#refill();
			this.#unread = null;
			spec = includeSpec(tightened(expand(tokenise(rest), this)));
			if (this.#unread !== null) this.#doubt(this.#unread);
		}
		if (spec === null) {
			this.#remarks.note('error', `#include ${rest.slice(0, 60)} is not understood`, this.#at);
			this.#doubt(`#include ${rest.slice(0, 60)} is not understood`);
			return;
		}
		if (path === this.#request.path) this.#includes.push(spec);
		this.#include({ ...spec, from: path, next: kind === 'include_next' }, kind === 'import');
	}

	/** A header that is read once and says the same. */
	#readOnce(text: string): string | undefined {
		for (const path of this.#once) if (this.#texts.get(path) === text) return path;
		return undefined;
	}

	#include(include: IncludeRequest, isImport = false): void {
		const { files } = this.#request;
		const before = this.#at;
		const found = this.#asked.resolve(include);
		if (found === null) {
			const made = this.#request.madeHeader?.(include.path) ?? null;
			if (made !== null) {
				this.#made.set(include.path, made.names);
				for (const rest of made.defines) this.#define(rest, { offset: 0, path: include.path });
				return;
			}
			const behind = this.#ownOffset;
			this.#remarks.missing({ kind: 'missing', message: include.path, ...before, behind });
			const isExpected = files === null ? this.#request.isKnown(include) : mayLack(include.path);
			if (!isExpected) this.#doubt(notFound(this.#request, include));
			return;
		}
		const { path, text } = found;
		const isKnown = this.#texts.has(path);
		if (!isKnown) {
			this.#texts.set(path, text);
			this.#files.push(path);
		}
		if (this.#once.has(path) || (isImport && isKnown)) return;
		const same = this.#readOnce(text);
		if (isImport) this.#once.add(path);
		if (same !== undefined) this.#doubt(`${path} says what ${same} says, which is read once`);
		const header = headerOf(path, text);
		const { lines, unread } = header;
		if (unread !== null) this.#remarks.doubtFrom(this.#ownOffset, `${path}: ${unread}`);
		if (lines.guard !== null && this.macro(lines.guard) !== null) return;
		if (this.#depth >= includeDepthMax || ++this.#included > includesMax) {
			this.#remarks.note('limit', `#include ${include.path}: too many includes`, before);
			this.#doubt(`#include ${include.path}: too many includes inside each other`);
			return;
		}
		this.#depth++;
		const entered = this.#history.now;
		const stack: Conditional[] = [];
		const after: After[] = [];
		const around = this.#frame;
		this.#frame = { lines, after };
		for (const directive of lines.directives) {
			this.#at = { path, offset: directive.start };
			this.#directive(directive, path, stack);
			after.push({ time: this.#history.now, active: stack.at(-1)?.active ?? true });
		}
		const expanded = (text: string, behind: number) =>
			expand(tokenise(text), macrosAt(this.#history, after[behind - 1]?.time ?? entered));
		const ending = endingOf(header, after);
		this.#headers.push({ path, ending, after, entered, behind: this.#ownOffset, ...lines });
		const open = openEnd(ending, { opening: this.#opening, expanded });
		this.#frame = around;
		if (around === null && this.#packing.isPacked)
			this.#remarks.doubtFrom(this.#ownOffset, `${path}: #pragma pack is not followed`);
		// what stands in a block of another header, that one has to close
		if (open !== null && (around === null || !isInBlock(around.lines, around.after)))
			this.#remarks.doubtFrom(this.#ownOffset, `${path}: ${open}`);
		this.#depth--;
		this.#at = before;
	}
}
