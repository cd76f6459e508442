/**
 * Prints on standard error what a verdict takes from the workspace (its adversaries, files of it that could not be read), for the
 * commands whose output has no place for it.
 */
import {
	replacedWhy,
	restsOnUntrustedActor,
	workspaceActorsTold,
} from '../ide/analysis/workspace_assumptions.js';
import type { TextRequest } from './options.js';
import type { TextSession } from './supervised.js';
import { type Complaining, complain } from './write.js';

/**
 * Tells it; true where nothing counts as decided: the workspace's word would have to be taken, or it was not found out in time
 * whether it would.
 */
export async function tellWorkspace(
	path: string,
	request: TextRequest,
	session: TextSession,
	tell: Complaining = complain,
): Promise<boolean> {
	const brings = request.actorSources.some((a) => !a.path.startsWith('racewalk:'));
	const outcome = brings ? await session.run({ kind: 'actors' }) : null;
	const workspaceActors = outcome?.kind === 'done' ? outcome.result : [];
	const told = [
		...workspaceActorsTold(workspaceActors),
		...(request.conditions ?? []).filter((a) => a.workspace === true).map((a) => a.what),
	];
	for (const what of told) tell(`${path}: assumes: ${what}`);
	if (outcome?.kind === 'ended') {
		tell(`${path}: which adversaries the workspace brings was given up: it ${outcome.why}`);
		return true;
	}
	if (!restsOnUntrustedActor({ request, workspaceActors })) return false;
	const replaced = workspaceActors.filter((a) => a.replaces && a.acts);
	tell(`${path}: ${replacedWhy(replaced)}`);
	return true;
}
