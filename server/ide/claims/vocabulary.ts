/** The words of the grammar: what subjects are called, what can happen to them, what a scope is called. */
import type {
	ClaimEvent,
	ClaimScope,
	ClaimSubject,
} from '../../../engine/questions/claims/claim.js';

export interface SubjectWords {
	readonly subject: ClaimSubject;
	/** Offset behind its words. */
	readonly end: number;
}

/** Longest names first: a page table is no page, an inode goes with its address_space. */
const SUBJECTS: readonly (readonly [ClaimSubject, RegExp])[] = [
	['anon-vma', /\banon[_ -]?vmas?\b/g],
	['address-space', /\b(?:address[_ ]spaces?|inodes?)(?: objects?)?\b/g],
	[
		'page-table',
		/\b(?:page[- ]?tables?|pgtables?|pagetables?)(?:[- ]pages?)?(?! entr| level| walk| operation)\b/g,
	],
	['pte', /\b(?:ptes?|page[- ]table entr(?:y|ies)|leaf entr(?:y|ies)|entry)\b/g],
	['pmd', /\bpmds?\b/g],
	['mapping', /\bmappings?\b/g],
	['folio', /\b(?:folios?|(?:compound |huge |struct )?pages?)\b/g],
];

/** Words that name something else although a subject's word is in them. */
const OTHERS =
	/\b(?:page[- ]cache|page fault|page allocator|page frame|zero page|page_folio|huge page table|user mappings?|entry point|zero folio|swap(?: cache)? entr(?:y|ies)|shadow entr(?:y|ies)|swapcache folio)\b/g;

/** The subjects named in a text, in order. */
export function subjectsIn(text: string): readonly SubjectWords[] {
	let left = text.replace(OTHERS, (m) => '#'.repeat(m.length));
	const found: (SubjectWords & { readonly start: number })[] = [];
	for (const [subject, pattern] of SUBJECTS) {
		left = left.replace(pattern, (match, ...rest) => {
			const start = rest.find((r): r is number => typeof r === 'number') ?? 0;
			found.push({ subject, start, end: start + match.length });
			return '#'.repeat(match.length);
		});
	}
	return found.sort((a, b) => a.start - b.start);
}

/** Verbs and participles of what can happen, longest first where one begins another. */
export const VERBS = [
	'free(?:d|ing|s)?',
	'releas(?:ed|es|ing|e)',
	'reclaim(?:ed|s|ing)?',
	'deallocat(?:ed|e|ing)',
	'reallocat(?:ed|e|ing)',
	'reus(?:ed|e|ing)',
	'recycl(?:ed|e|ing)',
	'evict(?:ed|s|ing)?',
	'torn down',
	'go(?:es|ing)? (?:away|anywhere)',
	'away',
	'anywhere',
	'vanish(?:ed|es)?',
	'disappear(?:s|ed|ing)?',
	'chang(?:ed|es|ing|e)',
	'alter(?:ed|s|ing)?',
	'modif(?:ied|ies|y|ying)',
	'updat(?:ed|es|e|ing)',
	'truncat(?:ed|es|e|ing)',
	'(?:set to )?null',
	'clear(?:ed|s|ing)?',
	'unmap(?:ped|s|ping)?',
	'zap(?:ped|s|ping)?',
	'split(?:s|ting)?',
	'write[- ]?protect(?:ed|s|ion|ing)?',
].join('|');

interface StateRule {
	/** Only "stays", "remains", "is still" say that it lasts. */
	readonly lastingOnly: boolean;
	/** What ends the state, by subject. */
	readonly events: Readonly<Partial<Record<ClaimSubject, readonly ClaimEvent[]>>>;
}

const ALIVE: StateRule = {
	lastingOnly: true,
	events: {
		folio: ['freed'],
		'page-table': ['freed'],
		'address-space': ['freed'],
		'anon-vma': ['freed'],
	},
};
const SAME: StateRule = {
	lastingOnly: true,
	events: { mapping: ['changed'], pte: ['changed'], pmd: ['changed'] },
};

