/**
 * What the monitor keeps of device pages: whether their struct pages are still there, and whether a reference on one was
 * taken as it must be, under a reference on a dev_pagemap that was live (mm/memremap.c, get_dev_pagemap()).
 */
import { fieldOffset } from '../../program/program.js';
import { ghost, WALK } from '../model/ghost.js';
import { OWNER } from '../model/owner.js';
import type { MonitorView } from '../model/violation.js';
import { type BuiltWorld, objectAddress } from '../model/world.js';

/** True when the struct page of a frame went with its device. */
export function isRemoved(view: MonitorView, frame: number): boolean {
	return view.read(ghost('pageRemoved', frame)) === 1;
}

/** Notes that the walk took (or, with `taken` false, gave back the last) reference on a page. */
export function noteReference(
	world: BuiltWorld,
	view: MonitorView,
	{ frame, taken }: { readonly frame: number; readonly taken: boolean },
): void {
	if (view.read(ghost('owner', frame)) !== OWNER.device) return;
	const note = ghost('takenDying', frame);
	const value = taken && isDying(world, view) ? 1 : 0;
	if (view.read(note) !== value) view.write(note, value);
}

/** The device gives out no more references and the walk holds none of those it gave out. */
function isDying(world: BuiltWorld, view: MonitorView): boolean {
	if (view.read(ghost('walk', WALK.pagemap)) > 0) return false;
	const field = world.field('dev_pagemap', 'live');
	if (field === null) return false;
	return view.read(objectAddress('pgmap') + fieldOffset(field)) === 0;
}
