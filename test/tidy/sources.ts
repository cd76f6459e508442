/**
 * The repository's own text as the tidy tests see it: every file that could be committed, its imports, its code
 * without comments and strings. Read from disk, so that a file not yet committed is held to the same rules.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path/posix';
import { repositoryRoot } from '../trees.js';

/** Folders that are never committed. */
const IGNORED = new Set(['.git', 'node_modules', 'dist', '.cache', 'test-output']);

/** Paths from the repository's root, with slashes, of all files (ignored folders left out), sorted. */
export function allFiles(folder = ''): readonly string[] {
	return readdirSync(join(repositoryRoot, folder), { withFileTypes: true })
		.flatMap((entry) => {
			const path = join(folder, entry.name);
			// by name, for a worktree links them
			if (IGNORED.has(entry.name)) return [];
			return entry.isDirectory() ? allFiles(path) : [path];
		})
		.sort();
}

/** Text of a file by its path from the repository's root. */
export function read(path: string): string {
	return readFileSync(join(repositoryRoot, path), 'utf8');
}

/** TypeScript sources and scripts, tests included. */
export function codeFiles(): readonly string[] {
	return allFiles().filter((path) => /\.(?:ts|mjs)$/.test(path));
}

/** Where an import leads: a path from the repository's root (without suffix), or a bare package name. */
export interface Import {
	readonly path: string;
	readonly isBare: boolean;
}

/** Every static, dynamic and type import of a source. */
export function importsOf(path: string, text: string): readonly Import[] {
	const pattern = /\b(?:from|import|require)\s*\(?\s*'([^'\n]+)'/g;
	return [...withoutComments(text).matchAll(pattern)].map((match) => {
		const target = match[1] ?? '';
		if (!target.startsWith('.')) return { path: target, isBare: true };
		return { path: normalize(join(dirname(path), target)).replace(/\.js$/, ''), isBare: false };
	});
}

/** The text with comments blanked; good enough for our own formatted sources, no parser needed. */
export function withoutComments(text: string): string {
	return text.replace(/\/\*[\s\S]*?\*\/|(?<=^|[\s;{}(),])\/\/[^\n]*/g, (c) =>
		c.replace(/[^\n]/g, ' '),
	);
}

/** The text with comments and one-line strings blanked: what is left is code. */
export function codeOnly(text: string): string {
	return withoutComments(text).replace(/'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g, "''");
}
