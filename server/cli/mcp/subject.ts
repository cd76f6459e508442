/**
 * What a call is about: a file of the server's tree, as it stands there, as patches make it, or with a text of its own.
 *
 * Invariant: nothing is read but files inside the tree; nothing is applied but in memory.
 */
import { readNow, TREE_BYTES_MAX } from '../../reading/file.js';
import type { KernelTree } from '../../tree/kernel_tree.js';
import { openTree } from '../../tree/workspace.js';
import { type CommonOptions, type Input, inputOf, requireCode, UsageError } from '../options.js';
import { patchedSeries, patchesIn, type Series } from '../review/series.js';
import type { Given, Parameter } from './parameters.js';

/** What the user who starts the server decides, and no call. */
export interface ServerOptions {
	/** Folder of the tree, links resolved; null: calls bring their texts. */
	readonly tree: string | null;
	readonly config?: string;
	readonly trustWorkspaceActors?: true;
	/** Seconds that a call may take. */
	readonly budget: number;
}

/** A call as the command line's options have it. */
export type CallOptions = CommonOptions<'text'> & { readonly budget: number };

export const CONFIGURATION: readonly Parameter[] = [
	{ name: 'arch', kind: 'words', about: 'architectures; ["all"] for all (default: x86_64)' },
	{ name: 'set', kind: 'words', about: 'configuration, each CONFIG_X=y or CONFIG_X=n' },
	{
		name: 'depth',
		kind: 'text',
		oneOf: ['core', 'all'],
		about: 'common scenarios only, or the rarer ones too (default)',
	},
	{
		name: 'budget',
		kind: 'number',
		least: 0.001,
		about: 'seconds that the call may take; what is open then is undecided',
	},
];

export const SUBJECT: readonly Parameter[] = [
	{
		name: 'file',
		kind: 'text',
		isRequired: true,
		about: 'path of a C file from the root of the tree, such as mm/gup.c',
	},
	{ name: 'text', kind: 'text', about: 'the text of the file, instead of what stands in the tree' },
	{
		name: 'patch',
		kind: 'text',
		about: 'patches (diff, mail or mbox) that are applied in memory before the file is looked at',
	},
	...CONFIGURATION,
];

export function callOptions(given: Given, server: ServerOptions): CallOptions {
	const { tree, config, trustWorkspaceActors, budget } = server;
	return {
		...(tree === null ? {} : { tree }),
		...(config === undefined ? {} : { config }),
		...(trustWorkspaceActors === undefined ? {} : { trustWorkspaceActors }),
		arch: given.words('arch'),
		set: given.words('set'),
		actor: given.words('actor'),
		function: given.words('function'),
		whatIf: given.words('whatIf'),
		memory: given.text('memory') === 'lkmm' ? 'lkmm' : 'sc',
		depth: given.text('depth') === 'core' ? 'core' : 'all',
		budget: Math.min(given.number('budget') ?? budget, budget),
		...{ format: 'text', color: 'never' },
	};
}

/** The file that a call names, read. */
export async function subjectOf(
	given: Given,
	{ options, server }: { readonly options: CallOptions; readonly server: ServerOptions },
): Promise<Input> {
	const path = (given.text('file') ?? '').replace(/^(?:\.\/)+/, '');
	if (path.split('/').some((part) => ['', '.', '..'].includes(part)))
		throw new UsageError(`'file' is a path from the root of the tree, not '${path}'`);
	const patch = given.text('patch');
	const own = given.text('text');
	if (patch !== undefined && own !== undefined)
		throw new UsageError('give a patch or the text of the file, not both');
	const tree = patch === undefined ? openedTree(server) : (await seriesOf(patch, server)).after;
	const text = own ?? textIn(tree, path, server);
	if (text.trim() === '') throw new UsageError(`${path} is empty: there is no walk in it`);
	requireCode(path, text);
	return inputOf({ path, text, tree, folder: server.tree }, options);
}

function openedTree({ tree }: ServerOptions): KernelTree | null {
	return tree === null ? null : openTree(tree);
}

function textIn(tree: KernelTree | null, path: string, server: ServerOptions): string {
	if (tree === null || server.tree === null)
		throw new UsageError("the server was started without a kernel tree: give the file's 'text'");
	if (tree.changed?.files.has(path) !== true) {
		const read = readNow({ root: server.tree, path, bytesMax: TREE_BYTES_MAX });
		if (read.kind === 'text') return read.text;
		throw new UsageError(
			read.kind === 'problem' ? read.problem : `${path}: there is no such file in the tree`,
		);
	}
	const text = tree.read(path);
	if (text === null) throw new UsageError(`${path} is not there, or no text, after the patch`);
	return text;
}

/** Patches of a call as a series on the server's tree, and the tree behind them. */
export async function seriesOf(
	patch: string,
	{ tree }: ServerOptions,
): Promise<Series & { readonly after: KernelTree }> {
	if (tree === null)
		throw new UsageError('the server was started without a kernel tree: a patch needs one');
	const series = patchedSeries(openTree(tree), await patchesIn(patch, 'the patch'));
	const last = series.steps.at(-1) ?? series.steps[0];
	return { ...series, after: last.after };
}
