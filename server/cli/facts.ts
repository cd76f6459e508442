/**
 * `racewalk facts [FILE]`: what the tree, the architecture and the configuration decide, each with the definition it was read
 * from. Without FILE: of the tree's mm/gup.c.
 */
import { join } from 'node:path';
import { type Terminal, terminal } from '../../engine/escape/terminal.js';
import type { Fact } from '../tree/facts/fact.js';
import { findTreeRoot } from '../tree/workspace.js';
import { forEachConfiguration, requireFormat } from './asking.js';
import { TOOL } from './json.js';
import {
	type CommonOptions,
	readInput,
	requireProfile,
	requireTree,
	UsageError,
} from './options.js';
import { complain, print, printJson } from './write.js';

interface FactsOf {
	readonly path: string;
	readonly arch: string;
	readonly facts: readonly Fact[];
}

/** Runs the command; the process's exit status. */
export async function runFacts(file: string | undefined, options: CommonOptions): Promise<number> {
	requireFormat('facts', options);
	for (const name of ['function', 'actor'] as const)
		if (options[name].length > 0)
			throw new UsageError(`facts are those of a whole file: leave out --${name}`);
	const input = readInput(file ?? walkOf(options.tree), options);
	requireProfile(input);
	const each = await forEachConfiguration([input], options, async ({ request, session }) => {
		const { path, arch } = request;
		const outcome = await session.run({ kind: 'facts' });
		if (outcome.kind === 'done') return { path, arch, facts: outcome.result };
		complain(`${path}: its facts on ${arch} were given up: it ${outcome.why}`);
		return null;
	});
	const told = each.flatMap((one) => one.told);
	const reports = told.filter((one) => one !== null);
	if (options.format === 'json') printJson({ schema: 1, tool: TOOL, tree: input.tree, reports });
	else print(terminal.join(reports.map(textOf), ''));
	return reports.length < told.length ? 3 : 0;
}

function walkOf(tree: string | undefined): string {
	if (tree !== undefined) requireTree(tree);
	const root = tree ?? findTreeRoot(process.cwd());
	if (root === null) throw new UsageError('facts needs FILE or a kernel tree: --tree DIR');
	return join(root, 'mm/gup.c');
}

function textOf({ path, arch, facts }: FactsOf): Terminal {
	const lines = facts.map(({ what, from, why }) =>
		from === null
			? terminal`  ${what} (${why ?? ''})\n`
			: terminal`  ${what} (${from.path}:${from.line}, ${from.name})\n`,
	);
	return terminal`${path} on ${arch}:\n${terminal.join(lines, '')}`;
}
