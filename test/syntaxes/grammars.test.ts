/**
 * The TextMate grammars: well-formed, contributed, and their patterns match what they are for.
 *
 * It leaves out the tokenizer: patterns keep to what JavaScript's regular expressions understand, and each is tried on its own.
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Rule {
	readonly name?: string;
	readonly match?: string;
	readonly begin?: string;
	readonly end?: string;
	readonly include?: string;
	readonly captures?: Readonly<Record<string, { readonly name: string }>>;
	readonly patterns?: readonly Rule[];
}

interface Grammar {
	readonly scopeName: string;
	readonly patterns: readonly Rule[];
	readonly repository?: Readonly<Record<string, Rule>>;
}

const read = (path: string): unknown =>
	JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'));

interface Contributed {
	readonly contributes: {
		readonly grammars: readonly { readonly path: string; readonly scopeName: string }[];
		readonly languages: readonly { readonly id: string; readonly configuration?: string }[];
	};
}
const { contributes } = read('package.json') as Contributed;

function rulesOf(grammar: Grammar): readonly Rule[] {
	const below = (rule: Rule): readonly Rule[] => [rule, ...(rule.patterns ?? []).flatMap(below)];
	return [...grammar.patterns, ...Object.values(grammar.repository ?? {})].flatMap(below);
}

/** Scopes of the rules that match exactly `text` (or start with it, for captures) somewhere in `line`. */
function scopesOf(grammar: Grammar, line: string, text: string): readonly string[] {
	const from = line.indexOf(text);
	return rulesOf(grammar).flatMap((rule) => {
		if (rule.match === undefined) return [];
		return Array.from(line.matchAll(new RegExp(rule.match, 'g')), (found) => {
			const groups = Object.entries(rule.captures ?? {});
			const inside = groups.filter(([group]) => found[Number(group)] === text);
			const whole = found[0] === text && found.index === from ? rule.name : undefined;
			return [whole, ...inside.map(([, scope]) => scope.name)].filter((s) => s !== undefined);
		}).flat();
	});
}

describe.each(contributes.grammars)('$path', ({ path, scopeName }) => {
	const grammar = read(path) as Grammar;

	it('has the scope it is contributed under', () => {
		expect(grammar.scopeName).toBe(scopeName);
	});

	it('has only sound patterns and known includes', () => {
		for (const { match, begin, end, include } of rulesOf(grammar)) {
			for (const pattern of [match, begin, end]) {
				if (pattern !== undefined) expect(() => new RegExp(pattern)).not.toThrow();
			}
			if (include?.startsWith('#')) {
				expect(Object.keys(grammar.repository ?? {})).toContain(include.slice(1));
			}
		}
	});
});

it.each(contributes.languages)('language $id has its files', ({ configuration }) => {
	if (configuration !== undefined) {
		expect(existsSync(new URL(`../../${configuration}`, import.meta.url))).toBe(true);
	}
});

describe('what is marked', () => {
	const lockless = 'syntaxes/lockless.tmLanguage.json';
	const litmus = 'syntaxes/litmus.tmLanguage.json';
	const trace = 'syntaxes/trace.tmLanguage.json';
	it.each<readonly [string, string, string, readonly string[]]>([
		[lockless, 'x = READ_ONCE(p->f);', 'READ_ONCE', ['support.function.lockless.access.racewalk']],
		[
			lockless,
			'pte_t pte = ptep_get_lockless(ptep);',
			'ptep_get_lockless',
			['support.function.lockless.entry.racewalk'],
		],
		...[
			'p4d_offset_lockless',
			'pud_offset_lockless',
			'pmdp_get',
			'pte_offset_map',
			'gup_get_pte',
		].map(
			(name) =>
				[lockless, `${name}(a, b)`, name, ['support.function.lockless.entry.racewalk']] as const,
		),
		...['try_grab_folio_fast', 'try_get_compound_head', 'folio_ref_try_add_rcu', 'folio_put'].map(
			(name) =>
				[lockless, `${name} (a)`, name, ['support.function.lockless.reference.racewalk']] as const,
		),
		...['local_irq_save', 'rcu_read_unlock', 'preempt_disable'].map(
			(name) =>
				[lockless, `${name}(f)`, name, ['support.function.lockless.section.racewalk']] as const,
		),
		...['smp_mb', 'smp_mb__after_atomic', 'smp_rmb', 'barrier'].map(
			(name) =>
				[lockless, `${name}()`, name, ['support.function.lockless.order.racewalk']] as const,
		),
		[
			lockless,
			'seq = raw_read_seqcount(&s);',
			'raw_read_seqcount',
			['support.function.lockless.access.racewalk'],
		],
		[lockless, 'my_READ_ONCE(x)', 'READ_ONCE', []],
		[lockless, 'READ_ONCE_COUNT', 'READ_ONCE', []],
		[lockless, 'folio_putback_lru(f)', 'folio_put', []],
		[litmus, 'C SB+mbonceonces', 'SB+mbonceonces', ['entity.name.section.litmus']],
		[litmus, 'P0(int *x)', 'P0', ['entity.name.function.thread.litmus']],
		[litmus, '~exists (0:r0=1)', '~exists', ['keyword.control.condition.litmus']],
		[litmus, 'smp_store_release(x, 1);', 'smp_store_release', ['support.function.lockless.litmus']],
		[trace, 'CPU 0: gup_fast   CPU 1: zap', 'CPU 0', ['entity.name.section.cpu.racewalk-trace']],
		[
			trace,
			'    [folio#0._refcount 1 → 2]',
			'folio#0._refcount',
			['variable.other.location.racewalk-trace'],
		],
		[trace, '  ** freed', '** freed', ['invalid.violation.racewalk-trace']],
		[trace, 'mm/gup.c:2949 x', 'mm/gup.c:2949', ['markup.underline.link.racewalk-trace']],
	])('%s: %s', (path, line, text, scopes) => {
		expect(scopesOf(read(path) as Grammar, line, text)).toEqual(scopes);
	});
});

it.each([
	['(*', true],
	['(* Result: Never *)', true],
	['\tWRITE_ONCE(*x, 1);', false],
	['P0(int *x) { r0 = (*x); }', false],
	['exists (0:r0=1) (* a remark *)', true],
])('litmus: a block comment begins in %j: %s', (line, expected) => {
	const grammar = read('syntaxes/litmus.tmLanguage.json') as Grammar;
	const begins = rulesOf(grammar).flatMap(({ name, begin }) =>
		name === 'comment.block.litmus' && begin !== undefined ? [begin] : [],
	);
	expect(begins.some((begin) => new RegExp(begin).test(line))).toBe(expected);
});
