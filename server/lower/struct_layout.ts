/**
 * Structs that locals may be: declared in the walk's own text or marked so in a primitive, all members scalars. Their fields are numbered in a row,
 * so that a local one fits in as many words of frame memory as it has members.
 *
 * Model: the address of a local struct is that of its words less the number of its first field; only its members' own
 * addresses are real. Adds and loses nothing as long as the struct is reached through its members.
 */
import type { Operand, SiteIndex } from '../../engine/program/op.js';
import { FIELD_STRIDE } from '../../engine/program/program.js';
import type { Declaration } from '../syntax/ast.js';
import type { FunctionState, Layout } from './context.js';
import { slotAddress } from './place.js';
import { memberOf } from './type_names.js';
import { machineWord, unknownType } from './types.js';

const membersMax = 64;
/** First member of a primitive struct that locals may be. */
const LOCAL = '__rw_local';

/** Numbers the members of a struct on first sight; null when no local can be one. */
export function layoutOf(state: FunctionState, tag: string): Layout | null {
	const { layouts, names, tables } = state.program;
	const known = layouts.get(tag);
	if (known !== undefined) return known;
	layouts.set(tag, null);
	const [declared] = names.aggregates(tag);
	if (declared === undefined) return null;
	const members = memberNames(declared.specifier.members ?? []);
	if (declared.unit.origin !== 'walk' && members[0] !== LOCAL) return null;
	const questions = { names, typeOf: () => unknownType, length: () => null };
	const typed = members.map((name) => memberOf(tag, name, questions));
	const isPlain = typed.every(
		(m) => !m.bitfield && m.type.kind !== 'struct' && m.type.kind !== 'array',
	);
	if (members.length === 0 || members.length > membersMax || !isPlain) return null;
	const fields = members.map((name) => tables.field(tag, name));
	const first = fields[0] ?? 0;
	if (fields.some((field, index) => field !== first + index)) return null;
	const layout = { first, members: typed.map(({ name, type }) => ({ name, type })) };
	layouts.set(tag, layout);
	return layout;
}

function memberNames(members: readonly Declaration[]): readonly string[] {
	return members.flatMap((m) =>
		m.declarators.length === 0 && m.specifier.kind === 'aggregate'
			? memberNames(m.specifier.members ?? [])
			: m.declarators.map((d) => d.name),
	);
}

/** What `&local` is for a local struct. */
export function structAddress(
	state: FunctionState,
	slot: number,
	tag: string,
	site: SiteIndex,
): Operand {
	const words = slotAddress(state, slot, site);
	const before = (layoutOf(state, tag)?.first ?? 0) * FIELD_STRIDE;
	if (before === 0) return words;
	const dst = state.builder.register(null);
	const right: Operand = { kind: 'constant', value: before };
	state.builder.emit(
		{ kind: 'binary', dst, operator: '-', left: words, right, type: machineWord },
		site,
	);
	return { kind: 'register', register: dst };
}
