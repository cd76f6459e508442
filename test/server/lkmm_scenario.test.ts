/**
 * A litmus test attached to a walk: the exported test of a finding says of the walk what it was exported for, and what the
 * test's comment says is taken at its word.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { simulateFunction } from '../../server/ide/simulation.js';
import { realEngine } from '../../server/worker/engine.js';
import { analysisOf, foundIn, type Given, requestOf } from '../analysis.js';
import { type Edit, edited, gup } from '../kernel_text.js';
import { kernelTree, repositoryRoot } from '../trees.js';

const folder = join(repositoryRoot, 'test/fixtures/lkmm');
const text = readFileSync(join(folder, 'pin_barrier.c'), 'utf8');
const ADD = 'page_ref_add(page, GUP_PIN_COUNTING_BIAS - 1);';
const FENCED = edited(text, [
	{ in: 'walk_ptes', find: ADD, put: `${ADD} smp_mb__after_atomic();` },
]);
const WALK = { memory: 'lkmm', path: 'pin_barrier.c' } as const;
const EXPORTED = analysisOf({ ...WALK, text }).findings[0]?.litmus ?? '';
const LOST = ['shared-anon-pin@walk_ptes'];

function replaced(find: string | RegExp, instead: string): string {
	const changed = EXPORTED.replace(find, instead);
	expect(changed).not.toBe(EXPORTED);
	return changed;
}

/** P1 of the exported test, but with the adversary's own way to say what it did. */
const CLEARING = `C shared-anon-pin

(*
 * anon page, exclusive, writable; FOLL_PIN|FOLL_WRITE
 * count: folio#8._refcount
 * entry: pte[1]
 * entry=1: pfn 8 present|write|dirty
 * mark: folio#8.PG_anon_exclusive
 *)

{
	atomic_t count = ATOMIC_INIT(1);
	int entry = 1;
	int mark = 1;
}

P0(atomic_t *count)
{
	atomic_add(1024, count);
}

P1(atomic_t *count, int *entry, int *mark)
{
	int r0;

	xchg(entry, 0);
	r0 = atomic_read(count);
	if (r0 < 1024)
		WRITE_ONCE(*mark, 0);
}

exists (mark=0)
`;

