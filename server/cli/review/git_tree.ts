/**
 * A kernel tree as it stands in a repository's objects: at a commit, or staged. Names and modes come from `ls-tree`, texts from
 * `cat-file --batch`, headers of a folder together.
 */
import { decoded, TREE_BYTES_MAX } from '../../reading/file.js';
import { noteAsked } from '../../tree/asked_files.js';
import type { KernelTree } from '../../tree/kernel_tree.js';
import { UsageError } from '../options.js';
import type { Git } from './git.js';

/** Names of blobs by path. */
export type Blobs = ReadonlyMap<string, string>;

/** Texts of blobs, each asked for once. */
export class BlobTexts {
	readonly #git: Git;
	readonly #texts = new Map<string, string | null>();
	readonly #missing = new Set<string>();

	constructor(git: Git) {
		this.#git = git;
	}

	has(name: string): boolean {
		return this.#texts.has(name);
	}

	/** Null: it is no text, or too large for one. A UsageError where the repository does not have it. */
	get(name: string): string | null {
		if (!this.has(name)) this.load([name]);
		if (this.#missing.has(name))
			throw new UsageError(
				`the repository lacks the object ${name} (a partial clone?): nothing is fetched, get it first`,
			);
		return this.#texts.get(name) ?? null;
	}

	load(names: readonly string[]): void {
		const wanted = [...new Set(names)].filter((name) => !this.has(name));
		if (wanted.length === 0) return;
		const out = this.#git.run('cat-file', ['--batch'], `${wanted.join('\n')}\n`);
		let at = 0;
		for (const name of wanted) {
			const end = out.indexOf(10, at);
			const [, kind, size] = out.toString('latin1', at, end).split(' ');
			at = end + 1;
			const length = kind === 'missing' || size === undefined ? 0 : Number(size);
			const bytes = out.subarray(at, at + length);
			const read = kind === 'blob' && length <= TREE_BYTES_MAX ? decoded(bytes, name) : null;
			this.#texts.set(name, read?.kind === 'text' ? read.text : null);
			if (kind === 'missing') this.#missing.add(name);
			else at += length + 1;
		}
	}
}

/** Files of a tree object, or of an index: `mode type name\tpath` or `mode name stage\tpath`, each ended by a NUL. */
export function blobsIn(listed: Buffer): Map<string, string> {
	const blobs = new Map<string, string>();
	for (const entry of listed.toString('utf8').split('\0')) {
		const tab = entry.indexOf('\t');
		const [mode = '', ...rest] = entry.slice(0, tab).split(' ');
		const name = rest.find((word) => /^[0-9a-f]{40,64}$/.test(word));
		// links and submodules are no files
		if (mode.startsWith('100') && name !== undefined) blobs.set(entry.slice(tab + 1), name);
	}
	return blobs;
}

/** The tree; `root` has to tell it from every other. */
export function gitTree(root: string, blobs: Blobs, texts: BlobTexts): KernelTree {
	let folders: Map<string, string[]> | null = null;
	const filesIn = (folder: string): readonly string[] => {
		if (folders === null) {
			folders = new Map();
			for (const path of blobs.keys()) {
				const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')));
				const there = folders.get(parent);
				if (there === undefined) folders.set(parent, [path]);
				else there.push(path);
			}
		}
		return folders.get(folder) ?? [];
	};
	return {
		root,
		read(path) {
			noteAsked(root, path);
			const name = blobs.get(path);
			if (name === undefined) return null;
			if (!texts.has(name) && path.endsWith('.h')) {
				const beside = filesIn(path.slice(0, path.lastIndexOf('/')));
				texts.load(beside.flatMap((p) => (p.endsWith('.h') ? [blobs.get(p) ?? name] : [])));
			}
			return texts.get(name);
		},
		list(folder) {
			noteAsked(root, folder);
			return [...filesIn(folder)].sort();
		},
		stamp(path) {
			noteAsked(root, path);
			return blobs.get(path) ?? null;
		},
	};
}
