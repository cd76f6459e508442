/**
 * Layers: which folder may import which, and which packages. This table is the architecture; a new edge is a decision,
 * made here in a commit of its own. The compiler's projects enforce the coarse part (engine, server, client, view), this
 * test the rest.
 */
import { describe, expect, it } from 'vitest';
import { codeFiles, codeOnly, importsOf, read } from './sources.js';

interface Layer {
	/** Folders (ending in a slash) or single files (without suffix) it may import, itself always included. */
	readonly layers: readonly string[];
	/** Bare imports; `node:` stands for all of Node's own modules, a trailing slash for a package's subpaths. */
	readonly packages: readonly string[];
}

/** What the presentation layers may know of the engine: its plain data, never how it searches. */
const PLAIN_DATA = [
	...['engine/base/', 'engine/escape/', 'engine/program/', 'engine/trace/', 'engine/rules/verdict'],
	...['engine/check/site_facts', 'engine/check/request', 'engine/check/result'],
	...['engine/check/what_ifs', 'engine/questions/claims/claim'],
	...['engine/questions/claims/claim_words', 'engine/questions/guards/guard_result'],
	...['engine/questions/debug_run', 'engine/questions/meeting'],
];

/** The mm world without what watches it. */
const WORLD = ['engine/mm/model/', 'engine/mm/actors/', 'engine/mm/worlds/'];
const PROGRAM = ['engine/base/', 'engine/program/'];
const MONITORED = [...PROGRAM, 'engine/memory/thread/', ...WORLD, 'engine/mm/monitor/'];
/** All of the engine below what is checked. */
const BELOW_CHECK = [
	...[...MONITORED, 'engine/mm/operations/', 'engine/rules/', 'engine/memory/'],
	...['engine/explore/', 'engine/trace/'],
];

