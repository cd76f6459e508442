/**
 * What an architecture's Kconfig selects: symbols without a prompt, which no user sets. Read as text under a configuration,
 * never executed: `select`, `def_bool` and `default` with their conditions, `depends on`, `if` … `endif`, menus, and files that
 * are sourced below the same arch/X/.
 *
 * Invariant: what is not understood is neither selected nor not: what a compiler is asked (`$(…)`), versions, `imply`, a file
 * that is not there, and all that rests on them.
 */

/** Where a symbol gets its value. */
export interface Selected {
	/** null: what decides it is not understood. */
	readonly holds: Truth;
	readonly path: string;
	/** From 1. */
	readonly line: number;
}

type Truth = boolean | null;

/** Files read, symbols looked up in each other, and conditions evaluated for one symbol. */
const FILES_MAX = 60;
const DEPTH_MAX = 24;
const CONDITIONS_MAX = 20_000;
/** Words and negations of one condition. */
const WORDS_MAX = 500;

/** A line that gives a symbol a value, with all that must hold for it. */
interface Source {
	readonly path: string;
	readonly line: number;
	/** The symbol whose block it stands in. */
	readonly by: string;
	readonly kind: 'select' | 'imply' | 'default';
	/** Of a default. */
	readonly value: string;
	/** Conditions: its own, and those of the `if`s and menus around the block. */
	readonly conditions: readonly string[];
}

interface Parsed {
	/** By symbol. */
	readonly sources: ReadonlyMap<string, readonly Source[]>;
	readonly depends: ReadonlyMap<string, readonly string[]>;
	readonly prompts: ReadonlySet<string>;
	/** All files that it sources were read. */
	readonly isWhole: boolean;
}

interface Reading {
	read(path: string): string | null;
}

/**
 * What the Kconfig of an architecture says of these symbols; those that it says nothing of are left out, but for `whole`: where all of
 * it was read, they are not selected (`line` is 0).
 */
export function selectedIn(
	tree: Reading,
	archFolder: string,
	asked: {
		readonly symbols: readonly string[];
		readonly whole?: readonly string[];
		readonly config: ReadonlyMap<string, string>;
	},
): ReadonlyMap<string, Selected> {
	const parsed = parsedAll(tree, archFolder);
	const found = new Map<string, Selected>();
	if (parsed === null) return found;
	for (const symbol of asked.symbols) {
		const sources = parsed.sources.get(symbol) ?? [];
		const [first] = sources;
		if (first === undefined) {
			const isNot = parsed.isWhole && asked.whole?.includes(symbol) === true;
			if (isNot) found.set(symbol, { holds: false, path: `arch/${archFolder}/Kconfig`, line: 0 });
			continue;
		}
		const evaluator = new Evaluator(parsed, asked.config);
		const told = evaluator.told(symbol);
		const { path, line } = told.source ?? first;
		const holds = told.holds === false && !parsed.isWhole ? null : told.holds;
		found.set(symbol, { holds, path, line });
	}
	return found;
}

/** The texts that it is read from: an edit of any of them is another answer. */
export function kconfigTexts(tree: Reading, archFolder: string): readonly string[] {
	return [...filesOf(tree, archFolder)].flatMap(([path, text]) => [path, text ?? '']);
}

/** An architecture's Kconfig and what it sources below arch/X/; null: it is not there. */
function filesOf(tree: Reading, archFolder: string): ReadonlyMap<string, string | null> {
	const files = new Map<string, string | null>();
	const open = [`arch/${archFolder}/Kconfig`];
	for (let path = open.shift(); path !== undefined; path = open.shift()) {
		if (files.has(path)) continue;
		const text = files.size < FILES_MAX ? tree.read(path) : null;
		files.set(path, text);
		if (files.size > FILES_MAX) break;
		const isBelow = (next: string): boolean => next.startsWith(`arch/${archFolder}/`);
		if (text !== null) open.push(...sourcedBy(text).filter(isBelow));
	}
	return files;
}

function sourcedBy(text: string): readonly string[] {
	return linesOf(text).flatMap((line) => {
		const [word, path = ''] = line.trim().split(/\s+/);
		return word === 'source' || word === 'osource' ? [path.replaceAll('"', '')] : [];
	});
}

