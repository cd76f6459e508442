/**
 * Traces and drawings of small runs: what is told, what is folded, what is left out.
 */
import { describe, expect, test } from 'vitest';
import { parsePath } from '../../engine/explore/path.js';
import { reduced } from '../../engine/explore/reduced.js';
import { shortest } from '../../engine/explore/shortest.js';
import { diagram } from '../../engine/trace/diagram.js';
import { type Labels, narrate } from '../../engine/trace/narrate.js';
import { relationsInOrder } from '../../engine/trace/relations.js';
import type { Trace } from '../../engine/trace/trace.js';
import {
	branch,
	cell,
	cellAddress,
	lit,
	reg,
	type SmallFunction,
	type SmallWorld,
	smallMachine,
	smallProgram,
} from './small_program.js';

const NAMES = ['pte[0]', 'folio#1._refcount', 'folio#1.mapping'];
const labels: Labels = {
	locations: NAMES.map((_, i) => cellAddress(i)),
	location: (address) => NAMES[NAMES.findIndex((_, i) => cellAddress(i) === address)] ?? null,
	value: (address, word) => (address === cellAddress(0) && word === 0 ? 'none' : String(word)),
	intrinsic: (name) => (name === 'flush' ? 'flushes the TLB' : null),
	lock: (name) =>
		name === 'flush'
			? { what: 'ptl', delta: 1 }
			: name === 'note'
				? { what: 'ptl', delta: -1 }
				: null,
	references: [{ address: cellAddress(1), what: 'folio#1' }],
};

/** A walk that reads an entry twice around a reference, through a primitive; a zap beside it. */
const walk: SmallFunction = {
	registers: 3,
	ops: [
		{ kind: 'section', dst: null, section: 'irq', delta: 1 },
		{ kind: 'load', dst: 0, address: cell(0), order: 'once' },
		{ kind: 'call', dst: 1, callee: 1, arguments: [lit(1)] },
		{ kind: 'load', dst: 2, address: cell(2), order: 'plain' },
		{ kind: 'use', dst: 2, from: 2 },
		{ kind: 'section', dst: null, section: 'irq', delta: -1 },
		branch(reg(2), 8, 7),
		{ kind: 'bug', severity: 'bug', what: 'no mapping' },
		{ kind: 'return', value: null },
	],
};
const tryGet: SmallFunction = {
	parameters: 1,
	registers: 2,
	origin: 'primitive',
	ops: [
		{
			kind: 'rmw',
			dst: 1,
			address: cell(1),
			operator: 'add-unless',
			operand: reg(0),
			expected: lit(0),
			order: 'full',
			returns: 'success',
		},
		{ kind: 'return', value: reg(1) },
	],
};
const zap: SmallFunction = {
	registers: 1,
	origin: 'actor',
	ops: [
		{ kind: 'store', address: cell(0), value: lit(0), order: 'once' },
		{ kind: 'intrinsic', dst: null, name: 'flush', arguments: [] },
		{ kind: 'intrinsic', dst: null, name: 'note', arguments: [] },
		{ kind: 'store', address: cell(2), value: lit(0), order: 'once' },
		{ kind: 'return', value: null },
	],
};
const functions = [walk, tryGet, zap];
const world: SmallWorld = {
	functions,
	entries: [0, 2],
	cells: [3, 1, 9],
	intrinsics: new Map([
		['flush', () => 0],
		['note', () => 0],
	]),
	onEvent: (event, view) => {
		if (event.kind === 'bug') view.report('BUG');
	},
};

interface Expected {
	readonly path: string;
	readonly told: readonly string[];
	readonly drawn: readonly string[];
	readonly relations: readonly string[];
	readonly spans: readonly string[];
}

