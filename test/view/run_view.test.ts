/**
 * What the panel shows of a run: arrows, bands, which steps, memory, where two runs part.
 */
import { describe, expect, it } from 'vitest';
import { arrowsOf } from '../../client/view/arrows.js';
import { bandsOf, columnsOf, heldAt } from '../../client/view/bands.js';
import { firstDifference } from '../../client/view/difference.js';
import { type Filter, shownBy, touchedIn, visibleFrom } from '../../client/view/filter.js';
import { memoryAt } from '../../client/view/memory_lane.js';
import { move } from '../../client/view/motion.js';
import { lastWrite, linksOf } from '../../client/view/step_links.js';
import type { TracePanelRelation, TracePanelSpan } from '../../server/protocol.js';
import { step } from './small_run.js';

describe('what steps have to do with each other', () => {
	const steps = [
		step(0, 'read', ['pte[0]', 'a', null]),
		step(1, 'clear', ['pte[0]', 'a', 'none'], ['mm.seq', null, '1']),
		step(0, 'again', ['pte[0]', 'a', null]),
		step(1, 'set', ['pte[0]', 'none', 'b']),
	];
	// as under lkmm: the second read sees what had been overwritten by then
	const relations: readonly TracePanelRelation[] = [
		{ kind: 'rf', location: 'pte[0]', from: null, to: 0 },
		{ kind: 'rf', location: 'pte[0]', from: null, to: 1 },
		{ kind: 'fr', location: 'pte[0]', from: 0, to: 1 },
		{ kind: 'fr', location: 'pte[0]', from: 2, to: 1 },
		{ kind: 'rf', location: 'pte[0]', from: null, to: 2 },
		{ kind: 'co', location: 'pte[0]', from: 1, to: 3 },
	];

	it.each([
		[0, [['pte[0]', null]], [['pte[0]', 1]]],
		[1, [['pte[0]', null]], [['pte[0]', 3]]],
		[2, [['pte[0]', null]], [['pte[0]', 1]]],
		[3, [], []],
		[9, [], []],
	])('of step %i goes by the run, and not by what is drawn above it', (at, from, overwritten) => {
		const links = linksOf({ relations }, at);
		expect(links.from.map((l) => [l.location, l.step])).toEqual(from);
		expect(links.overwritten.map((l) => [l.location, l.step])).toEqual(overwritten);
	});

	it('is drawn for the current step, and for all of a location that is followed', () => {
		const drawn = (at: number, location: string | null) =>
			arrowsOf(relations, { step: at, location }).map(
				({ kind, from, to, current }) => `${kind} ${from}>${to}${current ? ' now' : ''}`,
			);
		expect(drawn(3, null)).toEqual(['co 1>3 now']);
		expect(drawn(0, null)).toEqual(['fr 0>1 now']);
		expect(drawn(0, 'pte[0]')).toEqual(['fr 0>1 now', 'fr 2>1', 'co 1>3']);
		expect(drawn(0, 'mm.seq')).toEqual([]);
	});

	it('a location has its initial value until a step writes it', () => {
		expect([0, 1, 2, 3].map((at) => lastWrite({ steps }, 'pte[0]', at))).toEqual([null, 1, 1, 3]);
		expect(lastWrite({ steps }, 'pmd[0]', 3)).toBeNull();
	});
});

describe('bands', () => {
	const span = (
		cpu: number,
		kind: TracePanelSpan['kind'],
		from: number | null,
		to: number | null,
	): TracePanelSpan => ({ cpu, kind, what: kind === 'reference' ? 'folio#1' : '', from, to });
	const steps = Array.from({ length: 8 }, () => step(0, ''));

	it('that overlap stand beside each other, and those of other CPUs do not matter', () => {
		const spans = [
			span(0, 'irq', 0, 6),
			span(0, 'reference', 2, 4),
			span(0, 'rcu', 5, null),
			span(1, 'lock', 1, 3),
		];
		const bands = bandsOf({ spans, steps });
		expect(bands.map(({ span: { kind }, column }) => `${kind} ${column}`)).toEqual([
			'irq 0',
			'reference 1',
			'rcu 1',
			'lock 0',
		]);
		expect([columnsOf(bands, 0), columnsOf(bands, 1), columnsOf(bands, 2)]).toEqual([2, 1, 0]);
	});

	it.each([
		[null, null, [0, 1, 2, 3]],
		[1, 2, [1]],
		[1, null, [1, 2, 3]],
		[null, 1, [0]],
	] as const)(
		'from %s to %s is held once the step that begins it is done',
		(from, to, expected) => {
			const spans = [span(0, 'irq', from, to)];
			const held = [0, 1, 2, 3].filter((at) => heldAt({ spans, steps }, at).length > 0);
			expect(held).toEqual(expected);
		},
	);

	it('a run of before has none', () => {
		expect(bandsOf({ steps })).toEqual([]);
	});
});

