/**
 * A walk that holds, and the same in a text or a tree by which gcc makes something else of it. Each case says what gcc makes of it, and gcc
 * is asked: `gcc -E`, or its assembly where only names and widths differ.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyse } from '../../server/ide/analysis/analyse.js';
import type { Analysis, AnalysisRequest } from '../../server/ide/analysis/analysis.js';
import { openTree } from '../../server/tree/workspace.js';
import { realEngine } from '../../server/worker/engine.js';
import { analysisOf, requestOf } from '../analysis.js';
import { gup } from '../kernel_text.js';
import { put } from '../server/hostile_tree.js';
import { kernelTree, repositoryRoot } from '../trees.js';

export const GOOD = readFileSync(join(repositoryRoot, 'test/fixtures/holds/stale-pin.c'), 'utf8');
const CONDITION = 'pmd_val(pmd) != pmd_val(*pmdp) || pte_val(pte) != pte_val(*ptep)';
const CHECK = `if (${CONDITION}) {`;

/** The walk with something before its re-check. */
export const before = (text: string): string => GOOD.replace(CHECK, `${text}\n\t\t${CHECK}`);

/** With another condition of it; `…` stands for the one that it has. */
export const condition = (text: string): string =>
	GOOD.replace(CHECK, `if (${text.replace('…', CONDITION)}) {`);

/** With its condition given to a macro or a function kk(), behind what defines it. */
export const asked = (text: string): string => text + condition('kk(…)');

/** With something around the statement of it. */
export const around = (open: string, close: string): string => {
	const end = '\t\t\tgoto out;\n\t\t}\n';
	const at = GOOD.indexOf(CHECK);
	const to = GOOD.indexOf(end, at) + end.length;
	return `${GOOD.slice(0, at)}\n${open}\n${GOOD.slice(at, to)}${close}\n${GOOD.slice(to)}`;
};

/** With a declaration at the top of its body. */
export const local = (text: string): string =>
	GOOD.replace('\tint done = 0;\n', `\tint done = 0;\n\t${text}\n`);

/** With a function chk() that compares the entries. */
export const checkedBy = (head: string): string =>
	`${head} { return pte_val(a) != pte_val(b); }\n${GOOD.replace('pte_val(pte) != pte_val(*ptep)', 'chk(pte, *ptep)')}`;

export interface Otherwise {
	readonly name: string;
	readonly text: string;
	/** Headers of the tree. */
	readonly headers?: Readonly<Record<string, string>>;
	/** What stands in gcc's assembly of it; left out: what `gcc -E` makes of the walk is another text. */
	readonly assembly?: RegExp;
}

/** A folder that counts as a tree, gone at the end of the process. */
export function hostileRoot(): string {
	const root = mkdtempSync(join(tmpdir(), 'racewalk-otherwise-'));
	process.on('exit', () => rmSync(root, { recursive: true, force: true }));
	put(join(root, 'include/linux/mm_types.h'), '/* nothing */\n');
	put(join(root, 'stub.h'), STUB);
	return root;
}

/** What the walk needs to be compiled, in words of our own. */
const STUB = `typedef struct { unsigned long pte; } pte_t;
typedef struct { unsigned long pmd; } pmd_t;
struct page { int i; };
pte_t *pte_offset_map(pmd_t *, unsigned long);
pte_t ptep_get_lockless(pte_t *);
struct page *pte_page(pte_t);
#define PAGE_SIZE 4096UL
#define FOLL_WRITE 1
#define FOLL_PIN 2
`;

export function putHeaders(root: string, headers: Readonly<Record<string, string>> = {}): void {
	for (const [path, text] of Object.entries(headers)) put(join(root, path), text);
}

/** Verdicts on the walk's functions, and why, in the tree of that root. */
export function verdicts(root: string, text: string): readonly string[] {
	const given = { text, path: 'mm/walk.c', tree: root, depth: 'core', actors: ['zap'] } as const;
	return analysisOf(given).functions.map((f) => f.verdict);
}

/** Why functions of it are no more than that. */
export function reasons(root: string, text: string): string {
	const given = { text, path: 'mm/walk.c', tree: root, depth: 'core', actors: ['zap'] } as const;
	return analysisOf(given)
		.unsupported.map((u) => u.reason)
		.join('\n');
}

function gcc(root: string, text: string, args: readonly string[]): string {
	put(join(root, 'mm/walk.c'), text);
	const given = ['-std=gnu11', '-funsigned-char', '-w', '-I', 'include', '-include', 'stub.h'];
	const done = spawnSync('gcc', [...given, ...args, 'mm/walk.c'], { cwd: root, encoding: 'utf8' });
	if (done.error !== undefined) throw done.error;
	return done.stdout;
}

/** The tokens that `gcc -E` leaves of walk_ptes(), or all of them where it is not there. */
export function preprocessed(root: string, text: string): string {
	const out = gcc(root, text, ['-E', '-P']).replace(/\s+/g, ' ');
	return out.slice(Math.max(out.indexOf('static int walk_ptes'), 0));
}

/** Assembly of the walk, which is not left out for being static. */
export function assembled(root: string, text: string): string {
	const visible = text.replace('static int walk_ptes', 'int walk_ptes');
	return gcc(root, visible, ['-O1', '-fno-inline', '-S', '-o', '-']);
}

/** gup.c of 6.12, edited, with lines added at the end of a header that it includes. */
export function gupWith(
	lines: string,
	actor?: string,
	edit?: (text: string) => string,
	headers?: Readonly<Record<string, (text: string) => string>>,
): Analysis {
	return analyse(realEngine, requestWith(lines, actor, edit, headers), {
		observer: { cancelled: () => false },
		cache: null,
	});
}

export function requestWith(
	lines: string,
	actor = 'zap',
	edit: (text: string) => string = (text) => text,
	headers: Readonly<Record<string, (text: string) => string>> = {},
): AnalysisRequest {
	const tree = openTree(kernelTree('6.12'));
	const edits = {
		'include/linux/secretmem.h': (text: string) => `${text}\n${lines}\n`,
		...headers,
	};
	const texts = new Map(
		Object.entries(edits).map(([path, change]) => [path, change(tree.read(path) ?? '')]),
	);
	const edited = {
		...tree,
		root: `${tree.root} with ${lines} ${Object.values(headers).join()}`,
		read: (asked: string) => texts.get(asked) ?? tree.read(asked),
		stamp: (asked: string) => (texts.has(asked) ? '' : (tree.stamp?.(asked) ?? null)),
		// some of these files stand in folders that the tree has not
		hasFolder: () => true,
	};
	const request = requestOf({
		text: edit(gup('6.12')),
		path: 'mm/gup.c',
		depth: 'core',
		actors: [actor],
	});
	return { ...request, tree: edited };
}
