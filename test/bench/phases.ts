/**
 * What `npm run bench` measures inside one warm process: parsing, lowering and exploring mm/gup.c. Runs once before it
 * counts; where a cache would make a repeated run meaningless, each run gets a text of its own.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CheckRequest } from '../../engine/check/request.js';
import { check } from '../../engine/questions/check.js';
import { ownActors } from '../../server/actors/sources.js';
import { lower } from '../../server/lower/lower.js';
import type { Lowered } from '../../server/lower/request.js';
import { treeSitter } from '../../server/syntax/tree_sitter.js';
import { archProfile } from '../../server/tree/arch_profiles.js';
import { openTree } from '../../server/tree/workspace.js';

export interface Measure {
	readonly name: string;
	readonly unit: 'ms';
	readonly target: number | null;
	readonly at: number;
	readonly samples: readonly number[];
}

/** States of one scenario before it is given up: as the command line has it. */
const STATES_MAX = 2_000_000;

function measure(name: string, runs: number, work: (run: number) => unknown): Measure {
	work(-1);
	const samples = Array.from({ length: runs }, (_, run) => {
		const started = performance.now();
		work(run);
		return performance.now() - started;
	});
	return { name, unit: 'ms', target: null, at: 0.5, samples };
}

/** Parse, lower and check of the tree's mm/gup.c for x86_64, `runs` times each. */
export function phases(root: string, runs: number): readonly Measure[] {
	const text = readFileSync(join(root, 'mm/gup.c'), 'utf8');
	const tree = openTree(root);
	const { config } = archProfile('x86_64');
	const actors = ownActors();
	const lowerOne = (run: number): Lowered =>
		lower({
			path: 'mm/gup.c',
			text: `${text}/* ${run} */\n`,
			tree,
			arch: 'x86_64',
			config,
			actors,
		});
	const { program, walks } = lowerOne(-2);
	const explore = (depth: 'core' | 'deep'): void => {
		for (const { root: walkRoot, functions } of walks) {
			const request: CheckRequest = {
				program,
				root: walkRoot,
				functions,
				actors: [],
				arch: 'x86_64',
				memory: 'sc',
				config: new Set(config.keys()),
				statesMax: STATES_MAX,
				depth,
			};
			check(request, { cancelled: () => false, progress: () => {} });
		}
	};
	return [
		measure('parse mm/gup.c', runs, (run) => treeSitter().parse(`${text}/* ${run} */\n`).root()),
		measure('lower, warm', runs, lowerOne),
		measure('check, warm, common scenarios', runs, () => explore('core')),
		measure('check, warm, all scenarios', runs, () => explore('deep')),
	];
}
