/** What a kit is made from: a replayed run in its tree. */
import type {
	AnalysedFinding,
	AnalysedStep,
	AnalysedTrace,
} from '../../../ide/analysis/analysis.js';
import type { KernelTree } from '../../../tree/kernel_tree.js';

export interface KitSubject {
	/** The checked file. */
	readonly request: {
		readonly tree: KernelTree | null;
		readonly path: string;
		readonly text: string;
	};
	readonly made: { readonly path: string; readonly function: string; readonly memory: string };
	readonly run: { readonly trace: AnalysedTrace; readonly finding: AnalysedFinding | null };
	/** By CPU that the run leaves for good, what it would do next. */
	readonly later: ReadonlyMap<number, readonly AnalysedStep[]>;
	/** The portable id. */
	readonly id: string;
}
