/**
 * From an open document and its settings to what a worker is asked. On the server's main thread: nothing here blocks.
 */
import { ownActors } from '../actors/sources.js';
import { type AnalysedAssumption, workspaceAssumption } from '../ide/analysis/analysis.js';
import { configuration } from '../tree/configuration.js';
import { type PlaceInTree, placeLater } from '../tree/workspace.js';
import type { DocumentRequest } from '../worker/worker_protocol.js';
import { filePath } from './document_address.js';
import type { Addresses } from './encode.js';
import type { Settings } from './settings.js';
import type { Workspace } from './workspace.js';

/** States per scenario in the editor before it is inconclusive. */
const STATES_MAX = 500_000;

export async function documentRequest(
	uri: string,
	text: string,
	settings: Settings,
	workspace: Workspace,
): Promise<DocumentRequest> {
	const { folders } = workspace;
	const { kernelTree } = settings;
	const place = await placeLater(filePath(uri) ?? 'untitled.c', {
		tree: kernelTree,
		as: null,
		folders,
	});
	// a tree that was found above a file of no folder is somebody's whom nobody asked for adversaries
	const tree = kernelTree !== null || place.within !== null ? place.tree : null;
	const brought = await workspace.actors([...(tree === null ? [] : [tree]), ...folders]);
	for (const problem of brought.problems) workspace.tellOnce(`racewalk: ${problem}`);
	const config = configuration({ arch: settings.arch, dotConfig: null, set: new Map() });
	const conditions = [
		...brought.problems.map(workspaceAssumption),
		...(await treeConditions(place, settings)),
		...ruleConditions(settings),
	];
	return {
		path: place.path,
		text,
		tree: place.tree,
		arch: settings.arch,
		config: [...config],
		actorSources: [...ownActors(), ...brought.sources],
		replacements: workspace.replacements(settings),
		...(conditions.length === 0 ? {} : { conditions }),
		actors: settings.actors,
		memory: settings.memory,
		statesMax: STATES_MAX,
		budgetSeconds: settings.budgetSeconds,
	};
}

/** What a verdict has to say about where its kernel tree comes from. */
async function treeConditions(
	{ tree, within, path }: PlaceInTree,
	{ kernelTree }: Settings,
): Promise<readonly AnalysedAssumption[]> {
	if (kernelTree !== null && path.startsWith('/'))
		return [{ what: `the kernel tree is ${kernelTree} (racewalk.kernelTree)`, line: null }];
	if (kernelTree !== null) return [];
	if (tree !== null && within === null)
		return [
			workspaceAssumption(
				`the kernel tree is ${tree}, found above the file, which is in no open folder`,
			),
		];
	if (tree !== null || within === null) return [];
	const above = await placeLater(within, { tree: null, as: null });
	if (above.tree === null) return [];
	const how = 'open that folder, or set racewalk.kernelTree';
	return [
		workspaceAssumption(
			`the folder lies in the kernel tree ${above.tree}, which was not read: ${how}`,
		),
	];
}

function ruleConditions({ rules }: Settings): readonly AnalysedAssumption[] {
	const off = [...rules].flatMap(([rule, setting]) => (setting === 'off' ? [rule] : []));
	if (off.length === 0) return [];
	return [workspaceAssumption(`findings of ${off.join(', ')} are not shown (racewalk.rules)`)];
}

export function addressesOf(uri: string, request: DocumentRequest): Addresses {
	return { uri, path: request.path, tree: request.tree };
}
