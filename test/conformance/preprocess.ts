/**
 * Preprocessing held to a compiler: a file of the tree read by racewalk and by `gcc -E`, under the same configuration and with
 * the same stand-ins for what a build makes. What the file's own lines become must be the same tokens, function by function.
 *
 * A number of `__COUNTER__` differs by what headers counted before: racewalk counts per part of a file.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { linesOf } from '../../server/syntax/lines.js';
import { outline } from '../../server/syntax/outline.js';
import { expandedTokens } from '../../server/syntax/preprocess/render.js';
import { type Token, tokenise } from '../../server/syntax/preprocess/token.js';
import { archProfile } from '../../server/tree/arch_profiles.js';
import { generatedHeaders } from '../../server/tree/generated_headers.js';
import { translate } from '../../server/tree/translation.js';
import { openTree } from '../../server/tree/workspace.js';

export interface Difference {
	readonly function: string;
	readonly racewalk: string;
	readonly gcc: string;
}

export interface Compared {
	readonly path: string;
	readonly functions: number;
	readonly same: number;
	readonly differences: readonly Difference[];
	/** The whole file's tokens, what stands between functions too. */
	readonly whole: boolean;
}

export interface Compiler {
	/** Runs gcc with the arguments in the folder; what it wrote to standard output and to standard error. */
	run(args: readonly string[], folder: string): { readonly out: string; readonly err: string };
}

const stubsMax = 40;
const tokensMax = 8_000_000;

/** Headers that a build makes, written into `folder`; the arguments that make gcc find them. */
export function prepareBuild(root: string, folder: string, arch: string): readonly string[] {
	const { folder: archFolder, config } = archProfile(arch);
	const makefile = openTree(root).read('Makefile');
	for (const [path, text] of generatedHeaders({ config, makefile })) put(folder, path, text);
	const own = new Set(names(join(root, `arch/${archFolder}/include/asm`)));
	const uapi = new Set(names(join(root, `arch/${archFolder}/include/uapi/asm`)));
	for (const name of names(join(root, 'include/asm-generic')))
		if (!own.has(name) && !uapi.has(name))
			put(
				folder,
				`arch/${archFolder}/include/generated/asm/${name}`,
				`#include <asm-generic/${name}>\n`,
			);
	for (const name of names(join(root, 'include/uapi/asm-generic')))
		if (!uapi.has(name))
			put(
				folder,
				`arch/${archFolder}/include/generated/uapi/asm/${name}`,
				`#include <asm-generic/${name}>\n`,
			);
	const folders = [
		`arch/${archFolder}/include`,
		join(folder, `arch/${archFolder}/include/generated`),
		'include',
		join(folder, 'include'),
		`arch/${archFolder}/include/uapi`,
		join(folder, `arch/${archFolder}/include/generated/uapi`),
		'include/uapi',
		join(folder, 'include/generated/uapi'),
		join(folder, 'stubs'),
	];
	mkdirSync(join(folder, 'stubs'), { recursive: true });
	return [
		...[
			'-E',
			'-nostdinc',
			'-std=gnu11',
			'-funsigned-char',
			'-O2',
			'-fno-pie',
			'-D__KERNEL__',
			// scripts/Makefile.lib; racewalk has one name for all files
			...['KBUILD_MODFILE', 'KBUILD_BASENAME', 'KBUILD_MODNAME'].map((n) => `-D${n}="kernel"`),
			'-D__KBUILD_MODNAME=kmod_kernel',
			'-w',
		],
		...(config.has('CONFIG_64BIT') ? ['-m64'] : ['-m32']),
		...folders.flatMap((f) => ['-I', f]),
		...['linux/compiler-version.h', 'linux/kconfig.h', 'linux/compiler_types.h'].flatMap((h) =>
			openTree(root).read(`include/${h}`) === null ? [] : ['-include', join('include', h)],
		),
	];
}

function names(folder: string): readonly string[] {
	return readdirSync(folder).filter((name) => name.endsWith('.h'));
}

function put(folder: string, path: string, text: string): void {
	const full = join(folder, path);
	mkdirSync(dirname(full), { recursive: true });
	writeFileSync(full, text);
}

