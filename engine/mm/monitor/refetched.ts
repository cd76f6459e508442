/**
 * Entries that a walk fetched, tested and fetched again: those of the pages it walks (watch.ts notes them), and of a walk that
 * only looks those above the PTE as well.
 */
import type { Cell } from '../../memory/thread/event.js';
import { aboveIndex, ghost } from '../model/ghost.js';
import type { MonitorView } from '../model/violation.js';
import type { BuiltWorld } from '../model/world.js';

/** Notes a second fetch of an entry above the PTE that saw another value, for a walk that only looks. */
export function fetchedAbove(
	world: BuiltWorld,
	view: MonitorView,
	{ address, entry }: { readonly address: number; readonly entry: number },
): void {
	const depth = world.levels.findIndex((level) => world.path[level] === address);
	const at = aboveIndex(depth);
	if (depth < 0 || !view.has(ghost('fetched', at))) return;
	const before = view.read(ghost('fetched', at));
	if (before === 0) view.write(ghost('fetched', at), entry + 1);
	else if (before !== entry + 1 && view.read(ghost('refetched', at)) === 0)
		view.write(ghost('refetched', at), 1);
}

/** The cells that a walk which only looks has beside its world's. */
export function cellsAbove({ levels }: BuiltWorld): readonly Cell[] {
	return levels.flatMap((_, depth) =>
		(['fetched', 'refetched'] as const).map((kind) => ({
			address: ghost(kind, aboveIndex(depth)),
			initial: 0,
		})),
	);
}

/** Whether the walk fetched an entry again and saw another value than the one that it had checked. */
export function wasRefetched({ spec, levels }: BuiltWorld, view: MonitorView): boolean {
	const pages = Array.from({ length: spec.pages }, (_, i) => i);
	const above = levels.map((_, depth) => aboveIndex(depth));
	return [...pages, ...above].some((at) => {
		const cell = ghost('refetched', at);
		return view.has(cell) && view.read(cell) === 1;
	});
}
