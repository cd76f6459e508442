/**
 * The axioms against the kernel's text: every candidate execution of random programs (coherent and atomic, that much the
 * search sees to) is judged by the engine and by linux-kernel.bell and linux-kernel.cat of the fetched trees.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
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

/** linux-kernel.bell and .cat of a tree; lock.cat's part is what the engine's candidates are made of. */
function model(version: '6.1' | '6.12'): readonly Instruction[] {
	const folder = join(kernelTree(version), 'tools/memory-model');
	const text = (name: string): string => readFileSync(join(folder, name), 'utf8');
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
	{ rf, co }: Execution,
): CatVerdict {
	return runCat(instructions, catEnvironment(fixed.structure, rf, co), catSize(fixed.structure));
}

describe('the engine judges every execution as the kernel model does', () => {
	test.each([
		['6.1', { plain: true, rcu: true, locks: true, srcu: false }],
		['6.12', { plain: true, rcu: true, locks: true, srcu: true }],
		['6.12', { plain: false, rcu: true, locks: false, srcu: true }],
		['6.12', { plain: true, rcu: false, locks: true, srcu: false }],
	] as const)('%s %j', (version, shape) => {
		const instructions = model(version);
		const generation: Generation = version;
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
