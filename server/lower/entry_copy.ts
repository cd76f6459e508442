/**
 * The memory of a local whose address is taken. Where levels are folded at run time (s390x), p4d_offset(&pgd, addr) points
 * into the copy on the stack, and a walk that steps on from there reads what lies behind it: d3f7b1bb2040 (5.9).
 *
 * Model: behind the copy of an entry lies a word that looks like an entry and leads nowhere. What really lies there is
 * whatever the compiler put there; that it may look like this is enough for the walk to be wrong.
 */
import type { SiteIndex } from '../../engine/program/op.js';
import type { FunctionState } from './context.js';
import { entryNames } from './entry_names.js';
import { objectOf } from './struct_layout.js';
import type { CType } from './types.js';

/** A frame that no world has, in a present entry (engine/mm/model/layout.ts, ENTRY). */
const BEHIND = 4000 * 4096 + 0x27;

/** A slot of frame memory for a scalar local or parameter. */
export function scalarSlot(
	state: FunctionState,
	{ name, type }: { readonly name: string; readonly type: CType },
	site: SiteIndex,
): number {
	const { builder } = state;
	const isCopy = type.kind === 'entry' && entryNames.has(type.name);
	if (!state.program.dynamicFold || !isCopy) {
		const { size, cells } = objectOf(state, type);
		return builder.object(name, { size, cells: cells() });
	}
	const slot = builder.slot(name, 2);
	const address = builder.register(null);
	builder.emit({ kind: 'frame-address', dst: address, slot: slot + 1 }, site);
	builder.emit(
		{
			kind: 'store',
			address: { kind: 'register', register: address },
			value: { kind: 'constant', value: BEHIND },
			order: 'plain',
		},
		site,
	);
	return slot;
}
