/**
 * The axioms against the kernel's text: every candidate execution of random programs (coherent and atomic, that much the
 * search sees to) is judged by the engine and by linux-kernel.bell and linux-kernel.cat of the fetched trees.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
	derive,
	type Execution,
	type Fixed,
	type Generation,
} from '../../engine/memory/lkmm/axioms.js';
import { judgePlain, textFlags } from '../../engine/memory/lkmm/plain.js';
import { kernelTree } from '../trees.js';
import { bruteForce } from './brute_force.js';
import { type CatVerdict, type Instruction, parseCat, runCat } from './cat.js';
import { catEnvironment, catSize } from './cat_events.js';
import { anyProgram } from './random_program.js';

/** A tree whose linux-kernel.cfg selects lkmmv2, where RACEWALK_TREE_LKMMV2 names one: Debian's sources have none yet. */
const later = process.env['RACEWALK_TREE_LKMMV2'];

/** linux-kernel.bell and .cat of a tree; lock.cat's part is what the engine's candidates are made of. */
function model(version: Generation): readonly Instruction[] {
	const tree = version === 'lkmmv2' ? resolve(later ?? '') : kernelTree(version);
	const folder = join(tree, 'tools/memory-model');
	// all that lkmmv2 adds in flags is that herd7 must be told of it
	const text = (name: string): string =>
		readFileSync(join(folder, name), 'utf8').replace(
			/^flag ~empty \(if "lkmmv2"[^)]*\)\s+as \S+$/m,
			'',
		);
	return [...parseCat(text('linux-kernel.bell')), ...parseCat(text('linux-kernel.cat'))];
}

/** The engine's judgement in the same terms. */
function engine(
	fixed: Fixed,
	execution: Execution,
): { consistent: boolean; flags: readonly string[] } {
	const derived = derive(fixed, execution);
	fixed.structure.space.release(0);
	if (typeof derived === 'string') return { consistent: false, flags: [] };
	const judged = judgePlain(fixed, execution);
	return { consistent: judged.coherent, flags: [...judged.flags, ...textFlags(fixed)].sort() };
}

function kernel(
	instructions: readonly Instruction[],
	fixed: Fixed,
	execution: Execution,
): CatVerdict {
	const environment = catEnvironment(fixed.structure, execution, fixed.generation);
	return runCat(instructions, environment, catSize(fixed.structure));
}

interface Shape {
	readonly plain: boolean;
	readonly rcu: boolean;
	readonly locks: boolean;
	readonly srcu: boolean;
}

const LATER: readonly (readonly [Generation, Shape])[] =
	later === undefined
		? []
		: [
				['lkmmv2', { plain: true, rcu: true, locks: true, srcu: true }],
				['lkmmv2', { plain: false, rcu: false, locks: false, srcu: false }],
			];

describe('the engine judges every execution as the kernel model does', () => {
	test.each<readonly [Generation, Shape]>([
		['6.1', { plain: true, rcu: true, locks: true, srcu: false }],
		['6.12', { plain: true, rcu: true, locks: true, srcu: true }],
		['6.12', { plain: false, rcu: true, locks: false, srcu: true }],
		['6.12', { plain: true, rcu: false, locks: true, srcu: false }],
		...LATER,
	])('%s %j', (version, shape) => {
		const instructions = model(version);
		const generation = version;
		const compared = { consistent: 0, inconsistent: 0, flagged: 0 };
		fc.assert(
			fc.property(anyProgram(shape), (p) => {
				// Few candidates are inconsistent; both kinds are wanted.
				const left = { consistent: 3, inconsistent: 12 };
				bruteForce(p, generation, 2000, (fixed, execution) => {
					if (catSize(fixed.structure) > 31) return;
					const ours = engine(fixed, execution);
					if (left[ours.consistent ? 'consistent' : 'inconsistent']-- <= 0) return;
					const theirs = kernel(instructions, fixed, execution);
					expect(theirs.broken.length === 0).toBe(ours.consistent);
					if (!ours.consistent) {
						compared.inconsistent++;
						return;
					}
					compared.consistent++;
					const flags = theirs.flags.map((f) => RENAMED[f] ?? f);
					expect([...new Set(flags)].sort()).toEqual(
						ours.flags.filter((f) => f !== 'mixed-lock-accesses'),
					);
					if (ours.flags.length > 0) compared.flagged++;
				});
			}),
			{ numRuns: 250, seed: 7 },
		);
		expect(compared.consistent).toBeGreaterThan(200);
		expect(compared.inconsistent).toBeGreaterThan(20);
		if (shape.plain) expect(compared.flagged).toBeGreaterThan(20);
	});
});

/** Names of flags that 6.1 has otherwise. */
const RENAMED: Readonly<Record<string, string>> = {
	'unbalanced-rcu-locking': 'unmatched-rcu-lock',
};
