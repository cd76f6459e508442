/**
 * The memory model of the tree that a text is checked in.
 */
import type { CheckRequest } from '../../../engine/check/request.js';
import { generationOfTexts } from '../../../engine/memory/lkmm/generation.js';
import type { AnalysisRequest } from './analysis.js';

/** Under lkmm the memory model is the tree's own. */
export function generationIn({ memory, tree }: AnalysisRequest): Pick<CheckRequest, 'generation'> {
	if (memory !== 'lkmm' || tree === null) return {};
	const text = (name: string): string | null => tree.read(`tools/memory-model/${name}`);
	const texts = { bell: text('linux-kernel.bell'), cfg: text('linux-kernel.cfg') };
	const generation = generationOfTexts(texts);
	return generation === null ? {} : { generation };
}
