/** Where in a program something happened, and how the monitor keeps it in two of its cells. */
import type { FunctionIndex, SiteIndex } from '../../program/op.js';
import type { MonitorView } from './violation.js';

export interface CodePlace {
	readonly function: FunctionIndex;
	readonly site: SiteIndex;
}

/** Addresses of the cells that hold a place: its site + 1 and its function + 1; 0: none. */
export interface PlaceCells {
	readonly site: number;
	readonly function: number;
}

/** Writes where something was taken, or that nothing is held any more. */
export function notePlace(view: MonitorView, cells: PlaceCells, place: CodePlace | null): void {
	view.write(cells.site, place === null ? 0 : place.site + 1);
	view.write(cells.function, place === null ? 0 : place.function + 1);
}

/** Where something was taken; null when nothing is held. */
export function notedPlace(view: MonitorView, cells: PlaceCells): CodePlace | null {
	const site = view.read(cells.site);
	return site === 0
		? null
		: ({ site: site - 1, function: view.read(cells.function) - 1 } as CodePlace);
}
