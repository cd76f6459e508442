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
	...['engine/base/', 'engine/program/', 'engine/trace/'],
	...['engine/rules/verdict', 'engine/check/facts', 'engine/check/check', 'engine/check/what_ifs'],
	...['engine/questions/claims/claim', 'engine/questions/claims/claim_words'],
	'engine/questions/guards/guard_result',
];

/** All of the engine below what is checked. */
const BELOW_CHECK = [
	...['engine/base/', 'engine/program/', 'engine/memory/', 'engine/explore/'],
	...['engine/mm/', 'engine/rules/', 'engine/trace/'],
];

/** Longest prefix of a file's path decides its layer. */
const LAYERS: Readonly<Record<string, Layer>> = {
	'engine/base/': { layers: [], packages: [] },
	'engine/program/': { layers: ['engine/base/'], packages: [] },
	'engine/memory/thread/': { layers: ['engine/base/', 'engine/program/'], packages: [] },
	'engine/memory/sc/': {
		layers: ['engine/base/', 'engine/program/', 'engine/memory/thread/'],
		packages: [],
	},
	'engine/memory/lkmm/': {
		layers: ['engine/base/', 'engine/program/', 'engine/memory/thread/'],
		packages: [],
	},
	'engine/mm/': {
		layers: ['engine/base/', 'engine/program/', 'engine/memory/thread/'],
		packages: [],
	},
	'engine/rules/': {
		layers: [
			...['engine/base/', 'engine/program/', 'engine/memory/thread/', 'engine/mm/'],
			...['engine/trace/trace'],
		],
		packages: [],
	},
	'engine/explore/': { layers: ['engine/base/'], packages: [] },
	'engine/trace/': {
		layers: ['engine/base/', 'engine/program/', 'engine/memory/', 'engine/explore/'],
		packages: [],
	},
	'engine/check/': {
		layers: [...BELOW_CHECK, 'engine/lkmm/', 'engine/questions/guards/guard_trace'],
		packages: [],
	},
	'engine/lkmm/': { layers: [...BELOW_CHECK, 'engine/check/'], packages: [] },
	'engine/questions/': {
		layers: [...BELOW_CHECK, 'engine/check/', 'engine/lkmm/'],
		packages: [],
	},
	'server/syntax/': {
		layers: ['engine/base/'],
		packages: ['tree-sitter', 'tree-sitter-c', 'node:'],
	},
	'server/lower/': {
		layers: ['server/tree/', 'server/syntax/', 'engine/program/', 'engine/base/'],
		packages: ['node:'],
	},
	'server/tree/': {
		layers: [
			...['server/lower/', 'server/syntax/', 'engine/program/', 'engine/base/'],
			...['engine/check/check'],
		],
		packages: ['node:'],
	},
	'server/actors/': {
		layers: [
			...['server/lower/', 'engine/program/', 'engine/mm/actors/', 'engine/mm/worlds/'],
			...['server/ide/source_lines'],
		],
		packages: ['node:'],
	},
	'server/litmus/': {
		layers: [
			...['server/syntax/', 'engine/base/', 'engine/program/', 'engine/memory/'],
			...['engine/trace/'],
		],
		packages: ['node:'],
	},
	'server/ide/': {
		layers: [
			...['server/syntax/', 'server/lower/', 'server/tree/', 'server/protocol'],
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
	'server/cli/': { layers: ['server/', ...PLAIN_DATA], packages: ['node:'] },
	'server/cli': {
		layers: ['server/cli/', 'engine/base/', 'engine/check/what_ifs'],
		packages: ['commander', 'node:'],
	},
	'server/main': {
		layers: ['server/cli/version', 'server/lsp/'],
		packages: ['vscode-languageserver/', 'node:'],
	},
	'server/protocol': { layers: [], packages: [] },
	'client/view/': { layers: ['server/protocol'], packages: [] },
	'client/': {
		// Of the webview only what crosses to it as plain data.
		layers: ['server/protocol', 'client/view/message', 'client/view/motion'],
		packages: ['vscode', 'vscode-languageclient/', 'node:'],
	},
};

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

describe('layers', () => {
	it('finds the sources', () => {
		expect(sources.length).toBeGreaterThan(10);
		expect(layerOf('engine/explore/dfs')).toBe('engine/explore/');
		expect(allows('engine/explore/', 'engine/mm/model/world')).toBe(false);
		expect(allowsPackage('engine/base/', 'node:fs')).toBe(false);
	});

	it('has no import that the table forbids', () => {
		expect(sources.flatMap(forbiddenEdges)).toEqual([]);
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
