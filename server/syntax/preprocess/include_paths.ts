/**
 * Where a kernel build looks for headers (the top Makefile's LINUXINCLUDE), and the few headers that only a build makes:
 * `generated/autoconf.h` stands for the configuration, wrappers in `arch/X/include/generated/asm` for asm-generic.
 */
import type { IncludeFiles, IncludeRequest } from './translation_unit.js';

export interface IncludeTree {
	/** Folder below `arch/`. */
	readonly archFolder: string;
	text(path: string): string | null;
	/** Folders that the file's Makefile adds, looked through behind the others. */
	readonly more?: readonly string[];
	/** Headers that a build makes, by their path. */
	readonly generated: ReadonlyMap<string, string>;
}

/** Where headers stand that the compiler brings, by their paths among those that are `generated`. */
export const COMPILERS = 'racewalk:compiler';

export function includeFiles(tree: IncludeTree): IncludeFiles {
	const arch = `arch/${tree.archFolder}/include`;
	const folders = [
		arch,
		`${arch}/generated`,
		'include',
		`${arch}/uapi`,
		`${arch}/generated/uapi`,
		'include/uapi',
		'include/generated/uapi',
		...(tree.more ?? []),
		COMPILERS,
	];
	const text = (path: string): string | null =>
		// a folder of the tree may be called so
		tree.generated.get(path) ?? (path.startsWith(`${COMPILERS}/`) ? null : tree.text(path));
	const known = new Map<string, { path: string; text: string } | null>();
	const search = (spec: string, own: string | null, behind: string | null) => {
		const from = behind === null ? 0 : folders.findIndex((f) => behind.startsWith(`${f}/`)) + 1;
		const candidates = folders.slice(from).map((f) => `${f}/${spec}`);
		if (own !== null) candidates.unshift(own);
		candidates.push(...generic(spec));
		for (const path of candidates) {
			const found = text(path);
			if (found !== null) return { path, text: found };
		}
		return null;
	};
	return {
		text,
		resolve({ path, quoted, from, next }: IncludeRequest) {
			const own = quoted ? normalised(`${from.slice(0, from.lastIndexOf('/') + 1)}${path}`) : null;
			const key = `${path}\n${own ?? ''}\n${next ? from : ''}`;
			let found = known.get(key);
			if (found === undefined) {
				found = search(path, own, next ? from : null);
				known.set(key, found);
			}
			return found;
		},
	};
}

/** What scripts/Makefile.asm-headers wraps where an architecture has no header of its own. */
function generic(spec: string): readonly string[] {
	const match = /^(uapi\/)?asm\/(.*)$/.exec(spec);
	if (match === null) return [];
	const name = match[2] ?? '';
	const uapi = `include/uapi/asm-generic/${name}`;
	return match[1] === undefined ? [`include/asm-generic/${name}`, uapi] : [uapi];
}

/** `mm/../include/x.h` without what leads back. */
function normalised(path: string): string {
	const parts: string[] = [];
	for (const part of path.split('/')) {
		if (part === '.' || part === '') continue;
		if (part === '..' && parts.length > 0) parts.pop();
		else parts.push(part);
	}
	return parts.join('/');
}