function linesOf(text: string): readonly string[] {
	return text.replace(/\\\r?\n/g, '  ').split(/\r?\n/);
}

function parsedAll(tree: Reading, archFolder: string): Parsed | null {
	const sources = new Map<string, Source[]>();
	const depends = new Map<string, string[]>();
	const prompts = new Set<string>();
	const files = [...filesOf(tree, archFolder)];
	for (const [path, text] of files)
		if (text !== null) parse(path, text, { sources, depends, prompts });
	const isWhole = files.every(([, text]) => text !== null);
	return files[0]?.[1] === null ? null : { sources, depends, prompts, isWhole };
}

/** Adds what a file says. */
function parse(
	path: string,
	text: string,
	into: {
		readonly sources: Map<string, Source[]>;
		readonly depends: Map<string, string[]>;
		readonly prompts: Set<string>;
	},
): void {
	const around: string[] = [];
	let symbol = '';
	/** What a `depends on` is said of. */
	let block: 'symbol' | 'menu' | 'none' = 'none';
	let help: number | null = null;
	for (const [i, raw] of linesOf(text).entries()) {
		const line = raw.replace(/\s#.*$/, '').trimEnd();
		if (line.trim() === '') continue;
		const indent = raw.length - raw.trimStart().length;
		if (help !== null && indent > help) continue;
		help = null;
		const [word = '', ...parts] = line.trim().split(/\s+/);
		const rest = parts.join(' ');
		const [value = '', condition = ''] = rest.split(/\bif\b/).map((part) => part.trim());
		const add = (name: string, kind: Source['kind']): void => {
			const conditions = condition === '' ? [...around] : [...around, condition];
			const known = into.sources.get(name) ?? [];
			known.push({ path, line: i + 1, by: symbol, kind, value, conditions });
			into.sources.set(name, known);
		};
		switch (word) {
			case 'config':
			case 'menuconfig':
				symbol = rest;
				block = 'symbol';
				break;
			case 'if':
				around.push(rest);
				block = 'none';
				break;
			case 'menu':
			case 'choice':
				around.push('y');
				block = 'menu';
				break;
			case 'endif':
			case 'endmenu':
			case 'endchoice':
				around.pop();
				block = 'none';
				break;
			case 'comment':
				block = 'none';
				break;
			case 'help':
			case '---help---':
				help = indent;
				break;
			case 'bool':
			case 'tristate':
			case 'prompt':
				if (block === 'symbol' && rest.includes('"')) into.prompts.add(symbol);
				break;
			case 'select':
			case 'imply':
				if (block === 'symbol') add(value, word);
				break;
			case 'def_bool':
			case 'def_tristate':
			case 'default':
				if (block === 'symbol') add(symbol, 'default');
				break;
			case 'depends': {
				const on = rest.replace(/^on\s+/, '');
				if (block === 'symbol') into.depends.set(symbol, [...(into.depends.get(symbol) ?? []), on]);
				if (block === 'menu') around.push(`(${around.pop() ?? 'y'}) && (${on})`);
				break;
			}
			default:
				break;
		}
	}
}

function every<T>(list: readonly T[], holds: (element: T) => Truth): Truth {
	let all: Truth = true;
	for (const element of list) {
		const truth = holds(element);
		if (truth === false) return false;
		all = truth === null ? null : all;
	}
	return all;
}

function not(truth: Truth): Truth {
	return truth === null ? null : !truth;
}

class Evaluator {
	readonly #parsed: Parsed;
	readonly #config: ReadonlyMap<string, string>;
	/** Symbols that are being looked up. */
	readonly #open = new Set<string>();
	#conditions = 0;

	constructor(parsed: Parsed, config: ReadonlyMap<string, string>) {
		this.#parsed = parsed;
		this.#config = config;
	}

	/** Whether something gives the symbol a value, and what. */
	told(symbol: string): { readonly holds: Truth; readonly source: Source | null } {
		const sources = this.#parsed.sources.get(symbol) ?? [];
		let open: Source | null = null;
		for (const from of sources) {
			if (from.kind === 'default') continue;
			const truth = this.#all([...from.conditions, from.by]);
			if (truth === true && from.kind === 'select') return { holds: true, source: from };
			if (truth !== false) open ??= from;
		}
		// the first default whose condition holds is the symbol's
		for (const from of sources) {
			if (from.kind !== 'default') continue;
			const isTaken = this.#all(from.conditions);
			if (isTaken === false) continue;
			const value = this.#all([from.value, ...(this.#parsed.depends.get(symbol) ?? [])]);
			if (isTaken === true && value === true) return { holds: true, source: from };
			if (isTaken === null || value === null) open ??= from;
			break;
		}
		return { holds: open === null ? false : null, source: open };
	}

	#all(conditions: readonly string[]): Truth {
		return every(conditions, (condition) => this.#holds(condition));
	}

	#isSet(token: string): Truth {
		const symbol = token.replaceAll('"', '');
		if (symbol === 'y' || symbol === 'm') return true;
		if (symbol === 'n' || symbol === '') return false;
		const set = this.#config.get(`CONFIG_${symbol}`);
		if (set !== undefined) return set !== 'n';
		if (!/^[A-Z]/i.test(symbol)) return null;
		// what a user is asked for is as the configuration has it; symbols that select each other are not selected by that
		if (this.#parsed.prompts.has(symbol) || this.#open.has(symbol)) return false;
		if (this.#open.size > DEPTH_MAX) return null;
		this.#open.add(symbol);
		const { holds } = this.told(symbol);
		this.#open.delete(symbol);
		return holds;
	}

	/** What a word of a comparison is; null: not known. */
	#valueOf(token: string): string | null {
		if (/^"|^\d+$|^[ynm]$/.test(token)) return token.replaceAll('"', '');
		const set = this.#config.get(`CONFIG_${token}`);
		if (set !== undefined) return set.replaceAll('"', '');
		const truth = this.#isSet(token);
		return truth === null ? null : truth ? 'y' : 'n';
	}

	#compare(left: string, sign: string, right: string): Truth {
		const [a, b] = [this.#valueOf(left), this.#valueOf(right)];
		if (a === null || b === null) return null;
		if (sign === '=') return a === b;
		if (sign === '!=') return a !== b;
		if (!/^\d+$/.test(a) || !/^\d+$/.test(b)) return null;
		const [x, y] = [Number(a), Number(b)];
		return sign === '<' ? x < y : sign === '<=' ? x <= y : sign === '>' ? x > y : x >= y;
	}

	#holds(condition: string): Truth {
		if (this.#conditions++ > CONDITIONS_MAX) return null;
		const tokens = condition.match(/\$\([^()]*\)|"[^"]*"|&&|\|\||!=|[<>]=?|[!()=]|[\w-]+/g) ?? [];
		const bare = (text: string): string => text.replace(/\s+/g, '');
		let isRead = bare(tokens.join('')) === bare(condition);
		let at = 0;
		let words = 0;
		const either = (): Truth => {
			let value = both();
			while (tokens[at] === '||') {
				at++;
				const left = value;
				const right = both();
				value = not(every([left, right], not));
			}
			return value;
		};
		const both = (): Truth => {
			let value = one();
			while (tokens[at] === '&&') {
				at++;
				const left = value;
				const right = one();
				value = every([left, right], (truth) => truth);
			}
			return value;
		};
		const one = (): Truth => {
			if (++words > WORDS_MAX) isRead = false;
			const token = isRead ? (tokens[at++] ?? '') : '';
			if (token === '!') return not(one());
			if (token === '(') {
				const value = either();
				isRead &&= tokens[at++] === ')';
				return value;
			}
			isRead &&= /^["$\w]/.test(token);
			const sign = tokens[at] ?? '';
			if (!/^(?:!?=|[<>]=?)$/.test(sign)) return this.#isSet(token);
			const right = tokens[at + 1] ?? '';
			isRead &&= /^["$\w]/.test(right);
			at += 2;
			return this.#compare(token, sign, right);
		};
		const value = either();
		return isRead && at === tokens.length ? value : null;
	}
}
