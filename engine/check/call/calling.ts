/**
 * How a root can be called, by what its parameters are for: over a range of addresses, on an entry, or on a folio. The call itself is
 * built by `harness.ts`.
 */

import { GUP_PIN_COUNTING_BIAS } from '../../mm/model/foll.js';
import { LEVELS, type Level } from '../../mm/model/layout.js';
import { countParameter } from '../../mm/monitor/watch.js';
import type { FunctionIndex, Op, SectionKind } from '../../program/op.js';
import type { Parameter, Program, ProgramFunction } from '../../program/program.js';
import { reachable } from '../../program/reach.js';
import { asksForTag } from './mapping_tags.js';
import { parameterRoles } from './parameter_roles.js';
import type { ReaderCalling } from './reader_calling.js';

/** How a root is to be called. */
export interface Calling {
	readonly kind: 'range' | 'entry' | 'folio' | 'reader';
	/** Levels of worlds that make sense for it. */
	readonly levels: readonly Level[];
	readonly sectionsAtEntry: readonly SectionKind[];
	readonly countInMemory: boolean;
	/** It is given an array for pages; otherwise it only looks, and hands out nothing. */
	readonly handsOut: boolean;
	/** What it can be asked for: what FOLL_ flags say, whether to write and no more, or nothing. */
	readonly asked: Asked;
	/** Level of the entry that it is given; absent: none is. */
	readonly given?: Level;
	/** It is called on folios of files only. */
	readonly filesOnly?: boolean;
	/** What calling it this way takes for granted; null: nothing. */
	readonly assumption: string | null;
	/** How a reader is called; absent for walks. */
	readonly reader?: ReaderCalling;
}

/** `reference`, `pin`: nothing can be asked of it, and that is what it takes. */
export type Asked = 'flags' | 'write' | 'reference' | 'pin';

/** Decides how to call a root from its parameters' types; a reason in words when that is not possible. */
export function callingOf(
	program: Program,
	root: FunctionIndex,
): Calling | { readonly kind: 'unknown'; readonly why: string } {
	const fn = program.functions[root] as ProgramFunction;
	const strange = fn.parameters.find((p) => !KNOWN.test(p.type));
	if (strange)
		return {
			kind: 'unknown',
			why: `no value is modelled for parameter ${strange.name} of type ${strange.type}`,
		};
	const short = shortPlace(program, root);
	if (short !== null)
		return {
			kind: 'unknown',
			why: `parameter ${short.name} is an address, which ${short.type} cuts off`,
		};
	const countInMemory = countParameter(fn) !== null;
	const asked = askedOf(program, root);
	const handsOut = fn.parameters.some((p) => PAGES.test(p.type));
	const own = levelsIn(fn.parameters);
	if (own.length > 0) {
		const reached = [...reachable(program, root)].flatMap((f) =>
			levelsIn((program.functions[f] as ProgramFunction).parameters),
		);
		const top = Math.min(...own.map((l) => LEVELS.indexOf(l)));
		const deeper = LEVELS.filter((l, i) => i > top && reached.includes(l));
		return {
			kind: 'entry',
			levels: deeper.length > 0 ? deeper : own,
			sectionsAtEntry: ['irq'],
			countInMemory,
			handsOut,
			asked,
			given: LEVELS[top] as Level,
			assumption: `${fn.name}() is called with interrupts disabled, on an entry just found present, and its caller checks write_protect_seq`,
		};
	}
	if (fn.parameters.some((p) => FOLIO.test(p.type)))
		return { ...folioCalling(program, root), countInMemory, handsOut, asked };
	return {
		kind: 'range',
		levels: LEVELS,
		sectionsAtEntry: [],
		countInMemory,
		handsOut,
		asked,
		assumption: null,
	};
}

/**
 * A function that is given a folio, which somebody has mapped and a reference is held on. What opens an RCU section of its own is
 * called outside of any; what looks at no tag of ->mapping is called on folios of files only.
 */
function folioCalling(
	program: Program,
	root: FunctionIndex,
): Pick<Calling, 'kind' | 'levels' | 'sectionsAtEntry' | 'filesOnly' | 'assumption'> {
	const { name } = program.functions[root] as ProgramFunction;
	const reached = [...reachable(program, root)].flatMap((f) => program.functions[f] ?? []);
	const isOwn = reached.some((fn) =>
		fn.ops.some((op) => op.kind === 'section' && op.section === 'rcu' && op.delta === 1),
	);
	const filesOnly = !reached.some((fn) => asksForTag(program, fn));
	const given = filesOnly ? `, on a folio of a file: it looks at no tag of ->mapping` : '';
	return {
		kind: 'folio',
		levels: ['pte'],
		sectionsAtEntry: isOwn ? [] : ['irq'],
		filesOnly,
		assumption: isOwn
			? `${name}() is called with a reference held${given}`
			: `${name}() is called with interrupts disabled, a reference held and the entry re-checked${given}`,
	};
}

export const PAGES = /^struct page \*\*$/;
export const FOLIO = /^(const )?struct (folio|page) \*$/;
const KNOWN =
	/^((unsigned )?(int|long)|unsigned|bool|(unsigned )?(int|long) \*|struct page \*\*|(const )?struct (folio|page|mm_struct|vm_area_struct) \*|p(te|md|ud|4d|gd)_t( \*)?|size_t|gfp_t)$/;

/** The parameter that takes an address or where a range ends, of a type that has fewer bits; null: none. */
function shortPlace(program: Program, root: FunctionIndex): Parameter | null {
	if (program.features?.includes('RACEWALK_WORDS_32') === true) return null;
	const roles = parameterRoles(program, root);
	const { parameters } = program.functions[root] as ProgramFunction;
	const isShort = ({ type }: Parameter, i: number): boolean =>
		(roles[i] === 'address' || roles[i] === 'end') && !/^(?:(?:unsigned )?long|size_t)$/.test(type);
	return parameters.find(isShort) ?? null;
}

function askedOf(program: Program, root: FunctionIndex): Asked {
	const roles = parameterRoles(program, root);
	if (roles.includes('flags')) return 'flags';
	if (roles.includes('write')) return 'write';
	const { parameters } = program.functions[root] as ProgramFunction;
	// a function that is given a folio is looked at alone: its callers have asked
	if (parameters.some((p) => FOLIO.test(p.type))) return 'flags';
	const ops = [...reachable(program, root)].flatMap((f) => program.functions[f]?.ops ?? []);
	return ops.some(takesPins) ? 'pin' : 'reference';
}

/** The op counts pins: include/linux/mm.h, GUP_PIN_COUNTING_BIAS. */
function takesPins(op: Op): boolean {
	const operands =
		op.kind === 'binary' ? [op.left, op.right] : op.kind === 'rmw' ? [op.operand] : [];
	return operands.some((o) => o.kind === 'constant' && Math.abs(o.value) === GUP_PIN_COUNTING_BIAS);
}

/** Levels of the entries that parameters are, in their order, each once. */
export function levelsIn(parameters: readonly Parameter[]): readonly Level[] {
	const levels = parameters.flatMap((p): readonly Level[] => {
		const match = /^p(te|md|ud|4d|gd)_t\b/.exec(p.type);
		if (!match) return [];
		return [
			({ te: 'pte', md: 'pmd', ud: 'pud', '4d': 'pgd', gd: 'pgd' } as const)[match[1] as 'te'],
		];
	});
	return [...new Set(levels)];
}
