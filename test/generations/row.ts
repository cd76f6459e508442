/**
 * One kernel tree as a row of the table rules × generations: its mm/gup.c checked as the command line does, and compared
 * with what is argued.
 */
import { existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { ArchName } from '../../engine/program/arch.js';
import type { VerdictKind } from '../../engine/rules/verdict.js';
import { analysisOf, foundIn } from '../analysis.js';
import { arguedFor, GENERATIONS } from './argued.js';

export interface Row {
	readonly version: string;
	readonly arch: ArchName;
	readonly dialect: string;
	readonly functions: Readonly<Record<VerdictKind, number>>;
	/** `rule@function`, sorted. */
	readonly found: readonly string[];
	/** Functions without a verdict that says anything, with the reason. */
	readonly undecided: readonly string[];
	/** Where the row is not as argued; empty: as argued; null: nothing is written down for this version. */
	readonly differences: readonly string[] | null;
}

/** Version of a tree: its Makefile's, else the one in its folder's name. */
export function versionOf(tree: string): string {
	const makefile = join(tree, 'Makefile');
	const text = existsSync(makefile) ? readFileSync(makefile, 'utf8') : '';
	const [major, minor] = [/^VERSION = (\d+)/m, /^PATCHLEVEL = (\d+)/m].map(
		(p) => p.exec(text)?.[1],
	);
	if (major !== undefined && minor !== undefined) return `${major}.${minor}`;
	return /\d+\.\d+/.exec(basename(resolve(tree)))?.[0] ?? basename(resolve(tree));
}

/** Checks the mm/gup.c of a tree. Throws when there is none. */
export function rowOf(tree: string, arch: ArchName): Row {
	const path = 'mm/gup.c';
	const text = readFileSync(join(tree, path), 'utf8');
	const analysis = analysisOf({ path, text, tree, arch, statesMax: 2_000_000 });
	const version = versionOf(tree);
	const found = foundIn(analysis);
	const count = (verdict: VerdictKind) =>
		analysis.functions.filter((f) => f.verdict === verdict).length;
	const functions = {
		holds: count('holds'),
		violated: count('violated'),
		unsupported: count('unsupported'),
		inconclusive: count('inconclusive'),
	};
	const undecided = analysis.functions
		.filter((f) => f.verdict === 'unsupported' || f.verdict === 'inconclusive')
		.map((f) => `${f.name}: ${f.verdict}: ${f.why}`);
	const known = GENERATIONS.find((g) => g.version === version);
	const { required, allowed } = arguedFor(version, arch);
	const isElsewhere = known?.elsewhere?.includes(arch) === true;
	const differences = [
		...(known !== undefined && !isElsewhere && known.dialect !== analysis.dialect
			? [`the dialect is ${analysis.dialect}, not ${known.dialect}`]
			: []),
		...(analysis.functions.length === 0 && !isElsewhere ? ['no walk was found'] : []),
		...found.filter((f) => !allowed.includes(f)).map((f) => `not argued: ${f}`),
		...required.filter((f) => !found.includes(f)).map((f) => `not found: ${f}`),
	];
	return {
		version,
		arch,
		dialect: analysis.dialect,
		functions,
		found,
		undecided,
		differences: known === undefined ? null : differences,
	};
}