/** Longest prefix of a file's path decides its layer. Every folder has a row. */
const LAYERS: Readonly<Record<string, Layer>> = {
	'engine/escape/': { layers: [], packages: [] },
	'engine/base/': { layers: [], packages: [] },
	'engine/program/': { layers: ['engine/base/'], packages: [] },
	'engine/program/edit/': { layers: PROGRAM, packages: [] },
	'engine/memory/thread/': { layers: PROGRAM, packages: [] },
	'engine/memory/sc/': { layers: [...PROGRAM, 'engine/memory/thread/'], packages: [] },
	'engine/memory/lkmm/': { layers: [...PROGRAM, 'engine/memory/thread/'], packages: [] },
	'engine/explore/': { layers: ['engine/base/'], packages: [] },
	'engine/mm/model/': { layers: [...PROGRAM, 'engine/memory/thread/'], packages: [] },
	'engine/mm/actors/': { layers: [...PROGRAM, 'engine/mm/model/'], packages: [] },
	'engine/mm/worlds/walk/': { layers: ['engine/mm/model/'], packages: [] },
	'engine/mm/worlds/reader/': { layers: ['engine/mm/model/'], packages: [] },
	'engine/mm/monitor/': {
		layers: [...PROGRAM, 'engine/memory/thread/', 'engine/mm/model/'],
		packages: [],
	},
	'engine/mm/operations/': {
		layers: [...PROGRAM, 'engine/memory/thread/', 'engine/mm/model/', 'engine/mm/monitor/'],
		packages: [],
	},
	'engine/trace/': {
		layers: [...PROGRAM, 'engine/escape/', 'engine/memory/', 'engine/explore/'],
		packages: [],
	},
	'engine/rules/': {
		layers: [
			...[...PROGRAM, 'engine/memory/thread/', 'engine/mm/model/', 'engine/mm/monitor/'],
			...['engine/trace/trace'],
		],
		packages: [],
	},
	'engine/check/call/': { layers: MONITORED, packages: [] },
	'engine/check/coverage/': { layers: BELOW_CHECK, packages: [] },
	'engine/check/': {
		layers: [...BELOW_CHECK, 'engine/check/call/', 'engine/check/coverage/'],
		packages: [],
	},
	'engine/check/runs/': { layers: [...BELOW_CHECK, 'engine/check/'], packages: [] },
	'engine/lkmm/': { layers: [...BELOW_CHECK, 'engine/check/'], packages: [] },
	'engine/questions/claims/': { layers: [...BELOW_CHECK, 'engine/check/'], packages: [] },
	'engine/questions/guards/': {
		layers: [...BELOW_CHECK, 'engine/check/', 'engine/lkmm/'],
		packages: [],
	},
	'engine/questions/': {
		layers: [...BELOW_CHECK, 'engine/check/', 'engine/lkmm/', 'engine/questions/'],
		packages: [],
	},
	'server/syntax/': {
		layers: ['server/syntax/preprocess/', 'engine/base/'],
		packages: ['tree-sitter', 'tree-sitter-c', 'web-tree-sitter', 'node:'],
	},
	'server/patch/': { layers: [], packages: ['diff', 'postal-mime'] },
	'server/kernel_report/': { layers: [], packages: [] },
	'server/reading/': { layers: [], packages: ['node:'] },
	'server/syntax/preprocess/': { layers: [], packages: [] },
	'server/tree/facts/': { layers: ['server/syntax/'], packages: [] },
	'server/tree/': {
		layers: [
			'server/tree/facts/',
			'server/reading/',
			'server/syntax/',
			'engine/program/',
			'engine/base/',
		],
		packages: ['node:'],
	},
	'server/lower/skeleton/': {
		layers: ['server/syntax/', 'engine/program/'],
		packages: [],
	},
	'server/lower/': {
		layers: [
			'server/lower/skeleton/',
			'server/tree/',
			'server/tree/facts/',
			'server/syntax/',
			'engine/program/',
			'engine/base/',
		],
		packages: ['node:'],
	},
	'server/actors/': {
		layers: [
			...['server/reading/', 'server/lower/', 'server/tree/', 'engine/program/'],
			...['engine/mm/actors/', 'engine/mm/worlds/'],
		],
		packages: ['node:'],
	},
	'server/litmus/': {
		layers: [
			...['server/syntax/', 'server/reading/', ...PROGRAM, 'engine/memory/', 'engine/trace/'],
		],
		packages: ['node:'],
	},
	'server/ide/analysis/': {
		layers: [
			...['server/lower/', 'server/tree/', ...PLAIN_DATA],
			// which memory model the tree has
			'engine/memory/lkmm/generation',
			// types alone: what is asked of the front end and the engine, and what is kept of it
			...['engine/check/scenario_memo', 'engine/questions/check'],
			...['engine/questions/simulate', 'engine/questions/replay', 'engine/questions/debug'],
			...['engine/questions/nearest', 'engine/questions/savings'],
		],
		packages: ['node:crypto', 'node:path', 'node:path/posix', 'node:url'],
	},
	'server/ide/claims/': {
		layers: ['server/ide/analysis/', 'server/lower/', 'server/tree/', ...PLAIN_DATA],
		packages: [],
	},
	'server/ide/adversaries/': {
		layers: ['server/ide/', 'server/ide/analysis/', 'server/lower/', 'server/tree/', ...PLAIN_DATA],
		packages: [],
	},
	'server/ide/quick_fix/': {
		layers: [
			...['server/ide/analysis/', 'server/syntax/', 'server/lower/', 'server/tree/'],
			...PLAIN_DATA,
		],
		packages: [],
	},
	'server/ide/': {
		layers: [
			...['server/ide/', 'server/syntax/', 'server/lower/', 'server/tree/', 'server/protocol'],
			...PLAIN_DATA,
		],
		packages: ['node:crypto', 'node:path', 'node:path/posix', 'node:url'],
	},
	'server/worker/': {
		layers: [
			...['server/ide/', 'server/litmus/', 'server/actors/', 'server/tree/', 'server/lower/'],
			...['server/syntax/', 'engine/'],
		],
		packages: ['node:'],
	},
	'server/lsp/': {
		layers: [
			...['server/ide/', 'server/lower/', 'server/tree/', 'server/protocol'],
			...['server/worker/', 'server/actors/'],
			...PLAIN_DATA,
		],
		packages: [
			...['vscode-languageserver', 'vscode-languageserver/', 'node:'],
			'vscode-languageserver-textdocument',
		],
	},
	'server/dap/': {
		layers: ['server/ide/', 'server/lsp/framing', ...PLAIN_DATA],
		packages: [],
	},
	'server/cli/': {
		layers: [
			'server/dap/',
			...['server/ide/', 'server/litmus/', 'server/actors/', 'server/tree/', 'server/worker/'],
			...['server/lower/', 'server/reading/', 'server/protocol', ...PLAIN_DATA],
		],
		packages: ['node:'],
	},
	'server/cli/review/': {
		layers: [
			...['server/cli/', 'server/patch/', 'server/ide/', 'server/actors/', 'server/tree/'],
			...['server/reading/', 'server/syntax/preprocess/', 'engine/escape/', ...PLAIN_DATA],
		],
		packages: ['node:'],
	},
	'server/cli/mcp/': {
		layers: [
			...['server/cli/', 'server/cli/review/', 'server/ide/', 'server/tree/', 'server/reading/'],
			...['engine/escape/', ...PLAIN_DATA],
		],
		packages: ['@modelcontextprotocol/sdk/'],
	},
	'server/cli/kernel_report/': {
		layers: [
			...['server/cli/', 'server/kernel_report/', 'server/actors/', 'server/ide/', 'server/tree/'],
			...PLAIN_DATA,
		],
		packages: [],
	},
	'server/cli/run/repro/': {
		layers: [
			...['server/ide/', 'server/patch/', 'server/tree/', 'server/syntax/preprocess/'],
			...PLAIN_DATA,
		],
		packages: [],
	},
	'server/cli/run/': {
		layers: [
			'server/cli/run/repro/',
			...['server/cli/', 'server/cli/review/wrapped', 'server/ide/'],
			...['server/reading/', 'server/tree/', 'server/protocol', ...PLAIN_DATA],
		],
		packages: ['node:'],
	},
	'server/cli': {
		layers: [
			...['server/cli/', 'engine/base/', 'engine/escape/', 'engine/check/what_ifs'],
			'server/syntax/tree_sitter',
		],
		packages: ['commander', 'node:'],
	},
	'server/main': {
		layers: ['server/cli/version', 'server/lsp/serve', 'server/worker/exploration'],
		packages: [],
	},
	'server/protocol': { layers: [], packages: [] },
	'client/view/': { layers: ['engine/escape/', 'server/protocol'], packages: [] },
	'client/commits/': {
		layers: ['engine/escape/', 'client/view/words'],
		packages: ['vscode', 'node:'],
	},
	'client/': {
		// Of the webview only what crosses to it as plain data.
		layers: [
			...['engine/escape/', 'server/protocol', 'client/commits/'],
			...['client/view/message', 'client/view/motion', 'client/view/words'],
		],
		packages: ['vscode', 'vscode-languageclient/', 'node:'],
	},
};