function told(trace: Trace): readonly string[] {
	return trace.steps.map((s) => {
		const effects = s.effects.map((e) => `${e.location}:${e.read ?? ''}>${e.wrote ?? ''}`);
		const frames = s.frames.map((f) => `${f.function}@${f.site}`);
		const end = s.violation === null ? '' : ` !${s.violation}`;
		return `${s.cpu} ${s.what} [${effects.join(' ')}] ${frames.join('<')}${end}`;
	});
}

const cases: readonly (readonly [string, Expected])[] = [
	[
		'the walk alone',
		{
			path: '0*7',
			told: [
				'0 interrupts off [] f0@0',
				'0 read pte[0] [pte[0]:3>] f0@1',
				'0 folio#1._refcount 1 → 2 [folio#1._refcount:1>2] f0@2',
				'0 read folio#1.mapping [folio#1.mapping:9>] f0@3',
				'0 interrupts on [] f0@5 !message',
			],
			drawn: [
				'CPU 0 (t0)                      CPU 1 (t1)',
				'==========                      ==========',
				'f0()',
				'  line 0',
				'  line 1',
				'  line 2',
				'  line 3',
				'  line 5',
				'*** message',
			],
			relations: [
				'rf pte[0] start>1',
				'rf folio#1._refcount start>2',
				'rf folio#1.mapping start>3',
			],
			spans: ['0 reference folio#1 start..end', '0 irq  0..4'],
		},
	],
	[
		'zap between load and use',
		{
			path: '0*5,1*5,0.1,0',
			told: [
				'0 interrupts off [] f0@0',
				'0 read pte[0] [pte[0]:3>] f0@1',
				'0 folio#1._refcount 1 → 2 [folio#1._refcount:1>2] f0@2',
				'0 read folio#1.mapping [folio#1.mapping:9>] f0@3',
				'1 pte[0] 3 → none [pte[0]:>none] f2@11',
				'1 flushes the TLB [] f2@12',
				'1 folio#1.mapping 9 → 0 [folio#1.mapping:>0] f2@14',
				'0 read folio#1.mapping again (plain: the compiler may) [folio#1.mapping:0>] f0@4',
				'0 BUG: no mapping [] f0@7 !message',
			],
			drawn: [
				'CPU 0 (t0)                      CPU 1 (t1)',
				'==========                      ==========',
				'f0()',
				'  line 0',
				'  line 1',
				'  line 2',
				'  line 3',
				'                                f2()',
				'                                  line 11',
				'                                  line 12',
				'                                  line 14',
				'  line 4',
				'  line 7',
				'*** message',
			],
			relations: [
				'rf pte[0] start>1',
				'rf folio#1._refcount start>2',
				'rf folio#1.mapping start>3',
				'fr pte[0] 1>4',
				'fr folio#1.mapping 3>6',
				'rf folio#1.mapping 6>7',
			],
			// the lock is given back by an op that is not told: its end shows at the next step
			spans: ['0 reference folio#1 start..end', '0 irq  0..8', '1 lock ptl 5..6'],
		},
	],
];

function check(expected: Expected): void {
	const machine = smallMachine(world);
	const path = parsePath(expected.path);
	const program = smallProgram(functions);
	const options = { program, labels, scenario: 'small', violation: 'message' };
	const trace = path === null ? null : narrate(machine, path, options);
	expect(trace === null ? null : told(trace)).toEqual(expected.told);
	if (trace === null) return;
	expect(
		trace.relations.map((r) => `${r.kind} ${r.location} ${r.from ?? 'start'}>${r.to}`),
	).toEqual(expected.relations);
	expect(
		trace.spans.map((s) => `${s.cpu} ${s.kind} ${s.what} ${s.from ?? 'start'}..${s.to ?? 'end'}`),
	).toEqual(expected.spans);
	expect(trace.id).toBe(`small:${expected.path}`);
	expect(trace.initial.map((x) => `${x.location}=${x.value}`)).toEqual([
		'pte[0]=3',
		'folio#1._refcount=1',
		'folio#1.mapping=9',
	]);
	const text = (site: number): string => `line   ${site}`;
	expect(diagram(trace, { text, width: 62 }).trimEnd().split('\n')).toEqual(expected.drawn);
	expect(narrate(machine, path ?? [], options)).toEqual(trace);
}

