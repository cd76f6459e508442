/**
 * What the workspace answers for, told on standard error by commands whose answers have no place for it.
 */

import { prepare } from '../ide/analysis/analyse.js';
import { isForged, replacedWhy, workspaceActorsTold } from '../ide/analysis/vouched.js';
import { realEngine } from '../worker/engine.js';
import type { Input } from './options.js';
import { complain } from './write.js';

/** Tells it; true where the workspace's word would have to be taken and nothing counts as decided. */
export function tellBeside({ path, requests }: Pick<Input, 'path' | 'requests'>): boolean {
	const [request] = requests;
	if (request === undefined) return false;
	const brings = request.actorSources.some((a) => !a.path.startsWith('racewalk:'));
	const workspaceActors = brings ? prepare(realEngine, request).lowered.workspaceActors : [];
	const told = [
		...workspaceActorsTold(workspaceActors),
		...(request.conditions ?? []).filter((a) => a.workspace === true).map((a) => a.what),
	];
	for (const what of told) complain(`${path}: assumes: ${what}`);
	if (!isForged({ request, workspaceActors })) return false;
	const replaced = workspaceActors.filter((a) => a.replaces && a.acts);
	complain(`${path}: ${replacedWhy(replaced)}`);
	return true;
}
