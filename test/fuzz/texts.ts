/**
 * Texts for the fuzz: the known hostile ones at some size, and random ones put together from the constructs that the parsers
 * know, whole or cut. What a seed makes it makes again.
 */
import { hostileTexts } from '../hostile/inputs.js';

/** Numbers from a seed: a linear congruential generator. */
export interface Random {
	/** Below `n`. */
	below(n: number): number;
	pick<T>(from: readonly [T, ...T[]]): T;
}

export function randomOf(seed: number): Random {
	let state = (seed * 2654435761 + 1) >>> 0;
	const below = (n: number): number => {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		return Math.floor((state / 2 ** 32) * n);
	};
	return { below, pick: (from) => from[below(from.length)] ?? from[0] };
}

export interface FuzzText {
	readonly kind: 'c' | 'litmus';
	readonly text: string;
	/** For a report: where it came from. */
	readonly name: string;
}

type Rules = Readonly<Record<string, readonly [string, ...string[]]>>;

/** `<name>` stands for a rule, `<name*>` for some of it. */
const C: Rules = {
	file: ['<item*>', '<item*><walk>', '<walk><item*>'],
	item: [
		'#include "<word>.h"\n',
		'#define <WORD> <expr>\n',
		'#define <WORD>(x, y) <stmt>\n',
		'#if <expr>\n<item*>#endif\n',
		'#ifdef <WORD>\n',
		'#else\n',
		'#endif\n',
		'struct <word> { <member*> };\n',
		'typedef <type> <word>;\n',
		'enum { <WORD>, <WORD> };\n',
		'static <type> <word> = <expr>;\n',
		'<function>\n',
		'/* <comment*> */\n',
		'// <comment*>\n',
		'<junk>',
	],
	member: ['<type> <word>;', 'int <word>:3;', 'union { <member*> };'],
	walk: [
		'static int gup_<word>(pmd_t *pmdp, unsigned long addr, struct page **pages, int *nr)\n{\n\tpte_t *ptep, pte;\n\tstruct page *page;\n\tptep = pte_offset_map(pmdp, addr);\n\tpte = ptep_get_lockless(ptep);\n\tpage = pte_page(pte);\n\t/* <comment*> */\n\tif (!try_get_page(page))\n\t\treturn 0;\n\t<stmt*>\n\tpages[(*nr)++] = page;\n\treturn 1;\n}\n',
	],
	function: ['static <type> <word>(<type> <word>)\n{\n\t<stmt*>\n}'],
	type: [
		'int',
		'unsigned long',
		'pte_t',
		'struct page *',
		'struct folio *',
		'struct <word>',
		'void *',
		'u64',
	],
	stmt: [
		'<expr>;\n',
		'if (<expr>) <stmt>',
		'while (<expr>) <stmt>',
		'do { <stmt*> } while (<expr>);\n',
		'for (<word> = 0; <expr>; <word>++) <stmt>',
		'switch (<expr>) { case 1: <stmt> default: <stmt> }\n',
		'goto <word>;\n',
		'<word>: <stmt>',
		'return <expr>;\n',
		'{ <stmt*> }\n',
		'<type> <word> = <expr>;\n',
		'rcu_read_lock();\n',
		'asm volatile("" ::: "memory");\n',
	],
	expr: [
		'1',
		'<word>',
		'page->mapping',
		'READ_ONCE(page->mapping)',
		'<WORD>(<expr>, <expr>)',
		'(<expr>)',
		'<expr> + <expr>',
		'<expr> ? <expr> : <expr>',
		'!<expr>',
		'*<expr>',
		'&<expr>',
		'(<type>)<expr>',
		'sizeof(<type>)',
		'({ <stmt*> <expr>; })',
		'"\\<word>"',
		"'<word>'",
		'<word>[<expr>]',
		'pte_val(*ptep)',
	],
	word: ['a', 'page', 'pte', 'ptep', 'x', 'folio', 'try_get_page', 'nr', 'gup_a'],
	WORD: ['A', 'B', 'CONFIG_X86', 'PAGE_SIZE', 'CONFIG_64BIT'],
	comment: [
		'The page cannot be freed. ',
		'interrupts are off ',
		'While we hold a reference ',
		'the mapping may ',
		'be truncated ',
		'going to be ',
		'(1) pin the page (2) check pte ',
		'mm/memory.c: zap_pte_range() ',
		'racewalk: allow(stale-pin): ',
		'. ',
		'\n * ',
		'<junk>',
	],
	junk: [
		'(',
		')',
		'{',
		'}',
		'"',
		"'",
		'\\',
		'/*',
		'*/',
		'#',
		';',
		'\n',
		'\t',
		'\u00e9',
		'\u0001',
		'  ',
		'*',
		'\\\n',
	],
};