describe('relations of an interleaving', () => {
	const effect = (location: string, read: string | null, wrote: string | null) => ({
		effects: [{ location, read, wrote }],
	});
	test.each<readonly [string, Parameters<typeof relationsInOrder>[0], readonly string[]]>([
		[
			'a read-modify-write that failed overwrites nothing',
			[effect('c', '0', null)],
			['rf start>0'],
		],
		[
			'a read-modify-write reads from the write before it and follows it',
			[effect('c', null, '1'), effect('c', '1', '2')],
			['rf 0>1', 'co 0>1'],
		],
		[
			'every reader of a value is overwritten by the next write alone',
			[
				effect('c', '0', null),
				effect('c', '0', null),
				effect('c', null, '1'),
				effect('c', null, '2'),
			],
			['rf start>0', 'rf start>1', 'fr 0>2', 'fr 1>2', 'co 2>3'],
		],
		[
			'other locations have nothing to do with it',
			[effect('a', null, '1'), effect('b', '0', null)],
			['rf start>1'],
		],
	])('%s', (_, steps, expected) => {
		const found = relationsInOrder(steps).map((r) => `${r.kind} ${r.from ?? 'start'}>${r.to}`);
		expect(found).toEqual(expected);
	});
});

describe('traces', () => {
	test.each(cases)('%s', (_name, expected) => check(expected));

	test('the shortest run goes over once and back once', () => {
		const machine = smallMachine(world);
		expect(reduced(machine, { statesMax: 1000 }).violations.map((v) => v.key)).toEqual(['BUG']);
		const path = shortest(machine, { key: 'BUG', nodesMax: 1000 });
		expect(path?.at(-1)?.thread).toBe(0);
		expect(
			narrate(machine, parsePath('0,7') ?? [], {
				program: smallProgram(functions),
				labels,
				scenario: '',
				violation: null,
			}),
		).toBeNull();
	});

	test('a brief drawing leaves out reads that nobody races with', () => {
		const machine = smallMachine(world);
		const trace = narrate(machine, parsePath('0*5,1*5,0.1,0') ?? [], {
			program: smallProgram(functions),
			labels,
			scenario: 'small',
			violation: 'message',
		});
		const quiet = parsePath('0*7');
		const alone = narrate(machine, quiet ?? [], {
			program: smallProgram(functions),
			labels,
			scenario: 'small',
			violation: null,
		});
		const text = (site: number): string => `line ${site}`;
		const drawn = (t: typeof trace): string[] =>
			t === null ? [] : diagram(t, { text, width: 62, brief: true }).split('\n').slice(2);
		// Both entry and mapping are written by the other CPU: every read of them stays.
		expect(
			drawn(trace)
				.filter((l) => l.includes('line'))
				.map((l) => l.trim()),
		).toEqual([0, 1, 2, 3, 11, 12, 14, 4, 7].map((n) => `line ${n}`));
		expect(drawn(alone)).toEqual(['f0()', '  line 0', '  line 2', '  line 5', '']);
	});

	test('drawings keep to their width', () => {
		const machine = smallMachine(world);
		const program = smallProgram(functions);
		const trace = narrate(machine, parsePath('0*5,1*5,0.1,0') ?? [], {
			program,
			labels,
			scenario: 'small',
			violation: `a very long message ${'with words '.repeat(20)}`,
		});
		const text = (site: number): string =>
			site % 2 === 0
				? 'x'.repeat(200)
				: `if (unlikely(pte_val(pte) != pte_val(ptep_get(ptep)))) goto out${site};`;
		const drawn = trace === null ? '' : diagram(trace, { text, width: 80 });
		for (const line of drawn.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
		expect(drawn).toContain('pte_val(pte)');
	});
});
