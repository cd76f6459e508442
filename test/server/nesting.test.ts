/**
 * Text nested deeper than any stack: each way in which C and litmus tests nest, so deep that it must be refused, with words
 * that say so, and as deep as people write, which must be understood.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { analyse, prepare } from '../../server/ide/analysis/analyse.js';
import { parseLitmus } from '../../server/litmus/parse.js';
import { LitmusProblem } from '../../server/litmus/problem.js';
import { realEngine } from '../../server/worker/engine.js';
import { requestOf } from '../analysis.js';

const walk = readFileSync(
	fileURLToPath(new URL('../fixtures/holds/bad-entry-leaf.c', import.meta.url)),
	'utf8',
);

/** The walk with a statement put into its root, where runs come by, and lines before everything. */
function withStatement(statement: string, before = ''): string {
	return before + walk.replace('\tlocal_irq_save(irq);', `\t${statement}\n\tlocal_irq_save(irq);`);
}

/** What of it is not understood. */
function reasons(text: string): readonly string[] {
	const { lowered } = prepare(realEngine, requestOf({ text, depth: 'core', actors: ['zap'] }));
	expect(lowered.walks.length + lowered.undecided.length).toBeGreaterThan(0);
	// the table of primitives refuses what is never to happen on purpose
	const { sites, unsupported } = lowered.program;
	return unsupported
		.filter((u) => !sites[u.site]?.path.startsWith('racewalk:primitives/'))
		.map((u) => u.reason);
}

const nested = (n: number, open: string, inner: string, close: string): string =>
	open.repeat(n) + inner + close.repeat(n);

/** How often each is nested, as a statement. */
const WAYS: Readonly<Record<string, (n: number) => string>> = {
	parentheses: (n) => `seq = ${nested(n, '(', 'seq', ')')};`,
	negations: (n) => `seq = ${nested(n, '!', 'seq', '')};`,
	casts: (n) => `seq = ${nested(n, '(unsigned int)', '1', '')};`,
	sums: (n) => `seq = ${Array.from({ length: n }, () => 'seq').join(' + ')};`,
	disjunctions: (n) => `if (${Array.from({ length: n }, () => 'seq == 3').join(' || ')}) seq = 1;`,
	conjunctions: (n) => `if (${Array.from({ length: n }, () => 'seq == 3').join(' && ')}) seq = 1;`,
	choices: (n) => `seq = ${nested(n, 'seq ? 1 : ', '1', '')};`,
	// each to a variable of its own: two of one variable would stand in no order (C11 6.5p2)
	assignments(n) {
		const names = Array.from({ length: n }, (_, i) => `v${i}`);
		return `{ unsigned int ${names.join(', ')}; ${names.join(' = ')} = 1; seq = v0; }`;
	},
	commas: (n) => `seq = (${Array.from({ length: n }, () => 'seq').join(', ')});`,
	calls: (n) => `seq = ${nested(n, 'units(', '1', ')')};`,
	blocks: (n) => nested(n, '{', 'seq = 1;', '}'),
	'statement expressions': (n) => `seq = ${nested(n, '({ ', 'seq;', ' });')}`,
	ifs: (n) => nested(n, 'if (seq == 3) ', 'seq = 1;', ''),
	'else ifs': (n) => `if (seq == 3) seq = 1;${nested(n, ' else if (seq == 5) seq = 2;', '', '')}`,
	loops: (n) => nested(n, 'while (seq == 77) ', 'seq = 1;', ''),
	switches: (n) => nested(n, 'switch (seq) { case 77: ', 'seq = 1;', ' }'),
	members: (n) => `seq = mm${'->mm'.repeat(n)};`,
	indices: (n) => `seq = out${'[0]'.repeat(n)};`,
	initialisers: (n) => `int q[] = ${nested(n, '{', '1', '}')};`,
	attributes: (n) => `int q __attribute__${nested(n, '(', 'x', ')')};`,
	'anonymous structs': (n) => `${nested(n, 'struct { ', 'int a;', ' } b;')}`,
	'function types': (n) => `int ${nested(n, '(', 'q', ')')};`,
	typeofs: (n) => `${nested(n, 'typeof(', 'seq', ')')} q = 1; seq = q;`,
};

const SHALLOW: Readonly<Record<string, number>> = {
	parentheses: 200,
	negations: 200,
	sums: 300,
	disjunctions: 300,
	conjunctions: 300,
	choices: 200,
	assignments: 100,
	blocks: 100,
	ifs: 60,
	'else ifs': 300,
};

