/**
 * `racewalk actors`: the adversaries, racewalk's own and those of `.racewalk/actors`, with what they stand for in the kernel;
 * with `--verify` whether the tree still has it. Exit status 1 on drift, 2 when there is no tree to verify against.
 */

import { type Terminal, terminal } from '../../engine/escape/terminal.js';
import { type Actor, type ActorStep, actorsOf, candidatesOf } from '../actors/catalog.js';
import { type Resolved, resolverIn } from '../actors/drift.js';
import { type Difference, differenceText } from '../actors/protocol.js';
import { ownActors } from '../actors/sources.js';
import { configuration, saidIn } from '../tree/configuration.js';
import { findTreeRoot, openTree, placeOf } from '../tree/workspace.js';
import { TOOL } from './json.js';
import { archsOf, assignments, requireTree, UsageError } from './options.js';
import { executorOf } from './supervised.js';
import { actorsNear } from './workspace_files.js';
import { complain, print, printJson } from './write.js';

export interface ActorsOptions {
	readonly tree?: string;
	readonly verify?: true;
	readonly arch: readonly string[];
	readonly set: readonly string[];
	readonly actor: readonly string[];
	readonly format: 'text' | 'json';
}

type Resolve = (step: ActorStep) => Resolved | null;

/** Runs the command; the process's exit status. */
export async function runActors(options: ActorsOptions): Promise<number> {
	const tree = treeOf(options);
	if (options.verify && tree === null) {
		throw new UsageError('--verify needs a kernel tree: --tree DIR, or run it inside one');
	}
	const brought = actorsNear(tree, options);
	for (const problem of brought.problems) complain(problem);
	const actors = chosen(actorsOf([...ownActors(), ...brought.sources]), options.actor);
	const look = tree === null ? null : resolverIn(openTree(tree));
	const resolve: Resolve = (step) => look?.(candidatesOf(step.cites)) ?? null;
	const drift = options.verify ? driftOf(actors, resolve) : [];
	const differences =
		options.verify && tree !== null ? await differencesIn(tree, actors, options) : [];
	if (options.format === 'json') {
		const count = options.verify ? drift.length : null;
		printJson(asJson(actors, resolve, { tree, drift: count, differences }));
	} else if (options.verify)
		print(verifiedText(actors, { drift, differences, resolve, tree: tree ?? '' }));
	else print(listText(actors, resolve));
	return drift.length + differences.length > 0 ? 1 : 0;
}

/** What is checked against the adversaries. */
const WALK = 'mm/gup.c';

/** Where the adversaries and the tree differ in what they do. */
async function differencesIn(
	root: string,
	actors: readonly Actor[],
	options: ActorsOptions,
): Promise<readonly Difference[]> {
	const tree = openTree(root);
	const set = assignments(options);
	const executor = executorOf({});
	const found = new Map<string, Difference>();
	try {
		for (const arch of archsOf(options, WALK)) {
			const asked = await executor
				.sessionFor({
					...{ path: WALK, text: tree.read(WALK) ?? '', tree, arch },
					config: configuration({ arch, dotConfig: null, set }),
					said: saidIn({ dotConfig: null, set }),
					actorSources: [...ownActors(), ...actorsNear(root, options).sources],
					...{ replacements: 'trusted', actors: [], memory: 'sc', functions: [], statesMax: 0 },
				})
				.run({ kind: 'differences' });
			if (asked.kind !== 'done') throw new Error(`the adversaries were given up: ${asked.why}`);
			for (const one of asked.result) found.set(differenceText(one), one);
		}
	} finally {
		await executor.end();
	}
	const names = actors.map(({ name }) => name);
	return [...found.values()].filter((d) => d.actors.some((name) => names.includes(name)));
}

function treeOf({ tree }: ActorsOptions): string | null {
	if (tree === undefined) return findTreeRoot(process.cwd());
	requireTree(tree);
	return placeOf('-', { tree, as: null }).tree;
}

function chosen(actors: readonly Actor[], names: readonly string[]): readonly Actor[] {
	const unknown = names.find((name) => !actors.some((a) => a.name === name));
	if (unknown !== undefined) {
		throw new UsageError(
			`unknown actor '${unknown}'; known: ${actors.map((a) => a.name).join(', ')}`,
		);
	}
	return names.length === 0 ? actors : actors.filter((a) => names.includes(a.name));
}

interface Drift {
	readonly step: ActorStep;
	readonly actors: readonly string[];
	readonly resolved: Extract<Resolved, { kind: 'moved' | 'gone' }>;
}

