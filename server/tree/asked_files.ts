/**
 * What was asked of trees since this process started: who asks again may have what it found, or did not find, from memory.
 */

const askedOf = new Map<string, Set<string>>();
/** Of trees beyond that many nothing is said. */
const rootsMax = 16;

/** The tree under a changed one (changed_tree.ts), by their roots. */
export function baseRoot(root: string): string {
	return root.split('\0', 1)[0] ?? root;
}

let isNoting = true;

/** What is read here rests on nothing: it is looked at for another reason than to check something. */
export function unnoted<T>(read: () => T): T {
	const before = isNoting;
	isNoting = false;
	try {
		return read();
	} finally {
		isNoting = before;
	}
}

/** Notes that a file or a folder of a tree was asked for, whether it is there or not. */
export function noteAsked(root: string, path: string): void {
	if (!isNoting) return;
	const base = baseRoot(root);
	const known = askedOf.get(base);
	if (known !== undefined) known.add(path);
	else if (askedOf.size < rootsMax) askedOf.set(base, new Set([path]));
}

/** Files and folders of a tree that what was said of it may rest on, whether they are there or not; null: it is not known. */
export function askedFiles(root: string): readonly string[] | null {
	const asked = askedOf.get(baseRoot(root));
	if (asked !== undefined) return [...asked];
	return askedOf.size < rootsMax ? [] : null;
}