describe('C', () => {
	it.each(Object.entries(WAYS))(
		'refuses %s inside each other without end',
		(_, write) => {
			// nothing is thrown: what is not understood is told
			const told = reasons(withStatement(write(20_000)));
			expect(told.length).toBeGreaterThan(0);
			for (const reason of told) expect(reason).not.toBe('');
		},
		60_000,
	);

	it.each(['parentheses', 'negations', 'sums', 'disjunctions', 'blocks', 'choices'])(
		'says why it refuses %s',
		(name) => {
			const said = reasons(withStatement(WAYS[name]?.(20_000) ?? ''));
			expect(said.some((reason) => reason.includes('nested more than 800 deep'))).toBe(true);
		},
		60_000,
	);

	it.each(Object.entries(SHALLOW))(
		'understands %s, %i of them',
		(name, n) => {
			expect(reasons(withStatement(WAYS[name]?.(n) ?? ''))).toEqual([]);
		},
		60_000,
	);
});

/** What the walk's root is said to be, and why. */
function verdictOf(text: string): string {
	const request = requestOf({ text, depth: 'core', actors: ['zap'] });
	const observer = { cancelled: () => false };
	const [root] = analyse(realEngine, request, { observer, cache: null }).functions;
	return `${root?.verdict}: ${root?.why}`;
}

describe('code that no run reaches', () => {
	const deep = nested(900, '{', 'case 1: case 0: seq = 1; break;', '}');
	it.each([
		['blocks', `if (seq & 0) ${nested(900, '{', 'seq = 1;', '}')}`, 'nested more than 800 deep'],
		['ifs', `if (seq & 0) ${nested(20_000, 'if (seq) ', 'seq = 1;', '')}`, 'nested more than 800'],
		['cases', `switch (seq & 0) { case 4096: ${deep} }`, 'nested more than 800 deep'],
		[
			'cases in what is not understood',
			'switch (seq & 0) { case 4096: if (unheard_of) { case 0: seq = 1; } }',
			'a case of this switch may stand in something that is not understood: nothing declares unheard_of',
		],
	])(
		'%s: does not hold',
		(_, statement, why) => {
			expect(verdictOf(withStatement(statement))).toMatch(/^unsupported: /);
			expect(verdictOf(withStatement(statement))).toContain(why);
		},
		60_000,
	);
});

function litmus(condition: string): string {
	return `C deep\n\n{}\n\nP0(int *x)\n{\n\tint r0 = READ_ONCE(*x);\n}\n\nexists (${condition})\n`;
}

/** What is wrong with a test, null when nothing is. */
function problemOf(text: string): string | null {
	try {
		parseLitmus(text);
		return null;
	} catch (error) {
		if (error instanceof LitmusProblem) return error.message;
		throw error;
	}
}

describe('litmus conditions', () => {
	it.each([
		['parentheses', nested(50_000, '(', '0:r0=1', ')'), 'nested more than 200 deep'],
		['negations', nested(50_000, '~', '(0:r0=1)', ''), 'nested more than 200 deep'],
		['implications', nested(50_000, '0:r0=1 => ', '0:r0=1', ''), 'nested more than 200 deep'],
		['values', `0:r0=${nested(50_000, '(', '1', ')')}`, 'nested more than 200 deep'],
		['casts', `0:r0=${nested(50_000, '(int *)', 'x', '')}`, 'nested more than 200 deep'],
		['digits', `0:r0=${'9'.repeat(50_000)}`, 'is too large a number'],
		['what is no condition', `0:r0=1 ${'x'.repeat(50_000)}`, '")" expected, found "xxx'],
	])('of %s without end are refused with a reason', (_, condition, reason) => {
		const said = problemOf(litmus(condition));
		expect(said).toContain(reason);
		expect(said?.length).toBeLessThan(450);
	});

	it('of a cast without an end end', () => {
		const text = litmus('1').replace('(1)', '0:r0=(int *');
		expect(problemOf(text)).toContain('")" expected, found the end');
	});

	it.each([
		['parentheses', nested(150, '(', '0:r0=1', ')')],
		['disjunctions', Array.from({ length: 5000 }, (_, i) => `0:r0=${i}`).join(' \\/ ')],
		['conjunctions', Array.from({ length: 5000 }, (_, i) => `0:r0!=${i}`).join(' /\\ ')],
	])('of many %s are understood', (_, condition) => {
		expect(problemOf(litmus(condition))).toBeNull();
	});
});
