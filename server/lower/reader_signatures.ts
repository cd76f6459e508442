/**
 * Results and parameters of readers that engine/check/call/reader_calling.ts can call: types alone, in the order of C; names play no part.
 * A function whose signature is not here is listed and stays without a verdict.
 */

const PAGE = 'struct\\s+(?:folio|page)\\s*\\*\\s*\\w+';
const MAPPING = 'struct\\s+address_space\\s*\\*\\s*\\w+';
const XAS = 'struct\\s+xa_state\\s*\\*\\s*\\w+';
const INDEX = '(?:pgoff_t|unsigned\\s+long)\\s+\\w+';
const INDEX_OUT = '(?:pgoff_t|unsigned\\s+long)\\s*\\*\\s*\\w+';
const BYTES = 'loff_t\\s+\\w+';
const MARK = 'xa_mark_t\\s+\\w+';
const COUNT = 'unsigned(?:\\s+int)?\\s+\\w+';
const BATCH = 'struct\\s+(?:folio_batch|pagevec)\\s*\\*\\s*\\w+';
const CONTROL = 'struct\\s+compact_control\\s*\\*\\s*\\w+';
const POLICY = 'struct\\s+mempolicy\\s*\\*\\s*\\w+';
const LRUVEC = 'struct\\s+lruvec\\s*\\*\\s*\\w+';
const MODE = '(?:isolate_mode_t|int)\\s+\\w+';
const SWAP = 'swp_entry_t\\s+\\w+';
const INODE = 'struct\\s+inode\\s*\\*\\s*\\w+';
const ARRAY = 'struct\\s+page\\s*\\*\\s*\\*\\s*\\w+';

/** What a function gives, as the text before its name ends. */
const GIVES = {
	anonVma: /\bstruct\s+anon_vma\s*\*\s*$/,
	page: /\bstruct\s+(?:folio|page)\s*\*\s*$/,
	pageOrEntry: /\b(?:void|struct\s+(?:folio|page))\s*\*\s*$/,
	whether: /\b(?:int|bool)\s+$/,
	position: /\bunsigned\s+long\s+$/,
	howMany: /\b(?:unsigned|unsigned\s+int|int|void)\s+$/,
} as const;

/** Parameters in order; one in brackets may be missing. */
type Takes = readonly (string | readonly [string])[];

const CALLABLE: readonly (readonly [RegExp, Takes])[] = [
	[GIVES.anonVma, [`(?:const\\s+)?${PAGE}`, ['struct\\s+rmap_walk_control\\s*\\*\\s*\\w+']]],
	[GIVES.pageOrEntry, [[XAS], [MAPPING], INDEX, [MARK]]],
	[GIVES.page, [INODE, INDEX]],
	[GIVES.page, [MAPPING, XAS, INDEX]],
	[GIVES.page, [MAPPING, INDEX, '(?:fgf_t|int)\\s+\\w+', 'gfp_t\\s+\\w+', [POLICY]]],
	[GIVES.page, [PAGE, MAPPING, XAS, INDEX]],
	[GIVES.page, ['struct\\s+ksm_stable_node\\s*\\*\\s*\\w+', ['enum\\s+\\w+\\s+\\w+']]],
	[GIVES.whether, [PAGE, ['unsigned\\s+long\\s+\\w+']]],
	[GIVES.whether, [PAGE, MODE]],
	[GIVES.whether, [LRUVEC, PAGE, 'struct\\s+scan_control\\s*\\*\\s*\\w+']],
	[GIVES.whether, [CONTROL, 'unsigned\\s+long\\s+\\w+', 'unsigned\\s+long\\s+\\w+', MODE]],
	[GIVES.position, [CONTROL, 'unsigned\\s+long\\s+\\w+', 'unsigned\\s+long\\s+\\w+', MODE]],
	[GIVES.whether, [MAPPING, BYTES, BYTES]],
	[GIVES.whether, [MAPPING, INDEX, SWAP]],
	[GIVES.howMany, [MAPPING, INDEX, INDEX, BATCH, [INDEX_OUT]]],
	[GIVES.howMany, [MAPPING, INDEX_OUT, INDEX, [MARK], BATCH, [INDEX_OUT]]],
	[GIVES.howMany, [MAPPING, INDEX, COUNT, ARRAY, [INDEX_OUT]]],
	[GIVES.howMany, [MAPPING, INDEX_OUT, INDEX, [MARK], COUNT, ARRAY]],
];

const PATTERNS = CALLABLE.map(([gives, takes]) => [gives, patternOf(takes)] as const);

/** True if readers of that result and these parameters can be called; both as text. */
export function isCallable(result: string, parameters: string): boolean {
	// a comma in front of each, so that one that is missing takes its comma with it
	return PATTERNS.some(([gives, takes]) => gives.test(result) && takes.test(`,${parameters}`));
}

/** A page and flags: whether a reference on it is held afterwards. */
const GIVEN_FLAGS = patternOf([PAGE, 'unsigned\\s+long\\s+\\w+']);

/** The same for readers that leave the looking to others: those that give more than a yes or no. */
export function isCallableCaller(result: string, parameters: string): boolean {
	const isMore = !GIVES.whether.test(result) || GIVEN_FLAGS.test(`,${parameters}`);
	return isMore && isCallable(result, parameters);
}

function patternOf(takes: Takes): RegExp {
	const parts = takes.map((type) =>
		typeof type === 'string' ? `\\s*,\\s*${type}` : `(?:\\s*,\\s*${type[0]})?`,
	);
	return new RegExp(`^${parts.join('')}\\s*$`);
}
