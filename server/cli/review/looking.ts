/** Checks of texts as they stand in the trees of a series, each done once. */
import { type Analysis, stoppedAnalysis } from '../../ide/analysis/analysis.js';
import { unnoted } from '../../tree/asked_files.js';
import type { KernelTree } from '../../tree/kernel_tree.js';
import { type CommonOptions, inputOf, unchecked } from '../options.js';
import type { Executor, TextSession } from '../supervised.js';
import type { Looked } from './delta.js';
import type { Asked } from './questions.js';

/** Checks of texts in trees, each done once. */
export interface Looking {
	at(tree: KernelTree, path: string): Promise<Looked>;
	/** The same of some functions alone, and not remembered. */
	only(tree: KernelTree, path: string, functions: readonly string[]): Promise<Looked>;
	asked(tree: KernelTree, path: string): Asked;
}

export function lookingWith(options: CommonOptions<string>, executor: Executor): Looking {
	const known = new Map<string, Promise<Looked>>();
	const inputFor = (tree: KernelTree, path: string) =>
		inputOf(
			{ path, text: unnoted(() => tree.read(path)) ?? '', tree, folder: options.tree ?? null },
			options,
		);
	const look = async (tree: KernelTree, path: string, functions: readonly string[]) => {
		const input = inputFor(tree, path);
		const analyses: Analysis[] = [];
		for (const request of input.requests) {
			const asked = functions.length === 0 ? request : { ...request, functions };
			analyses.push(await analysed(executor.sessionFor(asked), asked));
		}
		const why = unchecked(input);
		const { tree: folder, variants, text } = input;
		const report = {
			path,
			text,
			tree: folder,
			analyses,
			variants,
			...(why === null ? {} : { unchecked: why }),
		};
		return { report, text };
	};
	return {
		at(tree, path) {
			const key = `${tree.root}\n${path}`;
			const before = known.get(key) ?? look(tree, path, []);
			known.set(key, before);
			return before;
		},
		only: look,
		asked: (tree, path) => ({
			path,
			sessions: inputFor(tree, path).requests.map((request) => ({
				on: request.arch,
				session: executor.sessionFor(request),
			})),
		}),
	};
}

async function analysed(
	session: TextSession,
	request: Parameters<typeof stoppedAnalysis>[0],
): Promise<Analysis> {
	const outcome = await session.run({ kind: 'analyse', files: true });
	if (outcome.kind === 'done') return session.limit.explain(outcome.result);
	const { phase, why } = outcome;
	return stoppedAnalysis(request, { phase, why: `the check ${why}` });
}
