/** Input that is no C, no file or far too much: no throw, no hang, and nothing of a walk lost without a word. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { problemsOf } from '../../engine/program/wellformed.js';
import { lowered } from './lower_run.js';

const head =
	'int walk(pmd_t *p, struct page **pages)\n{\n\tpte_offset_map(p, 0);\n\tfolio_try_get(page_folio(*pages));\n';
const many = (text: string, times: number): string => text.repeat(times);

/** Text, and how many roots it has. A root that cannot be read counts, and is unsupported. */
const cases: readonly (readonly [string, string, number])[] = [
	['nothing', '', 0],
	['bytes', String.fromCharCode(...Array.from({ length: 60_000 }, (_, i) => (i * 7919) % 256)), 0],
	['parentheses', many('(', 500_000), 0],
	['braces', many('{', 500_000), 0],
	['one word', many('a', 2_000_000), 0],
	['conditionals that never end', many('#if 1\n', 50_000), 0],
	['quotes', many('"', 200_000), 0],
	['comments that never end', many('/*', 200_000), 0],
	['attributes that never end', many('__attribute__(', 50_000), 0],
	['many functions', many('int f(void)\n{\n}\n', 20_000), 0],
	['deep blocks', `${head}${many('{', 20_000)}${many('}', 20_000)}\n}\n`, 1],
	['a deep expression', `${head}\treturn ${many('(', 20_000)}1${many(')', 20_000)};\n}\n`, 1],
	['a long sum', `${head}\treturn ${many('p + ', 50_000)}1;\n}\n`, 1],
	['nested conditionals', `${head}\treturn ${many('p ? 1 : ', 300)}1;\n}\n`, 1],
	[
		'macros that multiply',
		`#define A0(x) x\n${Array.from({ length: 40 }, (_, i) => `#define A${i + 1}(x) A${i}(x) + A${i}(x)\n`).join('')}${head}\treturn A40(1);\n}\n`,
		1,
	],
	[
		'macros in a circle',
		`#define A B\n#define B A\n#define F(x) G(x)\n#define G(x) F(x)\n${head}\treturn A + F(1);\n}\n`,
		1,
	],
	['typedefs in a circle', `typedef a b;\ntypedef b a;\n${head}\ta x = 1;\n\treturn x;\n}\n`, 1],
	['a struct in itself', `struct a { struct a x; };\n${head}\treturn ((struct a *)p)->y;\n}\n`, 1],
	['the same function many times', many(`${head}\treturn 0;\n}\n`, 500), 1],
	['a function cut off', head, 1],
	['typeof that never ends', `${head}${many('typeof(', 20_000)}`, 1],
];

describe('bad input', () => {
	it.each(cases)('%s', (_, c, roots) => {
		const { program, walks } = lowered({ c, also: [] });
		expect(problemsOf(program)).toEqual([]);
		expect(walks.length).toBe(roots);
	});
	it('a good file cut anywhere keeps its root once it has a name', () => {
		const c = `${head}\tif (pages) {\n\t\treturn 1;\n\t}\n\treturn READ_ONCE(*pages) != NULL;\n}\n`;
		fc.assert(
			fc.property(fc.integer({ min: c.indexOf('folio_try_get') + 14, max: c.length }), (at) => {
				const { program, walks } = lowered({ c: c.slice(0, at), also: [] });
				expect(walks.length).toBe(1);
				if (at < c.length - 1) expect(program.unsupported.length).toBeGreaterThan(0);
				else expect(program.unsupported).toEqual([]);
			}),
		);
	});
	it('an adversary that cannot be read is there, and unsupported', () => {
		const { program } = lowered({ c: '', actors: 'void actor_x(void)\n{\n\tif (1) {\n' });
		expect(program.functions.map((f) => [f.name, f.ops[0]?.kind])).toEqual([
			['actor_x', 'unsupported'],
		]);
	});
});