/**
 * Files that may import each other in a circle: an expression of C holds places, calls and statement expressions, and each of
 * these holds expressions; a type holds constant expressions (lengths, widths of bit-fields), and so does what asks for a layout.
 */
const RECURSION = new Set(
	[
		...['expression', 'place', 'call', 'statement', 'condition', 'conditional', 'declaration'],
		...['builtin', 'named_constant', 'struct_layout', 'type_questions', 'initialiser', 'generic'],
		...['assembly', 'effects', 'arithmetic', 'entry_copy', 'entry_halves', 'cleanup'],
		...['constant_table', 'open_call', 'member_path', 'operator_chain'],
	].map((name) => `server/lower/${name}`),
);

/** The layer a path belongs to: its longest key. */
function layerOf(path: string): string | null {
	const keys = Object.keys(LAYERS).filter((key) =>
		key.endsWith('/') ? path.startsWith(key) : path === key,
	);
	return keys.sort((a, b) => b.length - a.length)[0] ?? null;
}

function allows(layer: string, target: string): boolean {
	const own = layer.endsWith('/') && target.startsWith(layer) && layerOf(target) === layer;
	const listed = LAYERS[layer]?.layers.some((l) => {
		if (!l.endsWith('/')) return target === l;
		// The engine's and the server's top files may use all that is below them.
		return target.startsWith(l);
	});
	return own || listed === true;
}

function allowsPackage(layer: string, name: string): boolean {
	const packages = LAYERS[layer]?.packages ?? [];
	return packages.some((p) => (p.endsWith('/') || p === 'node:' ? name.startsWith(p) : name === p));
}

