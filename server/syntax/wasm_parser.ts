/**
 * tree-sitter as WebAssembly, which loads wherever Node runs, some times slower. The version is that of the native packages' time: later ones
 * recover from errors otherwise.
 */
import { existsSync, readFileSync } from 'node:fs';
import Parser from 'web-tree-sitter';

/** Beside the program, or in the packages that they come from. */
const FILES = {
	parser: ['./parser/tree-sitter.wasm', 'web-tree-sitter/tree-sitter.wasm'],
	language: ['./parser/tree-sitter-c.wasm', 'tree-sitter-c/tree-sitter-c.wasm'],
} as const;

/** `resolve`: finds files of packages. */
export async function wasmParser(resolve: (name: string) => string): Promise<Parser> {
	const read = ([beside, packaged]: readonly [string, string]): Uint8Array => {
		const own = new URL(beside, import.meta.url);
		return readFileSync(existsSync(own) ? own : resolve(packaged));
	};
	await Parser.init({ wasmBinary: read(FILES.parser) });
	const parser = new Parser();
	parser.setLanguage(await Parser.Language.load(read(FILES.language)));
	return parser;
}
