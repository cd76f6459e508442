/**
 * Memory as a lane beside those of the CPUs: what each step changes, or, of one location, its value from step to step.
 *
 * Invariant: a value is one that an effect of the run or its beginning names.
 */
import type { TracePanelContent } from '../../server/protocol.js';
import { element } from './element.js';
import { t } from './words.js';
import { worldAt } from './world_state.js';

export interface MemoryCell {
	readonly location: string;
	readonly before: string | null;
	/** Null: nothing is known of it. */
	readonly value: string | null;
	readonly access: 'read' | 'wrote' | null;
	/** CPU that wrote the value; null: it is the initial one. */
	readonly writer: number | null;
}

type Run = Pick<TracePanelContent, 'initial' | 'steps'>;

/** What the lane shows at a step; `location` null: all that the step changes. */
export function memoryAt(run: Run, step: number, location: string | null): readonly MemoryCell[] {
	return worldAt(run, step)
		.filter((state) => (location === null ? state.access === 'wrote' : state.location === location))
		.map(({ location: name, before, value, access, writer }) => ({
			...{ location: name, before, value, access, writer },
		}));
}

/** The lane's cell of a step. */
export function memoryCell(
	cells: readonly MemoryCell[],
	location: string | null,
): readonly HTMLElement[] {
	return cells.map(({ location: name, before, value, access, writer }) => {
		const by = writer === null ? 'by-nobody' : `cpu-${writer % 4}`;
		const classes = `memory-cell ${by}${access === null ? '' : ` ${access}`}`;
		const now = value ?? t('unknown');
		return element(
			'div',
			{ class: classes, title: `${name} = ${now}` },
			location === null ? element('span', { class: 'memory-name' }, `${name} `) : null,
			before === null ? null : element('span', { class: 'before' }, `${before}`),
			before === null ? null : ' → ',
			access === null && location !== null ? null : element('span', { class: 'now' }, now),
		);
	});
}
