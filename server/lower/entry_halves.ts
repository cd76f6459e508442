/**
 * Entries that the CPU reads in two accesses: i386 with PAE has entries of 64 bits and words of 32. A read of a whole
 * entry becomes two loads; `pte_low` and `pte_high` of the kernel's union are one each.
 *
 * How the two halves of an entry are put into one number is engine/mm/model/halves.ts.
 *
 * Model: of a whole entry the compiler reads the low half first. The other order is as possible and loses nothing a
 * walk could rely on; a fault filled in between shows under it, a zap under this one.
 * Model: a plain read in halves is not repeated by the compiler; the halves are torn already.
 * Model: only pte_t and pmd_t have halves. The tables of PMDs lie in low memory (arch/x86/include/asm/pgalloc.h), so that
 * the high half of the entries above is always 0.
 * Model: a local entry is 0 before it is set (declaration.ts), so that one half can be set before the other.
 * Model: under lkmm entries are read in one piece (server/ide/analysis/analyse.ts): its rules ask about the order of accesses.
 */
import type { AccessOrder, Half, Operand, SiteIndex } from '../../engine/program/op.js';
import { binary } from './arithmetic.js';
import { constant, type FunctionState, inRegister, type Rvalue, Unlowerable } from './context.js';
import { type CType, unsigned64 } from './types.js';

/** Bits of the low half, and of a frame number. */
const LOW = 0xffff_ffff;
const FRAME = 0xfff;
const PAGE_SHIFT = 12;

/** True for entries that are read in halves under this configuration. */
export function hasHalves(state: FunctionState, type: CType): boolean {
	return state.program.halves && type.kind === 'entry' && /^p(?:te|md)_t$/.test(type.name);
}

/** The type of half an entry by its member's name (`pte_low`); null when it is no such member. */
export function halfMember(state: FunctionState, type: CType, name: string): CType | null {
	if (!hasHalves(state, type) || type.kind !== 'entry') return null;
	const match = /^(p(?:te|md))_(low|high)$/.exec(name);
	if (match === null || `${match[1]}_t` !== type.name) return null;
	return { kind: 'integer', integer: unsigned64.integer, boolean: false, half: match[2] as Half };
}

/** Which half a place of that type is; null: a whole of its own. */
export function halfOfType(type: CType): Half | null {
	return type.kind === 'integer' ? (type.half ?? null) : null;
}

/** A half of an entry's value. */
export function halfOf(state: FunctionState, whole: Rvalue, half: Half, site: SiteIndex): Rvalue {
	const entry = { operand: whole.operand, type: unsigned64 };
	const low = binary(state, '&', entry, word(LOW), site);
	if (half === 'low') return low;
	// in two steps: a shift by 32 is the text's own, and gives the half itself (AutomataOptions.upper)
	const above = binary(state, '>>', entry, word(16), site);
	const distance = binary(state, '>>', above, word(16), site);
	const own = binary(state, '>>', low, word(PAGE_SHIFT), site);
	return binary(state, '&', binary(state, '+', distance, own, site), word(FRAME), site);
}

/** An entry's value from its halves. */
export function assembled(
	state: FunctionState,
	halves: Readonly<Record<Half, Rvalue>>,
	site: SiteIndex,
): Rvalue {
	const { low, high } = halves;
	const own = binary(state, '>>', low, word(PAGE_SHIFT), site);
	const distance = binary(state, '&', binary(state, '-', high, own, site), word(FRAME), site);
	return binary(state, '+', low, binary(state, '<<', distance, word(32), site), site);
}

/** The value of an entry with one half replaced. */
export function withHalf(
	state: FunctionState,
	whole: Rvalue,
	{ half, value }: { readonly half: Half; readonly value: Rvalue },
	site: SiteIndex,
): Rvalue {
	const other = half === 'low' ? 'high' : 'low';
	const kept = halfOf(state, whole, other, site);
	const given = { operand: value.operand, type: unsigned64 };
	const halves = half === 'low' ? { low: given, high: kept } : { low: kept, high: given };
	return assembled(state, halves, site);
}

/** Reads one half of the entry at an address. */
export function loadHalf(
	state: FunctionState,
	{ address, half, order }: { address: Operand; half: Half; order: AccessOrder },
	site: SiteIndex,
): Rvalue {
	const dst = state.builder.register(null);
	state.builder.emit({ kind: 'load', dst, address, order, half }, site);
	return halfOf(state, inRegister(dst, unsigned64), half, site);
}

/** Reads an entry in two accesses. */
export function loadWhole(
	state: FunctionState,
	{ address, type, order }: { address: Operand; type: CType; order: AccessOrder },
	site: SiteIndex,
): Rvalue {
	const low = loadHalf(state, { address, half: 'low', order }, site);
	const high = loadHalf(state, { address, half: 'high', order }, site);
	return { operand: assembled(state, { low, high }, site).operand, type };
}

/** An entry seen as something else than an entry has halves nobody can tell apart. */
export function refuseRecast(state: FunctionState, from: CType, to: CType): void {
	if (from.kind !== 'pointer' || to.kind !== 'pointer' || !hasHalves(state, from.to)) return;
	if (to.to.kind === 'integer')
		throw new Unlowerable('an entry that is read in halves is accessed as an integer');
}

function word(value: number): Rvalue {
	return constant(value, unsigned64);
}
