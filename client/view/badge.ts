/**
 * The word beside a run's title: what was decided of a claim, the rule that the run breaks, else the function's verdict.
 */
import type { TracePanelContent } from '../../server/protocol.js';

export interface Badge {
	readonly text: string;
	/** `open`: nothing was decided. */
	readonly kind: 'fine' | 'broken' | 'open';
}

export function badgeOf({
	claim,
	finding,
	verdict,
}: Pick<TracePanelContent, 'claim' | 'finding' | 'verdict'>): Badge {
	if (finding !== null) return { text: claim ?? finding.rule, kind: 'broken' };
	if (claim !== undefined) return { text: claim, kind: claim === 'undecided' ? 'open' : 'fine' };
	if (verdict === null) return { text: 'no verdict yet', kind: 'open' };
	return { text: verdict, kind: verdict === 'holds' ? 'fine' : 'open' };
}