const sources = codeFiles().filter((path) => /^(?:engine|server|client)\//.test(path));

/** Edges of one source that the table does not have. */
function forbiddenEdges(path: string): readonly string[] {
	const layer = layerOf(path.replace(/\.ts$/, ''));
	if (layer === null) return [`${path} is in no layer`];
	return importsOf(path, read(path))
		.filter((i) => (i.isBare ? !allowsPackage(layer, i.path) : !allows(layer, i.path)))
		.map((i) => `${path} → ${i.path}`);
}

/** Groups that reach each other along edges (Tarjan, "Depth-first search and linear graph algorithms", 1972). */
function circlesOf(
	edges: ReadonlyMap<string, ReadonlySet<string>>,
): readonly (readonly string[])[] {
	const index = new Map<string, number>();
	const low = new Map<string, number>();
	const stack: string[] = [];
	const found: string[][] = [];
	const visit = (node: string): void => {
		index.set(node, index.size);
		low.set(node, index.get(node) ?? 0);
		stack.push(node);
		for (const next of edges.get(node) ?? []) {
			if (!index.has(next)) visit(next);
			if (stack.includes(next)) low.set(node, Math.min(low.get(node) ?? 0, low.get(next) ?? 0));
		}
		if (low.get(node) !== index.get(node)) return;
		const group = stack.splice(stack.indexOf(node));
		if (group.length > 1) found.push(group.sort());
	};
	for (const node of edges.keys()) if (!index.has(node)) visit(node);
	return found;
}

/** Imports between our own files, by what `name` makes of a path. */
function edgesBetween(name: (path: string) => string): Map<string, Set<string>> {
	const edges = new Map<string, Set<string>>();
	for (const path of sources) {
		const from = name(path.replace(/\.ts$/, ''));
		const known = edges.get(from) ?? new Set();
		for (const { path: to, isBare } of importsOf(path, read(path)))
			if (!isBare && name(to) !== from) known.add(name(to));
		edges.set(from, known);
	}
	return edges;
}

describe('layers', () => {
	it('finds the sources', () => {
		expect(sources.length).toBeGreaterThan(10);
		expect(layerOf('engine/explore/dfs')).toBe('engine/explore/');
		expect(allows('engine/explore/', 'engine/mm/model/world')).toBe(false);
		expect(allowsPackage('engine/base/', 'node:fs')).toBe(false);
	});

	it('has one road from the command line to the engine', () => {
		// what does not take it is ended by nobody
		const on = sources
			.filter((path) => path.startsWith('server/cli/'))
			.filter((path) =>
				importsOf(path, read(path)).some(({ path: to }) =>
					['server/worker/engine', 'server/lower/lower'].includes(to),
				),
			);
		expect(on).toEqual(['server/cli/supervised.ts']);
	});

	it('has no import that the table forbids', () => {
		expect(sources.flatMap(forbiddenEdges)).toEqual([]);
	});

	it('has a row for every folder', () => {
		const folders = new Set(sources.map((path) => path.slice(0, path.lastIndexOf('/') + 1)));
		folders.delete('server/');
		expect([...folders].filter((folder) => LAYERS[folder] === undefined)).toEqual([]);
		expect(Object.keys(LAYERS).filter((k) => k.endsWith('/') && !folders.has(k))).toEqual([]);
	});

	it('finds a circle where there is one', () => {
		const edges = { a: ['b'], b: ['c', 'd'], c: ['a'], d: [] };
		const graph = new Map(Object.entries(edges).map(([node, to]) => [node, new Set(to)]));
		expect(circlesOf(graph)).toEqual([['a', 'b', 'c']]);
	});

	it('has no circle of imports between files but the recursion of lowering', () => {
		const circles = circlesOf(edgesBetween((path) => path));
		expect(circles.filter((c) => !c.every((path) => RECURSION.has(path)))).toEqual([]);
		expect(circles.flat()).toEqual([...RECURSION].sort());
	});

	it('has no circle of imports between folders', () => {
		const folderOf = (path: string): string => layerOf(path) ?? path;
		expect(circlesOf(edgesBetween(folderOf))).toEqual([]);
	});

	it('has no clock, randomness, timer or environment in the engine', () => {
		const impure =
			/\b(?:Date|performance|process|crypto|globalThis|setTimeout|setInterval|queueMicrotask|console)\b|\bMath\.random\b/;
		const hits = sources
			.filter((path) => path.startsWith('engine/'))
			.flatMap((path) =>
				codeOnly(read(path))
					.split('\n')
					.flatMap((line, i) => (impure.test(line) ? [`${path}:${i + 1}: ${line.trim()}`] : [])),
			);
		expect(hits).toEqual([]);
	});
});