/** States by the word for them. */
export const BROKEN_BY: Readonly<Record<string, StateRule>> = {
	stable: {
		lastingOnly: false,
		events: {
			folio: ['freed', 'split'],
			'page-table': ['freed'],
			'address-space': ['freed'],
			mapping: ['changed'],
			pte: ['changed'],
			pmd: ['changed'],
		},
	},
	mapped: { lastingOnly: true, events: { folio: ['unmapped'] } },
	valid: ALIVE,
	alive: ALIVE,
	allocated: ALIVE,
	around: ALIVE,
	'in place': ALIVE,
	there: ALIVE,
	unchanged: SAME,
	'the same': SAME,
	constant: SAME,
};

const NAMED = '(?:reference|references|refcount|ref|pin|pins|pinned|referenced|grabbed)';
const DURING = '(?:while|once|after|when|now that|because|since|as|as long as|with|given that)';
const AGAIN =
	'(?:re-?check(?:ed|ing)?|checked again|(?:found|seen) (?:stable|unchanged|to be (?:stable|unchanged))|re-?read|re-?validated|read again)';

/** Scopes by the words for them; the first that fits is meant. */
const SCOPES: readonly (readonly [ClaimScope, RegExp])[] = [
	[
		'before-reference',
		new RegExp(
			`\\bbetween\\b.*\\band\\b.*\\b(?:increment|reference|grab|pin|refcount)\\b|\\bbefore (?:(?:we|it|the walker) )?(?:take|takes|taking|have|has|having|hold|holds|holding|grab|grabs|grabbing|get|gets|getting|the|a|our|any)(?: \\w+){0,2} ${NAMED}\\b|\\bbefore (?:it is |being )?(?:pinned|referenced|grabbed)\\b|\\buntil (?:we|it|the walker) (?:hold|holds|has|have|takes?|took)(?: \\w+){0,2} ${NAMED}\\b`,
		),
	],
	['recheck', new RegExp(`\\b${DURING}\\b[^,;]*\\b${AGAIN}\\b`)],
	[
		'interrupts-off',
		/\b(?:interrupts?|irqs?)\b(?! (?:are|is|stay) (?:still )?(?:on|enabled))[^,;]{0,24}\b(?:off|disabled)\b|\bdisabl\w+ (?:local )?(?:interrupts|irqs)\b|\birqs?-(?:off|disabled)\b/,
	],
	[
		'reference',
		new RegExp(
			`\\b${DURING} [^,;]*?\\b${NAMED}\\b|\\bour ${NAMED}\\b|\\bholding (?:a |an |the |our )?(?:\\w+ )?${NAMED}\\b|^(?:\\w+ ){0,3}(?:the|a|our|this) (?:\\w+ )?(?:reference|refcount|pin) (?:that \\w+ \\w+ )?(?:keeps?|prevents?|blocks?|stops?|protects?|does not)|\\buntil (?:we|it|the walker) (?:drops?|puts?|releases?|gives?)(?: \\w+){0,3} ${NAMED}\\b`,
		),
	],
	[
		'rcu',
		/\brcu_read_lock\b|(?<!freed |released |performed |reclaimed )\b(?:under|inside|within|in|by|holding)(?: an?| the)? rcu\b(?:[- ]read(?:[- ]side)?)?|\brcu[- ]protected\b|\brcu read[- ]side\b/,
	],
	[
		'preemption-off',
		/\bpreempt(?:ion)?\b[^,;]{0,20}\b(?:off|disabled)\b|\bpreempt_disable\b|\bdisabl\w+ preemption\b/,
	],
];

/** The scope a text names, or null. */
export function scopeIn(text: string): ClaimScope | null {
	return SCOPES.find(([, pattern]) => pattern.test(text))?.[0] ?? null;
}
