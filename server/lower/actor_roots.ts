/**
 * Which functions `actor_NAME` are the adversaries: racewalk's own, and those that a workspace adds or puts in the place of
 * one of racewalk's.
 *
 * Invariant: a workspace's file takes the place of exactly the adversaries that it defines, and only where that is allowed;
 * nothing else in it changes what racewalk's own adversaries mean (names.ts looks names of theirs up in theirs alone).
 */
import { isWorkspaces, type Names, type Unit, type Units } from './names.js';
import type { WorkspaceActor } from './request.js';
import { type Root, rootNamed } from './roles.js';

const PREFIX = 'actor_';

export function actorRootsOf(
	units: Units,
	names: Names,
	{ replacing }: { readonly replacing: boolean },
): { readonly roots: readonly Root[]; readonly workspace: readonly WorkspaceActor[] } {
	const own = new Map<string, Unit>();
	const theirs = new Map<string, Unit>();
	for (const unit of units.actors) {
		const into = isWorkspaces(unit) ? theirs : own;
		for (const name of defined(unit)) if (!into.has(name)) into.set(name, unit);
	}
	const workspace = [...theirs].map(([name, unit]): WorkspaceActor => {
		const replaces = own.has(name);
		return {
			...{ name: name.slice(PREFIX.length), path: unit.source.path, replaces },
			acts: replacing || !replaces,
		};
	});
	const acting = new Map(own);
	for (const { name, acts } of workspace) {
		const unit = theirs.get(PREFIX + name);
		if (acts && unit !== undefined) acting.set(PREFIX + name, unit);
	}
	const roots = [...acting].flatMap(([name, unit]) => rootNamed(name, unit, names));
	return { roots, workspace };
}

/** A definition that is not understood counts: leaving it out would be leaving an adversary out. */
function defined({ source }: Unit): readonly string[] {
	const names = new Set([...source.functions.keys(), ...source.brokenNames.keys()]);
	return [...names].filter((name) => name.startsWith(PREFIX));
}