/** What does not stand where it is cited, each place of a citation once. */
function driftOf(actors: readonly Actor[], resolve: Resolve): readonly Drift[] {
	const found = new Map<string, { -readonly [K in keyof Drift]: Drift[K] }>();
	for (const actor of actors) {
		for (const step of actor.steps) {
			const key = `${step.path}:${step.line}:${cited(step)}`;
			const known = found.get(key);
			if (known !== undefined) {
				if (!known.actors.includes(actor.name)) known.actors = [...known.actors, actor.name];
				continue;
			}
			const resolved = resolve(step);
			if (resolved?.kind !== 'moved' && resolved?.kind !== 'gone') continue;
			found.set(key, { step, actors: [actor.name], resolved });
		}
	}
	return [...found.values()];
}

function cited(step: ActorStep): string {
	return candidatesOf(step.cites)
		.map((c) => `${c.path}: ${c.function}()`)
		.join(', ');
}

function driftText({ step, actors, resolved }: Drift): string {
	const where = `${step.path}:${step.line}`;
	const what =
		resolved.kind === 'moved'
			? `is now in ${resolved.now.path}:${resolved.now.line}${renamed(step, resolved.now.function)}`
			: resolved.noFile
				? 'is gone: the tree has no such file'
				: 'is gone';
	return `${where}: ${cited(step)} ${what} [${actors.join(', ')}]`;
}

function renamed(step: ActorStep, name: string): string {
	return candidatesOf(step.cites).length > 1 ? ` (${name}())` : '';
}

/** Folders that are cited and that the tree at hand does not have: said, and no drift. */
function notInTree(actors: readonly Actor[], resolve: Resolve): readonly string[] {
	const steps = new Map<string, Set<string>>();
	for (const step of actors.flatMap((a) => a.steps)) {
		const resolved = resolve(step);
		if (resolved?.kind !== 'no-folder') continue;
		const { folder } = resolved;
		steps.set(folder, (steps.get(folder) ?? new Set()).add(`${step.path}:${step.line}`));
	}
	return [...steps].map(
		([folder, places]) => `note: ${folder}/ is not in the tree: ${places.size} steps not looked up`,
	);
}

function verifiedText(
	actors: readonly Actor[],
	given: {
		readonly drift: readonly Drift[];
		readonly differences: readonly Difference[];
		readonly resolve: Resolve;
		readonly tree: string;
	},
): Terminal {
	const { drift, differences, resolve, tree } = given;
	const places = new Set(actors.flatMap((a) => a.steps.map((s) => `${s.path}:${s.line}`)));
	const counts = [
		`${actors.length} adversaries`,
		`${places.size} cited steps`,
		`${drift.length} not where they are cited`,
		`${differences.length} not as the kernel's function does them in ${tree}`,
	];
	const found = [...drift.map(driftText), ...differences.map(differenceText)];
	return inLines([...found, ...notInTree(actors, resolve), counts.join(', ')]);
}

/** Each of these is one line, whatever it holds. */
function inLines(lines: readonly string[]): Terminal {
	return terminal`${terminal.join(lines, '\n')}\n`;
}

function listText(actors: readonly Actor[], resolve: Resolve): Terminal {
	return terminal.join(
		actors.map((actor) =>
			inLines([
				`${actor.name}${actor.own ? ' (yours)' : ''}: ${actor.what}`,
				`  in: ${worldsText(actor)}`,
				...(actor.beside.length > 0 ? [`  beside: ${actor.beside.join(', ')}`] : []),
				...(actor.needs.length > 0 ? [`  needs: ${actor.needs.join(', ')}`] : []),
				...(actor.steps.length > 0
					? ['  steps: the kernel function, then the C that stands for it in the model']
					: []),
				...actor.steps.map((step) => `  ${placeText(step, resolve(step))}  ${step.text}`),
			]),
		),
		'\n',
	);
}

function worldsText(actor: Actor): string {
	if (actor.worlds === null) return 'every world in which an adversary acts';
	return actor.worlds.length === 0 ? 'no world alone' : actor.worlds.join('; ');
}

function placeText(step: ActorStep, resolved: Resolved | null): string {
	if (resolved?.kind === 'found') {
		return `${resolved.at.path}:${resolved.at.line}: ${resolved.at.function}()`;
	}
	return `${step.cites.path}: ${step.cites.function}()`;
}

function asJson(
	actors: readonly Actor[],
	resolve: Resolve,
	{
		tree,
		drift,
		differences,
	}: {
		readonly tree: string | null;
		readonly drift: number | null;
		readonly differences: readonly Difference[];
	},
): object {
	const listed = actors.map((actor) => ({
		...actor,
		steps: actor.steps.map((step) => {
			const resolved = resolve(step);
			return {
				path: step.path,
				line: step.line,
				text: step.text,
				cites: candidatesOf(step.cites),
				resolved: resolved?.kind === 'found' ? resolved.at : null,
				drift:
					resolved?.kind !== 'moved' && resolved?.kind !== 'gone'
						? null
						: { kind: resolved.kind, now: resolved.kind === 'moved' ? resolved.now : null },
			};
		}),
	}));
	return { schema: 1, tool: TOOL, tree, drift, differences, actors: listed };
}
