/**
 * The walk of a tree's mm/gup.c, lowered, as a request to explore.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CheckRequest } from '../../../engine/check/request.js';
import type { ArchName } from '../../../engine/program/arch.js';
import { actorSources } from '../../../server/actors/sources.js';
import { lower } from '../../../server/lower/lower.js';
import { configuration } from '../../../server/tree/configuration.js';
import { openTree } from '../../../server/tree/workspace.js';

const PATH = 'mm/gup.c';
const STATES_MAX = 2_000_000;

/** On x86_64, against every adversary. */
export function requestFor(root: string): CheckRequest {
	const arch: ArchName = 'x86_64';
	const config = configuration({ arch, dotConfig: null, set: new Map() });
	const text = readFileSync(join(root, PATH), 'utf8');
	const tree = openTree(root);
	const { program, walks } = lower({
		path: PATH,
		text,
		tree,
		arch,
		config,
		actors: actorSources(null),
	});
	const [walk] = walks;
	if (walk === undefined) throw new Error(`no walk in ${PATH}`);
	return {
		program,
		root: walk.root,
		functions: walk.functions,
		actors: [],
		arch,
		memory: 'sc',
		config: new Set(config.keys()),
		statesMax: STATES_MAX,
	};
}
