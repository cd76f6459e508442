/** The portable id of a run that was found or replayed here, and what differs from one that was made elsewhere. */
import { ownActors } from '../actors/sources.js';
import type { AnalysedTrace } from '../ide/analysis/analysis.js';
import { contentKey } from '../ide/analysis/content_store.js';
import { primitiveSources } from '../lower/primitive_sources.js';
import type { TextRequest } from './options.js';
import { digestOf, type PortableId } from './portable_id.js';
import { VERSION } from './version.js';

/** Other files that count for one run. */
const BESIDE_MAX = 50;

/** What decides a replay beside the run itself. */
export type Circumstances = Omit<PortableId, 'function' | 'steps' | 'run' | 'beside'>;

export function circumstances(request: TextRequest, set: readonly string[]): Circumstances {
	const { path, arch, memory, actors, said = [] } = request;
	const own = new Set(ownActors().map((source) => source.path));
	const brought = request.actorSources.filter((source) => !own.has(source.path));
	return {
		...{ path, arch, memory, actors, set },
		text: digestOf(request.text),
		config: digestOf(contentKey({ config: request.config, said: new Set(said) })),
		...(brought.length === 0 ? {} : { workspace: digestOf(contentKey(brought)) }),
		...(request.replacements === 'trusted' ? { trusted: true as const } : {}),
		...(request.attached === undefined ? {} : { scenario: digestOf(request.attached.text) }),
		engine: `${VERSION}-${digestOf(contentKey([ownActors(), primitiveSources()]))}`,
	};
}

/** The id of a run of `function`, as `request` asked about it. */
export function identified(
	request: TextRequest,
	run: {
		readonly function: string;
		readonly trace: AnalysedTrace;
		readonly set: readonly string[];
	},
): PortableId {
	const { trace } = run;
	const beside = besideOf(request, trace);
	return {
		...circumstances(request, run.set),
		function: run.function,
		...(beside === undefined ? {} : { beside }),
		steps: digestOf(contentKey(doneIn(trace))),
		run: trace.id,
	};
}

/** What a run does: neither lines nor paths, which other versions of a file have elsewhere. */
function doneIn({ threads, scenario, initial, steps }: AnalysedTrace): unknown {
	const done = steps.map(({ cpu, frames: [innermost], what, effects, violation }) => ({
		...{ cpu, what, effects, violation },
		in: innermost.function,
	}));
	return { threads, scenario, initial, done };
}

/** Files of the tree, other than the checked one, that steps stand in. */
export function filesBeside(request: Pick<TextRequest, 'path'>, trace: AnalysedTrace): string[] {
	const paths = trace.steps.flatMap((step) => step.frames.map(({ place }) => place.path));
	return [...new Set(paths)].filter((p) => p !== request.path && !p.includes(':')).sort();
}

function besideOf(request: TextRequest, trace: AnalysedTrace): string | undefined {
	const { tree } = request;
	const paths = filesBeside(request, trace).slice(0, BESIDE_MAX);
	if (tree === null || paths.length === 0) return undefined;
	return digestOf(contentKey(paths.map((path) => [path, tree.read(path)])));
}

/** What is not as it was when an id was made, a sentence each. Architecture, memory model and `--set` are taken from the id. */
export function differences(
	made: PortableId,
	here: Circumstances & Pick<PortableId, 'beside'>,
	beside: readonly string[],
): readonly string[] {
	const said: string[] = [];
	const was = (what: string, then: string, now: string): void => {
		if (then !== now) said.push(`${what}: ${now} here, ${then} in the id`);
	};
	was(`${made.path} is another version (digest of its text)`, made.text, here.text);
	was(
		'racewalk is another version, or has other adversaries or primitives',
		made.engine,
		here.engine,
	);
	if (made.config !== here.config)
		said.push(
			`the configuration is another one (digest ${here.config} here, ${made.config} in the id): give the .config that the run was made under with --config`,
		);
	if (made.beside !== here.beside && made.beside !== undefined)
		said.push(
			beside.length === 0
				? 'the steps in other files are not there'
				: `a file that steps of the run stand in is another version: ${beside.join(' or ')}`,
		);
	const brought = (id: { readonly workspace?: string; readonly trusted?: true }): string =>
		id.workspace === undefined
			? 'none'
			: `${id.workspace}${id.trusted === true ? ', trusted' : ''}`;
	was("the workspace's adversaries (.racewalk/actors) are others", brought(made), brought(here));
	was(
		'the litmus test that is the adversary (--scenario) is another one',
		made.scenario ?? 'none',
		here.scenario ?? 'none',
	);
	return said;
}
