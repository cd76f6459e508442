/**
 * From an open document and its settings to what a worker is asked.
 */
import { fileURLToPath } from 'node:url';
import { actorNames, actorSources } from '../actors/sources.js';
import { configuration } from '../tree/configuration.js';
import { placeOf } from '../tree/workspace.js';
import type { DocumentRequest } from '../worker/worker_protocol.js';
import type { Addresses } from './encode.js';
import type { Settings } from './settings.js';

/** States per scenario in the editor before it is inconclusive. */
const STATES_MAX = 500_000;

export function documentRequest(
	uri: string,
	text: string,
	settings: Settings,
	/** Folders open in the editor. */
	workspace: readonly string[],
): DocumentRequest {
	const file = filePath(uri);
	const place = placeOf(file ?? 'untitled.c', { tree: settings.kernelTree, as: null });
	const sources = actorSources(place.tree, ...workspace);
	const known = actorNames(sources);
	const config = configuration({ arch: settings.arch, dotConfig: null, set: new Map() });
	return {
		path: place.path,
		text,
		tree: place.tree,
		arch: settings.arch,
		config: [...config],
		actorSources: sources,
		actors: settings.actors.filter((name) => name.split('+').every((a) => known.includes(a))),
		memory: settings.memory,
		statesMax: STATES_MAX,
		budgetSeconds: settings.budgetSeconds,
	};
}

/** Path of a `file:` address, or null for a document that is on no disk here. */
export function filePath(uri: string): string | null {
	try {
		return uri.startsWith('file:') ? fileURLToPath(uri) : null;
	} catch {
		return null;
	}
}

export function addressesOf(uri: string, request: DocumentRequest): Addresses {
	return { uri, path: request.path, tree: request.tree };
}
