/**
 * The same text under several architectures and configurations: which of them break, and what these have in common
 * that the others have not.
 *
 * Invariant: a phrase speaks of the configurations that were checked and of no others.
 */
import type { Rule } from '../../engine/rules/verdict.js';
import type { AnalysedFinding, Analysis, Variant, VariantAnalysis } from './analysis/analysis.js';

/** `i386-pae`, `x86_64 CONFIG_SECRETMEM=n`. */
export function variantName({ arch, changed }: Variant): string {
	return changed === null ? arch : `${arch} ${changed}`;
}

interface Trait {
	/** Said of those that have it, after "where". */
	readonly phrase: string;
	/** Rules that it can decide about. */
	readonly rules: readonly Rule[];
	holds(has: (symbol: string) => boolean): boolean;
}

const LOW_HIGH = ['CONFIG_GUP_GET_PXX_LOW_HIGH', 'CONFIG_GUP_GET_PTE_LOW_HIGH', 'CONFIG_X86_PAE'];

/** What differs between configurations and decides about a rule; the guard it asks for is named with it. */
const TRAITS: readonly Trait[] = [
	{
		phrase:
			'an entry is read in two halves (ptep_get_lockless() and pmdp_get_lockless() put them together)',
		rules: ['torn-entry'],
		holds: (has) => LOW_HIGH.some(has),
	},
	{
		phrase:
			'making a page accessible can fail (arch_make_folio_accessible() is more than a constant)',
		rules: ['misplaced-page', 'reference-leak', 'reference-underflow'],
		holds: (has) =>
			has('CONFIG_HAVE_ARCH_MAKE_FOLIO_ACCESSIBLE') || has('CONFIG_HAVE_ARCH_MAKE_PAGE_ACCESSIBLE'),
	},
	{
		phrase:
			'levels are folded at run time (p4d_offset_lockless() and pud_offset_lockless() hand back the pointer they are given)',
		rules: ['bad-entry', 'double-fetch', 'misplaced-page', 'stale-pin'],
		holds: (has) => has('CONFIG_S390'),
	},
	{
		phrase:
			'page tables may be freed by RCU (interrupts off keeps them; rcu_read_lock() does while there is memory to batch them)',
		rules: ['use-after-free'],
		holds: (has) => has('CONFIG_MMU_GATHER_RCU_TABLE_FREE'),
	},
	{
		phrase: 'there are secretmem pages (CONFIG_SECRETMEM)',
		rules: ['secretmem-pin', 'racing-mapping'],
		holds: (has) => has('CONFIG_SECRETMEM'),
	},
	{
		phrase: 'entries can be special (CONFIG_ARCH_HAS_PTE_SPECIAL)',
		rules: ['bad-entry'],
		holds: (has) => has('CONFIG_ARCH_HAS_PTE_SPECIAL'),
	},
	{
		phrase: 'there are transparent huge pages (CONFIG_TRANSPARENT_HUGEPAGE)',
		rules: ['stale-pin', 'wrong-folio', 'shared-anon-pin', 'permission'],
		holds: (has) => has('CONFIG_TRANSPARENT_HUGEPAGE'),
	},
];

/** What exactly the first have, of what can decide about the rule; null when nothing tells them from the others. */
function commonTrait(
	rule: Rule,
	some: readonly Variant[],
	others: readonly Variant[],
): string | null {
	const has = (variant: Variant, trait: Trait): boolean =>
		trait.holds((symbol) => variant.config.has(symbol));
	const found = TRAITS.find(
		(trait) =>
			trait.rules.includes(rule) &&
			some.every((v) => has(v, trait)) &&
			!others.some((v) => has(v, trait)),
	);
	return found?.phrase ?? null;
}

/** A finding with the configurations it was made under. */
export interface SharedFinding {
	/** As the first of them shows it. */
	readonly finding: AnalysedFinding;
	readonly analysis: Analysis;
	readonly on: readonly Variant[];
	/** Those under which it was not made. */
	readonly others: readonly VariantAnalysis[];
}

/** The findings of several configurations, each told once. */
export function sharedFindings(analyses: readonly VariantAnalysis[]): readonly SharedFinding[] {
	const groups = new Map<
		string,
		{ first: VariantAnalysis; finding: AnalysedFinding; on: Variant[] }
	>();
	for (const each of analyses) {
		for (const finding of each.analysis.findings) {
			const { path, line, column } = finding.place;
			const key = `${finding.rule} ${finding.function} ${path}:${line}:${column}`;
			const known = groups.get(key);
			if (known === undefined) groups.set(key, { first: each, finding, on: [each.variant] });
			else known.on.push(each.variant);
		}
	}
	return [...groups.values()].map(({ first, finding, on }) => ({
		finding,
		analysis: first.analysis,
		on,
		others: analyses.filter((a) => !on.includes(a.variant)),
	}));
}

/** Under which configurations a finding was made, and what they have in common; null where only one was checked. */
export function whereFound(shared: SharedFinding): string | null {
	const { finding, on, others } = shared;
	if (on.length + others.length < 2) return null;
	if (others.length === 0) return `under all ${on.length} configurations checked`;
	const near = amongNeighbours(shared);
	if (near !== null) return near;
	const names = on.map(variantName).join(', ');
	const isAbsent = others.every(
		({ analysis }) => !analysis.functions.some((f) => f.name === finding.function),
	);
	if (isAbsent)
		return `only on ${names}: under the other configurations checked ${finding.function}() is not part of the walk`;
	const rest = others.map((o) => o.variant);
	const trait = commonTrait(finding.rule, on, rest);
	if (trait !== null)
		return `only on ${names}: of the configurations checked, those where ${trait}`;
	const undecided = others.filter(({ analysis }) =>
		analysis.functions.some(
			(f) => f.name === finding.function && f.verdict !== 'holds' && f.verdict !== 'violated',
		),
	);
	const open = undecided.map((o) => variantName(o.variant));
	const more = open.length === 0 ? '' : ` (undecided there: ${open.join(', ')})`;
	return `on ${names}, not on ${rest.map(variantName).join(', ')}${more}`;
}

/** The same among configurations of one architecture that differ from the one asked for in one symbol each. */
function amongNeighbours({ on, others }: SharedFinding): string | null {
	const rest = others.map((o) => o.variant);
	if (new Set([...on, ...rest].map((v) => v.arch)).size > 1) return null;
	const changes = (variants: readonly Variant[]): string =>
		variants.map((v) => v.changed ?? '').join(', ');
	const isBase = (v: Variant): boolean => v.changed === null;
	if (on.some(isBase)) return `under the configuration asked for; gone with ${changes(rest)}`;
	return `only with ${changes(on)}`;
}
