/**
 * `npm run trees -- DIR...`: checks the mm/gup.c of each tree, prints the table rules × generations and compares it with
 * what is argued. Bundled and started by scripts/trees.mjs.
 */
import { ARCHS, type ArchName } from '../../engine/program/arch.js';
import { printed } from './print.js';
import { type Row, rowOf } from './row.js';

/** Prints the table of the trees; the number of rows that are not as argued. Throws on a folder that is no kernel tree. */
export function runTrees(
	trees: readonly string[],
	archs: readonly string[],
	print: (line: string) => void,
): number {
	const rows: Row[] = trees.flatMap((tree) => archs.map((arch) => rowOf(tree, archNamed(arch))));
	print(printed(rows));
	return rows.filter((row) => row.differences !== null && row.differences.length > 0).length;
}

function archNamed(name: string): ArchName {
	const arch = ARCHS.find((a) => a === name);
	if (arch === undefined) throw new Error(`no architecture ${name}; known: ${ARCHS.join(', ')}`);
	return arch;
}

/** Names of all architectures. */
export const ARCH_NAMES: readonly string[] = ARCHS;
