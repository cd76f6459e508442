/** The head of the panel: what the run is, what it shows, what saved it. */
import type { SourcePlace, TracePanelContent } from '../../server/protocol.js';
import { badgeElement, badgeOf } from './badge.js';
import { element } from './element.js';
import { t } from './words.js';

export interface HeaderPressed {
	readonly open: (place: SourcePlace) => void;
	/** Shows the run without the guard that saved this one. */
	readonly without: () => void;
}

export function header(
	name: string,
	content: TracePanelContent,
	pressed: HeaderPressed,
): HTMLElement {
	const against = content.threads.slice(1).join(t(' and '));
	const { supposed, finding, note } = content;
	return element(
		'header',
		{ class: `header${supposed === undefined ? '' : ' of-supposed'}` },
		element(
			'h1',
			{},
			badgeElement(badgeOf(content)),
			element(
				'span',
				{ class: 'title', title: content.title },
				against === '' ? `${name}()` : t('{0}() against {1}', name, against),
			),
		),
		supposed === undefined
			? null
			: element(
					'p',
					{ class: 'if', role: 'note' },
					t('This is no run of the code as it stands: {0}.', supposed),
				),
		note === undefined ? null : element('p', { class: 'note', title: note }, note),
		finding === null
			? null
			: element('p', { class: 'message', title: finding.message }, finding.message),
		content.saved === undefined ? null : savedLine(content.saved, pressed),
		element('p', { class: 'scenario' }, content.scenario),
	);
}

function savedLine(
	{ text, guard }: NonNullable<TracePanelContent['saved']>,
	pressed: HeaderPressed,
): HTMLElement {
	if (guard === undefined) return element('p', { class: 'saved' }, text);
	const way = element('button', { type: 'button', class: 'link' }, t('Go to the check'));
	way.addEventListener('click', () => pressed.open(guard.place));
	const run = element('button', { type: 'button', class: 'link' }, t('See the run without it'));
	run.addEventListener('click', () => pressed.without());
	return element('p', { class: 'saved by-guard' }, text, ' ', way, ' · ', run);
}
