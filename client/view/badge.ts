/**
 * The word beside a run's title: what was decided of a claim, the rule that the run breaks, else the function's verdict.
 */
import type { TracePanelContent } from '../../server/protocol.js';
import { element } from './element.js';
import { t } from './words.js';

export interface Badge {
	readonly text: string;
	/** `open`: nothing was decided; `supposed`: the run is not of the code as it stands. */
	readonly kind: 'fine' | 'broken' | 'open' | 'supposed';
}

export function badgeOf({
	claim,
	finding,
	verdict,
	supposed,
}: Pick<TracePanelContent, 'claim' | 'finding' | 'verdict' | 'supposed'>): Badge {
	if (supposed !== undefined)
		return { text: t('what if: {0}', finding?.rule ?? t('nothing breaks')), kind: 'supposed' };
	if (finding !== null) return { text: claim ?? finding.rule, kind: 'broken' };
	if (claim !== undefined) return { text: claim, kind: claim === 'undecided' ? 'open' : 'fine' };
	if (verdict === null) return { text: t('no verdict yet'), kind: 'open' };
	return { text: verdict, kind: verdict === 'holds' ? 'fine' : 'open' };
}

/** Of the run alone, beside another one. */
export function badgeOfRun(content: Parameters<typeof badgeOf>[0]): Badge {
	if (content.finding !== null || content.supposed !== undefined) return badgeOf(content);
	return { text: t('breaks no rule'), kind: 'fine' };
}

export function badgeElement({ text, kind }: Badge): HTMLElement {
	return element('span', { class: `badge ${kind}` }, text);
}
