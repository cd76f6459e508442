/**
 * The tools of the panel: moving through the run, finding and hiding steps, the session's runs, and another one beside it.
 */
import type { TracePanelContent } from '../../server/protocol.js';
import { button, element } from './element.js';
import { type Filter, touchedIn } from './filter.js';
import type { CompareWith, HistoryEntry } from './message.js';
import type { Motion } from './motion.js';
import { t } from './words.js';

export function motions(
	goBy: (motion: Motion) => void,
	counter: HTMLElement,
): readonly HTMLElement[] {
	return [
		button({ label: t('First step (Home)'), path: 'M3 3v10M13 3 6 8l7 5z' }, () => goBy('first')),
		button({ label: t('Previous switch of CPU (p)'), path: 'M8 3 3 8l5 5M13 3 8 8l5 5' }, () =>
			goBy('previousSwitch'),
		),
		button({ label: t('Previous step (k)'), path: 'M10 3 5 8l5 5' }, () => goBy('previous')),
		counter,
		button({ label: t('Next step (j)'), path: 'm6 3 5 5-5 5' }, () => goBy('next')),
		button({ label: t('Next switch of CPU (n)'), path: 'm3 3 5 5-5 5M8 3l5 5-5 5' }, () =>
			goBy('nextSwitch'),
		),
		button({ label: t('Last step (End)'), path: 'M13 3v10M3 3l7 5-7 5z' }, () => goBy('last')),
	];
}

/** Which steps are shown. */
export function filters(
	content: TracePanelContent,
	changed: (filter: Filter) => void,
): readonly HTMLElement[] {
	const all = element('option', { value: '' }, t('Every location'));
	const names = touchedIn(content).map((name) => element('option', { value: name }, name));
	const which = element(
		'select',
		{ id: 'location', class: 'pick', 'aria-label': t('Steps of one location') },
		all,
		...names,
	);
	const changes = element('input', { type: 'checkbox', id: 'only-changes' });
	const tell = () =>
		changed({ location: which.value === '' ? null : which.value, changes: changes.checked });
	which.addEventListener('change', tell);
	changes.addEventListener('change', tell);
	return [
		which,
		element('label', { class: 'only', for: 'only-changes' }, changes, t('only changes')),
	];
}

/** The runs of the session; null where there is only this one. */
export function historyPick(
	history: readonly HistoryEntry[],
	at: number,
	recall: (key: number) => void,
): HTMLElement | null {
	if (history.length < 2) return null;
	const options = history.map(({ key, label }) => {
		const made = element('option', { value: String(key) }, label);
		made.selected = key === at;
		return made;
	});
	const pick = element(
		'select',
		{ id: 'history', class: 'pick', 'aria-label': t('Runs of this session') },
		...options,
	);
	pick.addEventListener('change', () => recall(Number(pick.value)));
	return pick;
}

/** What the run can be compared with; null where there is nothing. */
export function comparePick(
	given: {
		readonly content: TracePanelContent;
		readonly history: readonly HistoryEntry[];
		readonly at: number;
		readonly comparing: boolean;
	},
	compare: (other: CompareWith | null) => void,
): HTMLElement | null {
	const { content, history, at, comparing } = given;
	const neighbour = neighbourName(content);
	const others = history.filter(({ key }) => key !== at);
	if (neighbour === null && others.length === 0 && !comparing) return null;
	const option = (value: string, text: string) => element('option', { value }, text);
	const pick = element(
		'select',
		{ id: 'compare', class: 'pick', 'aria-label': t('Compare with another run') },
		option('', comparing ? t('Comparing…') : t('Compare with…')),
		comparing ? option('none', t('nothing: show this run alone')) : null,
		neighbour === null ? null : option('neighbour', neighbour),
		...others.map(({ key, label }) => option(String(key), label)),
	);
	pick.addEventListener('change', () => {
		const { value } = pick;
		pick.value = '';
		if (value === 'none') compare(null);
		else if (value === 'neighbour') compare({ kind: 'neighbour' });
		else if (value !== '') compare({ kind: 'entry', key: Number(value) });
	});
	return pick;
}

/** What the nearest run that ends otherwise is called; null: none is looked for. */
export function neighbourName({
	finding,
	claim,
	saved,
	supposed,
}: Pick<TracePanelContent, 'finding' | 'claim' | 'saved' | 'supposed'>): string | null {
	if (claim !== undefined) return null;
	if (finding !== null && supposed === undefined) return t('the nearest run that breaks no rule');
	return saved?.guard === undefined ? null : t('the same run without what saved it');
}

export function findAndCopy(
	search: HTMLElement,
	only: HTMLElement,
	copy: () => void,
): readonly HTMLElement[] {
	return [
		search,
		element('label', { class: 'only', for: 'only-found' }, only, t('only found')),
		button(
			{
				label: t('Copy as the two-column text of kernel commit messages (c)'),
				path: 'M5 5h8v9H5zM3 11V2h8',
				text: t('Copy'),
			},
			copy,
		),
	];
}