/** What gcc makes of the file's own lines. */
export function gccText(
	compiler: Compiler,
	given: {
		readonly root: string;
		readonly folder: string;
		readonly path: string;
		readonly args: readonly string[];
	},
): string {
	for (let tries = 0; ; tries++) {
		const { out, err } = compiler.run([...given.args, given.path], given.root);
		const missing = /fatal error: ([^\n:]+): No such file/.exec(err)?.[1];
		if (missing === undefined || tries >= stubsMax) {
			if (missing !== undefined) throw new Error(`gcc -E ${given.path}: ${err.slice(0, 500)}`);
			return ownLines(out, given.path);
		}
		put(join(given.folder, 'stubs'), missing, '');
	}
}

/** The lines that line markers say are the file's. */
function ownLines(out: string, path: string): string {
	let isOwn = false;
	const kept: string[] = [];
	for (const line of out.split('\n')) {
		const marker = /^# \d+ "([^"]*)"/.exec(line);
		if (marker !== null) isOwn = marker[1] === path;
		else if (isOwn && !line.startsWith('#')) kept.push(line);
	}
	return kept.join('\n');
}

export function compare(
	path: string,
	given: { readonly root: string; readonly arch: string; readonly gcc: string },
): Compared {
	const { folder, config } = archProfile(given.arch);
	const text = readFileSync(join(given.root, path), 'utf8');
	const tree = openTree(given.root);
	const none = { fallback: () => null, decides: () => true };
	const unit = translate({ path, text, tree, archFolder: folder, config, ...none });
	const lines = linesOf(text);
	const lineAt = (offset: number): number => lines.positionAt(offset).line;
	const all = { start: 0, end: unit.text.length };
	const ours = spelled(expandedTokens(unit, all, { lineAt, counterStart, tokensMax }));
	const theirs = spelled(tokenise(given.gcc));
	const whole = sameTokens(ours, theirs) === null;
	const [mine, others] = [functionsOf(ours), functionsOf(theirs)];
	const differences: Difference[] = [];
	for (const name of new Set([...mine.keys(), ...others.keys()])) {
		const at = sameTokens(mine.get(name) ?? [], others.get(name) ?? []);
		if (at === null) continue;
		const near = (tokens: readonly string[] | undefined): string =>
			tokens === undefined ? '(not there)' : tokens.slice(Math.max(at - 6, 0), at + 12).join(' ');
		differences.push({
			function: name,
			racewalk: near(mine.get(name)),
			gcc: near(others.get(name)),
		});
	}
	const functions = new Set([...mine.keys(), ...others.keys()]).size;
	return { path, functions, same: functions - differences.length, differences, whole };
}

function spelled(tokens: readonly Token[]): readonly string[] {
	return tokens.filter((t) => t.kind !== 'placemarker').map((t) => t.text);
}

/** Racewalk counts from here, so that a number of `__COUNTER__` is known as one wherever it went. */
const counterStart = 9_000_000;
const counted = /9\d{6}/g;

/**
 * Where two streams differ first; null: nowhere. gcc has counted in headers before: its numbers are ahead by the same amount,
 * which only grows where headers stand between.
 */
function sameTokens(a: readonly string[], b: readonly string[]): number | null {
	let ahead = Number.NEGATIVE_INFINITY;
	for (let i = 0; i < Math.max(a.length, b.length); i++) {
		const [ours, theirs] = [a[i], b[i]];
		if (ours === theirs) continue;
		if (ours === undefined || theirs === undefined) return i;
		const by = aheadBy(ours, theirs);
		if (by === null || by < ahead) return i;
		ahead = by;
	}
	return null;
}

/** By how much the numbers in the other token are ahead, all by the same; null: it is another token. */
function aheadBy(ours: string, theirs: string): number | null {
	const pattern = ours
		.split(/(9\d{6})/)
		.map((part, i) => (i % 2 === 1 ? '(\\d+)' : part.replace(/[^\w]/g, '\\$&')))
		.join('');
	const match = new RegExp(`^${pattern}$`, 's').exec(theirs);
	const numbers = [...ours.matchAll(counted)].map((m) => Number(m[0]) - counterStart);
	const by = numbers.map((n, i) => Number(match?.[i + 1]) - n);
	return match !== null && by.length > 0 && by.every((x) => x === by[0]) ? (by[0] ?? null) : null;
}

/** The tokens of each function, by name; of several with one name all in a row. */
function functionsOf(tokens: readonly string[]): ReadonlyMap<string, readonly string[]> {
	const text = tokens.join(' ');
	const found = new Map<string, string[]>();
	for (const item of outline(text)) {
		if (item.kind !== 'function') continue;
		const own = tokenise(text, item.start, item.end).map((t) => t.text);
		found.set(item.name, [...(found.get(item.name) ?? []), ...own]);
	}
	return found;
}