const LITMUS: Rules = {
	file: [
		'C <word>\n\n{<init*>}\n\n<thread*>\nexists (<cond>)\n',
		'C <word>\n{}\n<thread><junk>\nforall (<cond>)',
	],
	init: [
		'<word>=1;',
		'int <word>;',
		'spinlock_t s;',
		'0:r0=<word>;',
		'int a[2] = {1,2};',
		'<junk>',
	],
	thread: [
		'P0(int *x, int *y)\n{\n<stmt*>}\n\nP1(int *x, int *y)\n{\n<stmt*>}\n\n',
		'P0(int *x)\n{\n<stmt*>}\n',
	],
	stmt: [
		'WRITE_ONCE(*x, <expr>);\n',
		'r0 = READ_ONCE(*<word>);\n',
		'int r1 = <expr>;\n',
		'smp_mb();\n',
		'smp_wmb();\n',
		'if (<expr>) { <stmt*> }\n',
		'while (<expr>) <stmt>',
		'rcu_read_lock(); <stmt> rcu_read_unlock();\n',
		'spin_lock(x);\n',
		'*<word> = <expr>;\n',
		'atomic_inc(x);\n',
		'<junk>',
	],
	expr: ['1', 'r0', 'READ_ONCE(*y)', '<expr> + <expr>', '(<expr>)', '!<expr>', 'xchg(x, <expr>)'],
	cond: [
		'0:r0=1',
		'x=1',
		'<cond> /\\ <cond>',
		'<cond> \\/ <cond>',
		'~<cond>',
		'(<cond>)',
		'<junk>',
	],
	word: ['x', 'y', 'hostile', 'r0'],
	junk: ['(', ')', '{', '}', '(*', '*)', ';', '"', '\\', '\n', '#', '\u00e9'],
};

/** Pieces of a random text. */
const PIECES_MAX = 600;

function grown(rules: Rules, random: Random, many: number): string {
	let out = '';
	const open: string[] = ['<file>'];
	for (let left = PIECES_MAX; open.length > 0; left--) {
		const piece = open.pop() ?? '';
		const rule = /^<(\w+)(\*?)>$/.exec(piece);
		const choices = rules[rule?.[1] ?? ''];
		if (rule === null || choices === undefined) {
			out += piece;
			continue;
		}
		// at the end of the room the shortest way out
		const times = rule[2] === '*' ? (left > 0 ? random.below(many) : 0) : 1;
		for (let i = 0; i < times; i++) {
			const chosen = left > 0 ? random.pick(choices) : shortest(choices);
			open.push(...chosen.split(/(<\w+\*?>)/).reverse());
		}
	}
	return out;
}

function shortest(choices: readonly [string, ...string[]]): string {
	return choices.find((c) => !c.includes('<')) ?? choices[0];
}

/** A text; `size`: of the long ones. */
export function fuzzText(random: Random, size: number): FuzzText {
	const all = hostileTexts(Math.max(400, random.below(size)));
	const known = all[random.below(all.length)];
	if (random.below(3) === 0 && known !== undefined)
		return { kind: known.kind, text: known.text(), name: known.name };
	const kind = random.below(3) === 0 ? 'litmus' : 'c';
	const text = grown(kind === 'c' ? C : LITMUS, random, 2 + random.below(6));
	return { kind, text: mangled(text, random), name: `random ${kind}` };
}

/** As it is, cut, with a piece repeated, or with a piece taken out. */
function mangled(text: string, random: Random): string {
	const [a, b] = [random.below(text.length + 1), random.below(text.length + 1)];
	switch (random.below(5)) {
		case 0:
			return text.slice(0, a);
		case 1:
			return (
				text.slice(0, a) + text.slice(Math.min(a, b), Math.max(a, b)).repeat(3) + text.slice(a)
			);
		case 2:
			return text.slice(0, Math.min(a, b)) + text.slice(Math.max(a, b));
		default:
			return text;
	}
}
