/**
 * The parser as WebAssembly gives the tree that the native one gives: of whole files, of text that is no C, after edits; and does so where
 * much is parsed.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Parser } from '../../server/syntax/parser.js';
import { parserOver, type TreeSitter, treeSitter } from '../../server/syntax/tree_sitter.js';
import { wasmParser } from '../../server/syntax/wasm_parser.js';
import { repositoryRoot } from '../trees.js';

const { resolve } = createRequire(import.meta.url);

let wasm: Parser;

beforeAll(async () => {
	wasm = parserOver((await wasmParser(resolve)) as unknown as TreeSitter);
});

const FOLDERS = ['test/fixtures/holds', 'test/fixtures/violated', 'engine/mm/actors'];
const files = FOLDERS.flatMap((folder) =>
	readdirSync(join(repositoryRoot, folder))
		.filter((name) => name.endsWith('.c'))
		.map((name) => join(folder, name)),
);

function same(text: string): void {
	expect(wasm.parse(text).root()).toEqual(treeSitter().parse(text).root());
}

describe('WebAssembly and native code', () => {
	it('are two: neither is the other', () => {
		expect(files.length).toBeGreaterThan(50);
		expect(wasm).not.toBe(treeSitter());
	});

	it.each(files)('give the same tree of %s', (path) => {
		same(readFileSync(join(repositoryRoot, path), 'utf8'));
	});

	it('give the same tree of text that is no C, with letters of every width', () => {
		const text = fc.array(
			fc.constantFrom(...'abc (){};,*&|"\'/\n\t#', 'if', 'struct', 'é', '€', '𝄞', '/*', '*/'),
			{ maxLength: 80 },
		);
		fc.assert(fc.property(text, (parts) => same(parts.join(''))));
		same(`/* ${'x'.repeat(40_000)} */ int a;`);
	});

	it('give the same tree after an edit, and WebAssembly gives its memory back', () => {
		const text = readFileSync(join(repositoryRoot, 'test/fixtures/holds/stale-pin.c'), 'utf8');
		let tree = wasm.parse(text);
		for (let i = 0; i < 2000; i++) {
			const now = i % 2 === 0 ? `int added;\n${text}` : text;
			const [start, grown] = [0, 'int added;\n'.length];
			const edit =
				i % 2 === 0 ? { start, oldEnd: 0, newEnd: grown } : { start, oldEnd: grown, newEnd: 0 };
			tree = wasm.reparse(tree, edit, now);
		}
		expect(tree.root()).toEqual(treeSitter().parse(text).root());
	});
});
