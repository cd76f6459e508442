/**
 * A portable id replayed on the tree at hand: the run, and all that is not as it was when the id was made.
 *
 * Invariant: a run is called the same only where each of its steps does what it did when the id was made.
 */
import { isAbsolute, join, normalize } from 'node:path';
import { assert } from '../../../engine/base/unreachable.js';
import type { Simulation } from '../../ide/simulation.js';
import { findTreeRoot } from '../../tree/workspace.js';
import { forEachConfiguration } from '../asking.js';
import { circumstances, differences, filesBeside, identified } from '../identified.js';
import {
	type CommonOptions,
	readInput,
	requireProfile,
	type TextRequest,
	UsageError,
} from '../options.js';
import { type PortableId, portableText, readPortable } from '../portable_id.js';
import { tellWorkspace } from '../tell_workspace.js';

/** What the user can say beside the id. */
export interface ReplayOptions {
	readonly tree?: string;
	readonly config?: string;
	readonly scenario?: string;
	readonly trustWorkspaceActors?: true;
	readonly budget?: number;
	readonly color: CommonOptions['color'];
}

export type Shown = Simulation & { readonly trace: object };

export interface Replayed {
	readonly made: PortableId;
	readonly request: TextRequest;
	/** The run there is now; null: there is none. */
	readonly run: Shown | null;
	/** The run beside it, where one was asked for and found: what breaks no rule, or the same without what saved it. */
	readonly neighbour?: Shown;
	/** Why there is no run; empty where there is one. */
	readonly why: string;
	/** The run does, step by step, what it did. */
	readonly isSame: boolean;
	/** What is not as it was, a sentence each. */
	readonly differs: readonly string[];
	/** The id of what was replayed here; the one given where nothing differs. */
	readonly id: string;
	/** The run rests on an adversary of the workspace that nobody trusted. */
	readonly isUntrusted: boolean;
}

/** Replays `word`; `file` instead of the path that the id names. */
export async function replayed(
	word: string,
	file: string | undefined,
	options: ReplayOptions & { readonly neighbour?: boolean },
): Promise<Replayed> {
	const made = readPortable(word);
	if ('wrong' in made) throw new UsageError(made.wrong);
	const input = readInput(file ?? fileOf(made.path, options), {
		...{ arch: [made.arch], set: made.set, actor: made.actors, function: [] },
		...{ memory: made.memory, format: 'text', color: options.color },
		...(file === undefined ? {} : { as: made.path }),
		...(options.tree === undefined ? {} : { tree: options.tree }),
		...(options.config === undefined ? {} : { config: options.config }),
		...(options.scenario === undefined ? {} : { scenario: options.scenario }),
		...(made.trusted === true && options.trustWorkspaceActors === true
			? { trustWorkspaceActors: true as const }
			: {}),
	});
	requireProfile(input);
	const budget = options.budget === undefined ? {} : { budget: options.budget };
	const asked = { arch: [], set: [], actor: [], function: [], memory: 'sc' as const, ...budget };
	const all = { ...asked, format: 'text' as const, color: options.color };
	const [one] = await forEachConfiguration([input], all, async ({ request, session }) => {
		const isUntrusted = await tellWorkspace(input.path, request, session);
		const wanted = { function: made.function, rule: null, trace: made.run };
		const outcome = await session.run({ kind: 'simulate', wanted });
		if (outcome.kind === 'done') {
			const told = { request, isUntrusted, ...found(outcome.result) };
			const beside = options.neighbour === true ? neighbourOf(made.run, told.run) : null;
			if (beside === null) return told;
			const wantedToo = { function: made.function, rule: null, ...beside };
			const other = await session.run({ kind: 'simulate', wanted: wantedToo });
			const { run: neighbour = null } = other.kind === 'done' ? found(other.result) : {};
			return neighbour === null ? told : { ...told, neighbour };
		}
		const why = `the replay was given up in ${outcome.phase}: it ${outcome.why}`;
		return { request, isUntrusted, run: null, why };
	});
	const [told] = one?.told ?? [];
	assert(told !== undefined, 'a file with a profile is asked about');
	return { ...told, made, ...compared(made, word, told) };
}

/** What to ask for the run beside a run; null: there is none. */
function neighbourOf(
	id: string,
	run: Shown | null,
): { readonly trace: string; readonly nearest?: true } | null {
	if (run === null || run.claim !== undefined) return null;
	if (run.finding === null) {
		const trace = run.saved?.savings[0]?.trace;
		return trace === undefined ? null : { trace };
	}
	return run.supposed === undefined ? { trace: id, nearest: true } : null;
}

function found(simulation: Simulation): { readonly run: Shown | null; readonly why: string } {
	if (simulation.trace === null) return { run: null, why: simulation.why };
	return { run: simulation, why: '' };
}

function compared(
	made: PortableId,
	word: string,
	{ request, run }: { readonly request: TextRequest; readonly run: Shown | null },
): Pick<Replayed, 'isSame' | 'differs' | 'id'> {
	if (run === null) {
		const { beside: _, ...then } = made;
		return {
			isSame: false,
			differs: differences(then, circumstances(request, made.set), []),
			id: word,
		};
	}
	const here = identified(request, { function: made.function, trace: run.trace, set: made.set });
	const differs = differences(made, here, filesBeside(request, run.trace));
	return { isSame: here.steps === made.steps, differs, id: portableText(here) };
}

/** Where the file of an id is: in the tree that is named, that the current folder lies in, or below the current folder. */
function fileOf(path: string, { tree }: ReplayOptions): string {
	if (isAbsolute(path) || normalize(path).startsWith('..'))
		throw new UsageError(
			`the id names ${path}, which lies in no tree: give the file behind the id`,
		);
	if (tree !== undefined) return join(tree, path);
	const root = findTreeRoot(`${process.cwd()}/.`);
	return root === null ? path : join(root, path);
}
