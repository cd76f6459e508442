/** Where a member lies in a struct that the ABI lays out, and addresses some bytes on. */
import type { Operand, SiteIndex } from '../../engine/program/op.js';
import type { FunctionState, Layout, PlacedMember } from './context.js';
import { layoutOf } from './struct_layout.js';
import { machineWord } from './types.js';

export interface MemberPath {
	readonly member: PlacedMember;
	/** From the beginning of the outermost struct. */
	readonly offset: number;
}

/** A member, also one of a struct without a name inside; null: there is none. */
export function memberPath(
	state: FunctionState,
	layout: Layout & { kind: 'bytes' },
	name: string,
): MemberPath | null {
	for (const member of layout.members) {
		if (member.name === name) return { member, offset: member.offset };
		if (member.name !== '' || member.type.kind !== 'struct') continue;
		const inner = layoutOf(state, member.type);
		const found = inner?.kind === 'bytes' ? memberPath(state, inner, name) : null;
		if (found !== null) return { ...found, offset: member.offset + found.offset };
	}
	return null;
}

/** An address some bytes on. */
export function shifted(
	state: FunctionState,
	base: Operand,
	bytes: number,
	site: SiteIndex,
): Operand {
	if (bytes === 0) return base;
	const dst = state.builder.register(null);
	const right: Operand = { kind: 'constant', value: bytes };
	state.builder.emit(
		{ kind: 'binary', dst, operator: '+', left: base, right, type: machineWord },
		site,
	);
	return { kind: 'register', register: dst };
}