describe('the exported test', () => {
	it.each([
		['not ordered', text, LOST, 'violated'],
		['with the barrier', FENCED, [], 'holds'],
	] as const)('attached to the walk: %s', (_, walk, found, verdict) => {
		const analysis = analysisOf({ ...WALK, text: walk, scenario: EXPORTED });
		expect(foundIn(analysis)).toEqual(found);
		expect(analysis.actors).toEqual(['litmus:shared-anon-pin']);
		expect(analysis.functions.map((f) => [f.verdict, f.byActor])).toEqual([
			[verdict, [{ actor: 'litmus:shared-anon-pin', verdict }]],
		]);
	});

	it('is told with its condition, the missing order and its own thread', () => {
		const [finding] = analysisOf({ ...WALK, text, scenario: EXPORTED }).findings;
		expect(finding?.message).toContain('a page is returned');
		expect(finding?.message).toContain('test.litmus');
		expect(finding?.message).toContain('smp_mb__after_atomic() between them is enough');
		expect(finding?.trace.threads).toEqual(['walk_ptes', 'litmus:shared-anon-pin P1']);
		const steps = finding?.trace.steps.filter((step) => step.cpu === 1) ?? [];
		expect(new Set(steps.map((step) => step.frames[0].function))).toEqual(
			new Set(['litmus:shared-anon-pin P1']),
		);
		expect(finding?.scenario).toBe(
			'anon page, exclusive, writable; FOLL_PIN|FOLL_WRITE; litmus:shared-anon-pin',
		);
		expect(finding?.litmus).toBeUndefined();
	});

	it('is judged by its condition though it reads the mark', () => {
		const scenario = replaced(' * pte: ', ' * mark: folio#8.PG_anon_exclusive\n * pte: ')
			.replace('	int pte = 1;', '	int mark = 1;\n	int pte = 1;')
			.replace(/P1\((.*)\)\n\{\n/, 'P1($1, int *mark)\n{\n\tint r2;\n')
			.replace('\tr0 = xchg(pte, 0);', '\tr2 = READ_ONCE(*mark);\n\tr0 = xchg(pte, 0);');
		expect(scenario).toContain('r2 = READ_ONCE(*mark)');
		expect(foundIn(analysisOf({ ...WALK, text, scenario }))).toEqual(LOST);
		expect(foundIn(analysisOf({ ...WALK, text: FENCED, scenario }))).toEqual([]);
	});

	it('of a scenario that is none of the walk decides nothing', () => {
		const scenario = replaced('FOLL_PIN|FOLL_WRITE', 'FOLL_PURPLE');
		const [walk] = analysisOf({ ...WALK, text, scenario }).functions;
		expect(walk).toMatchObject({
			verdict: 'inconclusive',
			why: 'the scenario of test.litmus is none of this walk',
		});
	});

	it('is replayed by its id', () => {
		const given: Given = { ...WALK, text, scenario: EXPORTED };
		const [finding] = analysisOf(given).findings;
		const again = simulateFunction(
			realEngine,
			requestOf(given),
			{ function: 'walk_ptes', rule: null, trace: finding?.trace.id ?? '' },
			{ cancelled: () => false },
		);
		expect(again.trace?.steps.map((s) => s.what)).toEqual(finding?.trace.steps.map((s) => s.what));
	});
});

describe('other tests', () => {
	it.each([
		['that clear the mark, not ordered', text, CLEARING, LOST],
		['that clear the mark, with the barrier', FENCED, CLEARING, []],
		[
			'whose threads share what the walk does not know',
			text,
			CLEARING.replace('P1(', 'P1(int *flag, ')
				.replace('	xchg(entry, 0);', '	xchg(entry, 0);\n	smp_store_release(flag, 1);')
				.replace(/\tr0 = atomic_read(.|\n)*?\n}/, '}\n')
				.replace('	int r0;\n', '')
				.replace(
					'\nexists',
					`
P2(int *flag, atomic_t *count, int *mark)
{
	int r0;
	int r1;

	r0 = smp_load_acquire(flag);
	smp_mb();
	r1 = atomic_read(count);
	if (r0 == 1 && r1 < 1024)
		WRITE_ONCE(*mark, 0);
}

exists`,
				),
			LOST,
		],
		[
			'whose condition cannot be',
			text,
			CLEARING.replace(/ \* mark: .*\n/, '').replace('exists (mark=0)', 'exists (1:r0=7)'),
			[],
		],
	])('%s', (_, walk, scenario, found) => {
		const analysis = analysisOf({ ...WALK, text: walk, scenario });
		expect(foundIn(analysis)).toEqual(found);
		expect(analysis.functions.map((f) => f.verdict)).toEqual([
			found.length > 0 ? 'violated' : 'holds',
		]);
	});
});

describe('6.12', () => {
	const BARRIER: Edit = { in: 'try_grab_folio_fast', find: 'smp_mb__after_atomic();', put: '' };
	const given = (edits: readonly Edit[]): Given => ({
		path: 'mm/gup.c',
		tree: kernelTree('6.12'),
		text: edited(gup('6.12'), edits),
		memory: 'lkmm',
	});

	it('is violated by the test of its own finding without the barrier, and holds with it', () => {
		const scenario = analysisOf({ ...given([BARRIER]), actors: ['reclaim'] }).findings[0]?.litmus;
		expect(scenario).toBeDefined();
		const against = (edits: readonly Edit[]) =>
			analysisOf({ ...given(edits), ...(scenario === undefined ? {} : { scenario }) });
		expect(foundIn(against([BARRIER]))).toEqual(['shared-anon-pin@try_grab_folio_fast']);
		const ordered = against([]);
		expect(foundIn(ordered)).toEqual([]);
		const verdicts = new Map(ordered.functions.map((f) => [f.name, f.verdict]));
		expect(verdicts.get('gup_fast_pte_range')).toBe('holds');
	});
});

describe('what makes no sense is an error', () => {
	it.each([
		[
			'a location of no world',
			': pte[1]',
			': pte[77]',
			"'pte: pte[77]' names nothing in the world",
		],
		['no binding', / \* (refcount|pte): .*\n/g, '', 'binds a location'],
		['no scenario', /anon page, exclusive, writable/, 'anon page, purple', 'names a scenario'],
		['a value of no word', 'pfn 8 present', 'pfn 8 purple', 'is no value of pte[1]'],
		['another beginning', 'ATOMIC_INIT(1)', 'ATOMIC_INIT(5)', 'begins as 5'],
		['a condition about P0 alone', /exists .*/, 'exists (0:r0=1)', 'about P0 alone'],
	] as const)('%s', (_, find, instead, message) => {
		const scenario = replaced(find, instead);
		expect(() => analysisOf({ ...WALK, text, scenario })).toThrow(message);
	});
});
