/**
 * What the workspace answers for, told on standard error by commands whose answers have no place for it.
 */
import { isForged, replacedWhy, workspaceActorsTold } from '../ide/analysis/vouched.js';
import type { TextRequest } from './options.js';
import type { Questions } from './supervised.js';
import { complain } from './write.js';

/**
 * Tells it; true where nothing counts as decided: the workspace's word would have to be taken, or it was not found out in time
 * whether it would.
 */
export async function tellBeside(
	path: string,
	request: TextRequest,
	asked: Questions,
): Promise<boolean> {
	const brings = request.actorSources.some((a) => !a.path.startsWith('racewalk:'));
	const outcome = brings ? await asked.ask({ kind: 'actors' }) : null;
	const workspaceActors = outcome?.kind === 'done' ? outcome.result : [];
	const told = [
		...workspaceActorsTold(workspaceActors),
		...(request.conditions ?? []).filter((a) => a.workspace === true).map((a) => a.what),
	];
	for (const what of told) complain(`${path}: assumes: ${what}`);
	if (outcome?.kind === 'ended') {
		complain(`${path}: which adversaries the workspace brings was given up: it ${outcome.why}`);
		return true;
	}
	if (!isForged({ request, workspaceActors })) return false;
	const replaced = workspaceActors.filter((a) => a.replaces && a.acts);
	complain(`${path}: ${replacedWhy(replaced)}`);
	return true;
}
