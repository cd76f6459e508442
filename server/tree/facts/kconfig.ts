/**
 * What an architecture's Kconfig selects: symbols without a prompt, which no user sets. Read as text under a configuration,
 * never executed: `select`, `def_bool` and `default` with their conditions, `depends on`, `if` … `endif`, and files that are sourced
 * below the same arch/X/.
 *
 * Leaves out: `choice`, `imply`, ranges, comparisons of versions and what a compiler is asked (`$(…)`): taken not to hold.
 */

/** Where a symbol gets its value. */
export interface Selected {
	readonly holds: boolean;
	readonly path: string;
	/** From 1. */
	readonly line: number;
}

/** Files read, and symbols looked up in each other. */
const FILES_MAX = 60;
const DEPTH_MAX = 24;

/** A line that gives a symbol a value, with all that must hold for it. */
interface Source {
	readonly path: string;
	readonly line: number;
	/** The symbol whose block it stands in. */
	readonly by: string;
	readonly isSelect: boolean;
	/** Conditions: its own, and those of the `if`s around the block. */
	readonly conditions: readonly string[];
}

interface Parsed {
	/** By symbol. */
	readonly sources: ReadonlyMap<string, readonly Source[]>;
	readonly depends: ReadonlyMap<string, readonly string[]>;
	readonly prompts: ReadonlySet<string>;
}

interface Reading {
	read(path: string): string | null;
}

/** What the Kconfig of an architecture says of these symbols; those that it says nothing of are left out. */
export function selectedIn(
	tree: Reading,
	archFolder: string,
	asked: {
		readonly symbols: readonly string[];
		readonly config: ReadonlyMap<string, string>;
	},
): ReadonlyMap<string, Selected> {
	const parsed = parsedAll(tree, archFolder);
	const found = new Map<string, Selected>();
	if (parsed === null) return found;
	const evaluator = new Evaluator(parsed, asked.config);
	for (const symbol of asked.symbols) {
		const sources = parsed.sources.get(symbol) ?? [];
		const [first] = sources;
		if (first === undefined) continue;
		const source = sources.find((s) => evaluator.gives(s, 0));
		const { path, line } = source ?? first;
		found.set(symbol, { holds: source !== undefined, path, line });
	}
	return found;
}

function parsedAll(tree: Reading, archFolder: string): Parsed | null {
	const sources = new Map<string, Source[]>();
	const depends = new Map<string, string[]>();
	const prompts = new Set<string>();
	const into = { sources, depends, prompts };
	const open = [`arch/${archFolder}/Kconfig`];
	const seen = new Set(open);
	let isThere = false;
	for (let path = open.pop(); path !== undefined && seen.size <= FILES_MAX; path = open.pop()) {
		const text = tree.read(path);
		if (text === null) continue;
		isThere = true;
		for (const next of parse(path, text, into)) {
			if (seen.has(next) || !next.startsWith(`arch/${archFolder}/`)) continue;
			seen.add(next);
			open.push(next);
		}
	}
	return isThere ? into : null;
}