describe('steps that are shown', () => {
	const steps = [
		step(0, 'read', ['pte[0]', 'a', null]),
		step(1, 'clear', ['pte[0]', 'a', 'none']),
		step(1, 'the same', ['mm.seq', '1', '1']),
		step(0, 'count', ['folio#1._refcount', '1', '2']),
		{ ...step(0, 'returns'), violation: 'wrong' },
	];
	const seen = (filter: Filter) =>
		shownBy(steps, filter).flatMap((isShown, i) => (isShown ? [i] : []));

	it.each<readonly [string, Filter, readonly number[]]>([
		['all', { location: null, changes: false }, [0, 1, 2, 3, 4]],
		[
			'those of a location, and where it goes wrong',
			{ location: 'pte[0]', changes: false },
			[0, 1, 4],
		],
		['those that change something', { location: null, changes: true }, [1, 3, 4]],
		['both', { location: 'pte[0]', changes: true }, [1, 4]],
	])('are %s', (_, filter, expected) => {
		expect(seen(filter)).toEqual(expected);
	});

	it('are gone through without the others', () => {
		const shown = shownBy(steps, { location: 'pte[0]', changes: true });
		const next = (at: number) => visibleFrom(shown, at, (s) => move([0, 1, 1, 0, 0], s, 'next'));
		expect([next(1), next(4), next(0)]).toEqual([4, 4, 1]);
		const before = (at: number) =>
			visibleFrom(shown, at, (s) => move([0, 1, 1, 0, 0], s, 'previous'));
		expect([before(4), before(1)]).toEqual([1, 1]);
	});

	it('can be those of each location that is touched', () => {
		const initial = [
			{ location: 'mm.seq', value: '1' },
			{ location: 'pmd[0]', value: 'x' },
		];
		expect(touchedIn({ initial, steps })).toEqual(['mm.seq', 'pte[0]', 'folio#1._refcount']);
	});
});

describe('the memory lane', () => {
	const run = {
		initial: [{ location: 'pte[0]', value: 'a' }],
		steps: [
			step(0, 'read', ['pte[0]', 'a', null]),
			step(1, 'clear', ['pte[0]', 'a', 'none'], ['mm.seq', '0', '1']),
			step(0, 'again', ['pte[0]', 'none', null]),
		],
	};
	const shown = (at: number, location: string | null) =>
		memoryAt(run, at, location).map(
			(c) => `${c.location} ${c.before ?? ''}>${c.value} ${c.access} ${c.writer}`,
		);

	it('has what each step changes', () => {
		expect(shown(0, null)).toEqual([]);
		expect(shown(1, null)).toEqual(['pte[0] a>none wrote 1', 'mm.seq 0>1 wrote 1']);
		expect(shown(2, null)).toEqual([]);
	});

	it('follows one location from its beginning on', () => {
		expect([0, 1, 2].map((at) => shown(at, 'pte[0]'))).toEqual([
			['pte[0] >a read null'],
			['pte[0] a>none wrote 1'],
			['pte[0] >none read 1'],
		]);
	});
});

describe('two runs', () => {
	const common = [step(0, 'read', ['pte[0]', 'a', null])];
	const zap = step(1, 'clear', ['pte[0]', 'a', 'none']);
	const grab = step(0, 'grab', ['folio#1._refcount', '1', '2']);

	it.each([
		['nowhere when they are the same', [...common, zap], [...common, zap], null],
		['where another CPU goes on', [...common, zap], [...common, grab], 1],
		['where one of them is over', common, [...common, zap], 1],
		[
			'where one sees another value',
			[step(0, '', ['pte[0]', 'a', null])],
			[step(0, '', ['pte[0]', 'b', null])],
			0,
		],
		[
			'where one goes wrong',
			common,
			[{ ...step(0, 'read', ['pte[0]', 'a', null]), violation: 'x' }],
			0,
		],
	])('part %s', (_, one, other, expected) => {
		expect(firstDifference({ steps: one }, { steps: other })).toBe(expected);
		expect(firstDifference({ steps: other }, { steps: one })).toBe(expected);
	});
});
