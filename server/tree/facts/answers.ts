/**
 * How the facts of a generation are answered that take more than one definition, and the words that answers have in common.
 */
import type { Expression } from '../../syntax/ast.js';
import { declarationsOf } from '../../syntax/source.js';
import type { Ask } from './ask.js';
import { isGiven, isKind } from './definition.js';
import type { FactPlace } from './fact.js';
import { namerOf, walkerByValue } from './walk_facts.js';

export const MM = 'include/linux/mm.h';
export const MM_TYPES = 'include/linux/mm_types.h';
export const INTERNAL = 'mm/internal.h';
export const PGTABLE = ['include/linux/pgtable.h', 'include/asm-generic/pgtable.h'];
export const KHUGEPAGED = 'mm/khugepaged.c';
export const IPI = 'tlb_remove_table_sync_one';

/** Whether it is so, and what says so: a definition, or in words what was looked for. */
export interface Answer {
	readonly holds: boolean;
	readonly from: FactPlace | null;
	readonly why: string;
}

export const NO_TREE = 'no tree: the newest kernels are assumed';

/** It holds where there is a definition. */
export function where(from: FactPlace | null, why: string): Answer {
	return { holds: from !== null, from, why };
}

/** It holds where there is none. */
export function unless(from: FactPlace | null, why: string): Answer {
	return { holds: from === null, from, why };
}

export function assumed(holds: boolean, why: string = NO_TREE): Answer {
	return { holds, from: null, why };
}

/** `~PAGE_MAPPING_FLAGS` */
export function isMaskOfFlags(node: { readonly kind: string }): boolean {
	if (!isKind(node, 'unary')) return false;
	const { operator, operand } = node as Expression & { kind: 'unary' };
	return operator === '~' && operand.kind === 'identifier' && operand.name === 'PAGE_MAPPING_FLAGS';
}

/** In the order of struct slab (mm/slab.h) its cache comes first. */
export function slabAnswer(ask: Ask): Answer {
	const source = ask.source('mm/slab.h');
	const item = source?.aggregates.get('slab');
	if (source === null || item === undefined) return assumed(false, 'no struct slab in mm/slab.h');
	const names = declarationsOf(source.piece(item).text).flatMap(memberNames);
	const cache = names.indexOf('slab_cache');
	const { line } = source.lines.positionAt(item.nameStart);
	return {
		holds: cache >= 0 && cache < names.indexOf('slab_list'),
		from: { path: source.path, line, name: 'slab' },
		why: '',
	};
}

type Declared = ReturnType<typeof declarationsOf>[number];

/** Members in order, those of unnamed structs and unions among them. */
function memberNames({ specifier, declarators }: Declared): readonly string[] {
	const inner = specifier.kind === 'aggregate' ? (specifier.members ?? []) : [];
	return [...inner.flatMap(memberNames), ...declarators.map((d) => d.name)];
}

export function devmapAnswer(ask: Ask): Answer {
	if (!ask.has([MM, ...PGTABLE])) return assumed(true);
	return where(ask.definition(['pte_devmap'], [MM, PGTABLE]), 'no pte_devmap()');
}

/**
 * FOLL_PIN came with 5.6, FOLL_LONGTERM for fast walks with 5.2; before, they were told only whether to write. Flags stand in
 * include/linux/mm.h, later in mm_types.h.
 */
export function flagAnswer(ask: Ask, flag: string): Answer {
	// a walk that asks for it has it, in whatever header that stands: a tree may lack some
	const user = namerOf(ask.walk, [flag]);
	if (user !== null) return where(user, '');
	if (ask.has([MM, MM_TYPES])) {
		const defined = ask.definition([flag], [MM_TYPES, MM]);
		return where(defined, `no ${flag} in include/linux/mm.h or mm_types.h`);
	}
	if (flag === 'FOLL_PCI_P2PDMA') return assumed(false, 'the walk does not ask for it');
	const told = ask.walk.find(
		({ syntax: { parameters } }) =>
			parameters.some((p) => p.type.shape.length > 0 && isPages(p)) &&
			parameters.some((p) => isGiven(p, 'int', 'value')) &&
			!parameters.some((p) => isGiven(p, 'unsigned int', 'value')),
	);
	return told === undefined ? assumed(true) : { holds: false, from: told, why: '' };
}

type Given = Ask['walk'][number]['syntax']['parameters'][number];

/** `struct page **pages` */
function isPages({ type: { specifier, shape } }: Given): boolean {
	return specifier.kind === 'aggregate' && specifier.tag === 'page' && shape.length === 2;
}

/**
 * khugepaged waits for the walk before it looks at the pages: by an IPI of its own (2ba99c5e0881; mm/khugepaged.c of 5.10), or
 * because TLB flushes do where page tables are freed after one (i386 with PAE).
 */
export function collapseAnswer(ask: Ask): Answer {
	const sends = ask.user([IPI], [KHUGEPAGED]);
	const flushWaits = ask.config.size > 0 && !ask.config.has('CONFIG_MMU_GATHER_RCU_TABLE_FREE');
	const why = 'nothing that khugepaged does waits for the walk';
	if (sends === null && !flushWaits) return assumed(true, why);
	const byValue = walkerByValue(ask.walk);
	return { holds: byValue === null, from: byValue ?? sends, why };
}