/** Adds what a file says; the files that it sources. */
function parse(
	path: string,
	text: string,
	into: {
		readonly sources: Map<string, Source[]>;
		readonly depends: Map<string, string[]>;
		readonly prompts: Set<string>;
	},
): readonly string[] {
	const sourced: string[] = [];
	const around: string[] = [];
	let symbol = '';
	let help: number | null = null;
	const lines = text.replace(/\\\r?\n/g, '  ').split(/\r?\n/);
	for (const [i, raw] of lines.entries()) {
		const line = raw.replace(/\s#.*$/, '').trimEnd();
		if (line.trim() === '') continue;
		const indent = raw.length - raw.trimStart().length;
		if (help !== null && indent > help) continue;
		help = null;
		const [word = '', ...parts] = line.trim().split(/\s+/);
		const rest = parts.join(' ');
		const add = (name: string, isSelect: boolean, own: string): void => {
			const conditions = own === '' ? [...around] : [...around, own];
			const known = into.sources.get(name) ?? [];
			known.push({ path, line: i + 1, by: symbol, isSelect, conditions });
			into.sources.set(name, known);
		};
		const [value = '', condition = ''] = rest.split(/\bif\b/).map((part) => part.trim());
		switch (word) {
			case 'config':
			case 'menuconfig':
				symbol = rest;
				break;
			case 'if':
				around.push(rest);
				symbol = '';
				break;
			case 'endif':
				around.pop();
				break;
			case 'menu':
			case 'endmenu':
			case 'choice':
			case 'endchoice':
				symbol = '';
				break;
			case 'source':
				sourced.push(rest.replaceAll('"', ''));
				break;
			case 'help':
			case '---help---':
				help = indent;
				break;
			case 'bool':
			case 'tristate':
			case 'prompt':
				if (rest.includes('"')) into.prompts.add(symbol);
				break;
			case 'select':
				add(value, true, condition);
				break;
			case 'def_bool':
			case 'default':
				if (symbol !== '') add(symbol, false, joined(value, condition));
				break;
			case 'depends':
				if (symbol !== '')
					into.depends.set(symbol, [
						...(into.depends.get(symbol) ?? []),
						rest.replace(/^on\s+/, ''),
					]);
				break;
			default:
				break;
		}
	}
	return sourced;
}

function joined(value: string, condition: string): string {
	return condition === '' ? value : `(${value}) && (${condition})`;
}

class Evaluator {
	readonly #parsed: Parsed;
	readonly #config: ReadonlyMap<string, string>;

	constructor(parsed: Parsed, config: ReadonlyMap<string, string>) {
		this.#parsed = parsed;
		this.#config = config;
	}

	/** The line gives its symbol a value. */
	gives({ by, isSelect, conditions }: Source, depth: number): boolean {
		const holds = (condition: string): boolean => this.#holds(condition, depth);
		if (!conditions.every(holds)) return false;
		if (isSelect) return this.#isSet(by, depth);
		return (this.#parsed.depends.get(by) ?? []).every(holds);
	}

	#isSet(symbol: string, depth: number): boolean {
		if (symbol === 'y' || symbol === 'm' || symbol === 'yes') return true;
		const set = this.#config.get(`CONFIG_${symbol}`);
		if (set !== undefined) return set !== 'n';
		// what a user is asked for is as the configuration has it
		if (depth > DEPTH_MAX || this.#parsed.prompts.has(symbol)) return false;
		return (this.#parsed.sources.get(symbol) ?? []).some((s) => this.gives(s, depth + 1));
	}

	#holds(condition: string, depth: number): boolean {
		const tokens = condition.match(/\$\([^()]*\)|"[^"]*"|&&|\|\||!=|[!()<>]=?|=|[\w-]+/g) ?? [];
		let at = 0;
		const either = (): boolean => {
			let value = both();
			while (tokens[at] === '||') {
				at++;
				const right = both();
				value = value || right;
			}
			return value;
		};
		const both = (): boolean => {
			let value = one();
			while (tokens[at] === '&&') {
				at++;
				const right = one();
				value = value && right;
			}
			return value;
		};
		const one = (): boolean => {
			const token = tokens[at++] ?? 'n';
			if (token === '!') return !one();
			if (token === '(') {
				const value = either();
				at++;
				return value;
			}
			const sign = tokens[at] ?? '';
			if (!/^(?:!?=|[<>]=?)$/.test(sign)) return this.#isSet(token, depth + 1);
			const right = (tokens[at + 1] ?? '').replaceAll('"', '');
			at += 2;
			const left = this.#config.get(`CONFIG_${token}`) ?? 'n';
			return sign === '=' ? left === right : sign === '!=' && left !== right;
		};
		return tokens.length === 0 || either();
	}
}
