/**
 * Walks under LKMM, from C to the litmus test that is handed out: what orders the pin with the re-check and what does not,
 * and that the test says the same when it is read back.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { analyse } from '../../server/ide/analysis/analyse.js';
import { codeActions } from '../../server/ide/code_actions.js';
import { searchFix } from '../../server/ide/quick_fix/fix_search.js';
import { applyChanges } from '../../server/ide/quick_fix/text_change.js';
import { simulateFunction } from '../../server/ide/simulation.js';
import { DEFAULT_LITMUS_OPTIONS, runText } from '../../server/litmus/run.js';
import { realEngine } from '../../server/worker/engine.js';
import { analysisOf, foundIn, type Given, requestOf } from '../analysis.js';
import { type Edit, edited, gup } from '../kernel_text.js';
import { kernelTree, repositoryRoot } from '../trees.js';

const folder = join(repositoryRoot, 'test/fixtures/lkmm');
const text = readFileSync(join(folder, 'pin_barrier.c'), 'utf8');
const LARGE = readFileSync(join(folder, 'large_pin.c'), 'utf8');
const ADD_LARGE = 'atomic_add(1, &folio->_pincount);';
const ADD = 'page_ref_add(page, GUP_PIN_COUNTING_BIAS - 1);';
const FAST = { memory: 'lkmm', path: 'pin_barrier.c', actors: ['reclaim', 'ksm'] } as const;

function put(find: string, instead: string): Given {
	return { ...FAST, text: edited(text, [{ in: 'walk_ptes', find, put: instead }]) };
}

function large(find: string, instead: string): Given {
	return { ...FAST, text: edited(LARGE, [{ in: 'walk_ptes', find, put: instead }]) };
}

/** What herd7 would say of a test. */
function observed(litmus: string): string | null {
	return runText('test.litmus', litmus, DEFAULT_LITMUS_OPTIONS).report.verdict;
}

describe('the pin and the re-check', () => {
	const lost = ['shared-anon-pin@walk_ptes'];
	const cases: readonly (readonly [string, Given, readonly string[]])[] = [
		['not ordered', { ...FAST, text }, lost],
		['not ordered, under sc', { text }, []],
		['the mark read before the entry', { ...put('smp_rmb();', ''), actors: ['ksm'] }, lost],
		['smp_mb__after_atomic()', put(ADD, `${ADD} smp_mb__after_atomic();`), []],
		['smp_mb()', put(ADD, `${ADD} smp_mb();`), []],
		['smp_mb() too early', put(ADD, `smp_mb(); ${ADD}`), lost],
		['smp_rmb()', put(ADD, `${ADD} smp_rmb();`), lost],
		['smp_wmb()', put(ADD, `${ADD} smp_wmb();`), lost],
		['barrier()', put(ADD, `${ADD} barrier();`), lost],
		[
			'a pin that is a fully ordered atomic',
			put(ADD, 'atomic_add_return(GUP_PIN_COUNTING_BIAS - 1, &page->_refcount);'),
			[],
		],
		['an acquire of the re-check', put('ptep_get(ptep)', 'smp_load_acquire(ptep)'), lost],
		['ordered for small folios only', { ...FAST, text: LARGE }, lost],
		['ordered for both', large(ADD_LARGE, `${ADD_LARGE} smp_mb__after_atomic();`), []],
		['smp_wmb() behind the pin of a large one', large(ADD_LARGE, `${ADD_LARGE} smp_wmb();`), lost],
		[
			'no re-check',
			put(' || pte_val(pte) != pte_val(ptep_get(ptep))', ''),
			['stale-pin@walk_ptes'],
		],
	];
	it.each(cases)('%s', (_, given, expected) => {
		const analysis = analysisOf(given);
		expect(foundIn(analysis)).toEqual(expected);
		const walk = analysis.functions.find(({ name }) => name === 'walk_ptes');
		expect(walk?.verdict).toBe(expected.length === 0 ? 'holds' : 'violated');
	});

	it('without an order against ksm, which looks at the whole count, nothing is found and nothing is said to hold', () => {
		// a pin that is not ordered with the re-check: whether it came too late for the entry depends on who looks
		const [walk] = analysisOf({ ...FAST, text, actors: ['ksm'] }).functions;
		expect(walk).toMatchObject({
			verdict: 'inconclusive',
			why: expect.stringContaining('an execution that no interleaving gives may break stale-pin'),
		});
	});

	it('says which adversary does what, and what is left to sc', () => {
		const [zapped] = analysisOf({ ...put(ADD, `${ADD} smp_mb();`), actors: ['zap'] }).functions;
		expect(zapped?.verdict).toBe('holds');
		const [all] = analysisOf(put(ADD, `${ADD} smp_mb();`)).functions;
		expect(all?.byActor).toEqual([
			{ actor: 'reclaim', verdict: 'holds' },
			{ actor: 'ksm', verdict: 'holds' },
		]);
		const assumed = all?.assumptions.map((a) => a.what).join() ?? '';
		expect(assumed).toContain('under sc only: several adversaries at once');
		expect(assumed).toContain('tools/memory-model (6.12; no tree says which)');
	});
});

describe('cut short', () => {
	it.each([0, 1, 2, 5, 20, 60, 200])(
		'after %i questions says nothing that is not so',
		(questions) => {
			let asked = 0;
			let isExploring = false;
			const observer = {
				enter: (phase: string) => {
					isExploring = phase === 'exploring';
				},
				cancelled: () => isExploring && asked++ >= questions,
			};
			const given = put(ADD, `${ADD} smp_mb();`);
			const analysis = analyse(realEngine, requestOf(given), { observer, cache: null });
			expect(foundIn(analysis)).toEqual([]);
			expect(analysis.functions.map((f) => f.verdict)).toEqual(['inconclusive']);
		},
	);
});

describe('the finding', () => {
	const [finding] = analysisOf({ ...FAST, text }).findings;

	it('names the pair, the order that is enough, and the adversary', () => {
		const line = (part: string): number => text.split('\n').findIndex((l) => l.includes(part)) + 1;
		expect(finding?.memory).toBe('lkmm');
		expect(finding?.place.line).toBe(line(ADD));
		expect(finding?.message).toContain('smp_mb__after_atomic() between them is enough');
		expect(finding?.related[0]?.place.line).toBe(line('ptep_get(ptep)'));
		const cited = finding?.related.slice(1).map((r) => r.place.path);
		expect(new Set(cited).size).toBe(1);
		expect(cited?.length).toBe(2);
	});

	it('says which architectures do it', () => {
		// the pin is a locked instruction on x86 and an atomic without order elsewhere
		expect(finding?.message).toMatch(
			/ \(on arm64, powerpc and riscv; x86 keeps the order by itself\)$/,
		);
	});

	it('is mended by the weakest barrier, which is put in and explored', () => {
		if (finding === undefined) return expect.unreachable();
		expect(finding.barrier).toBe('smp_mb__after_atomic()');
		const request = requestOf({ ...FAST, text });
		const context = { observer: { cancelled: () => false }, cache: null };
		const known = [{ rule: finding.rule, function: finding.function }];
		const outcome = searchFix(realEngine, request, { kind: 'barrier', finding, known }, context);
		if (outcome.kind !== 'verified') return expect.unreachable(outcome.kind);
		const mended = applyChanges(text, outcome.changes);
		expect(mended).toMatch(/page_ref_add\(.*\);\n\t+smp_mb__after_atomic\(\);\n/);
		expect(foundIn(analysisOf({ ...FAST, text: mended }))).toEqual([]);
		const actions = codeActions(
			analysisOf({ ...FAST, text }),
			{ from: finding.place.line, to: finding.place.line },
			() => '',
		);
		expect(actions[0]).toMatchObject({ kind: 'fix', title: 'Insert smp_mb__after_atomic();' });
	});

	it('names the weakest order of two reads', () => {
		const [reads] = analysisOf({ ...put('smp_rmb();', ''), actors: ['ksm'] }).findings;
		expect(reads?.message).toContain('smp_rmb() between them is enough');
		expect(reads?.message).toMatch(/the read of pte.* before the read of .*PG_anon_exclusive/);
	});

	it('is told in steps in which the re-check sees what has been overwritten', () => {
		const steps = finding?.trace.steps ?? [];
		const stale = steps.filter((s) =>
			s.effects.some((e) => e.read?.includes('already overwritten')),
		);
		expect(stale.map((s) => [s.cpu, s.effects[0]?.location])).toContainEqual([0, 'pte[1]']);
		expect(steps.at(-1)?.violation).toBe(finding?.message);
	});

	it('is replayed by its id, and a witness by its', () => {
		const fixed = put(ADD, `${ADD} smp_mb();`);
		const witness = analysisOf(fixed).functions[0]?.witness ?? null;
		const simulate = (given: Given, trace: string | null) =>
			simulateFunction(
				realEngine,
				requestOf(given),
				{ function: 'walk_ptes', rule: null, trace },
				{ cancelled: () => false },
			);
		const again = simulate({ ...FAST, text }, finding?.trace.id ?? '');
		expect(again.trace?.steps.map((s) => s.what)).toEqual(finding?.trace.steps.map((s) => s.what));
		expect(witness).not.toBeNull();
		expect(simulate(fixed, null)).toMatchObject({
			finding: null,
			trace: { threads: ['walk_ptes', expect.any(String)] },
		});
		expect(simulate(fixed, '0.0.reclaim:lkmm.99999.0')).toMatchObject({ trace: null });
	});

	it('hands out a litmus test that flips when the order returns', async () => {
		const litmus = finding?.litmus ?? '';
		await expect(litmus).toMatchFileSnapshot(join(folder, 'pin_barrier.litmus'));
		expect(observed(litmus)).toBe('Sometimes');
		const ordered = litmus.replace(/\/\/ forbidden with: (.*)/, '$1;');
		expect(ordered).not.toBe(litmus);
		expect(observed(ordered)).toBe('Never');
	});
});

describe('the drawing', () => {
	const line = (part: string): number => text.split('\n').findIndex((l) => l.includes(part)) + 1;
	/** The label of the drawn event that the pattern describes. */
	const label = (dot: string, event: RegExp): string =>
		dot.split('\n').flatMap((l) => (event.test(l) ? [l.trim().split(' ')[0] ?? ''] : []))[0] ?? '?';

	it('has a cluster per CPU, both accesses with their lines, and the missing order between them', () => {
		const dot = analysisOf({ ...FAST, text }).findings[0]?.drawing ?? '';
		expect(dot).toMatch(/^digraph "shared-anon-pin" \{/);
		expect(dot).toContain('label="CPU 0: walk_ptes"');
		expect(dot).toContain('label="CPU 1: reclaim"');
		const pin = label(dot, new RegExp(`W\\[.*_refcount = .*1 pin.* \\(${line(ADD)}\\)"`));
		const recheck = label(dot, new RegExp(`R\\[once\\] pte.* \\(${line('ptep_get(ptep)')}\\)"`));
		const clear = label(dot, /W\[mb,rmw\] pte\[1\] = none \(mm\/rmap.c/);
		const missing = dot.split('\n').filter((l) => l.includes('style=dashed, constraint'));
		expect(missing).toHaveLength(1);
		expect(missing[0]).toContain(`${pin} -> ${recheck} [label="missing: smp_mb__after_atomic()"`);
		expect(dot).toContain(`${recheck} -> ${clear} [label="fre"`);
		expect(dot).toMatch(/-> \w+ \[label="rfe"/);
		expect(dot).toMatch(/-> \w+ \[label="coe"/);
	});

	it('is none where no memory order is needed: the run is an interleaving', () => {
		const found = put(' || pte_val(pte) != pte_val(ptep_get(ptep))', '');
		const [finding] = analysisOf(found).findings;
		expect([finding?.rule, finding?.memory, finding?.drawing]).toEqual([
			'stale-pin',
			'sc',
			undefined,
		]);
	});
});

describe('6.12', () => {
	const tree = kernelTree('6.12');
	const BARRIER: Edit = { in: 'try_grab_folio_fast', find: 'smp_mb__after_atomic();', put: '' };
	const given = (edits: readonly Edit[]): Given => ({
		path: 'mm/gup.c',
		tree,
		text: edited(gup('6.12'), edits),
		actors: ['reclaim'],
		memory: 'lkmm',
	});

	it('holds as it is', () => {
		const analysis = analysisOf(given([]));
		expect(foundIn(analysis)).toEqual([]);
		const verdicts = new Map(analysis.functions.map((f) => [f.name, f.verdict]));
		for (const name of ['gup_fast', 'gup_fast_pte_range', 'try_grab_folio_fast'])
			expect([name, verdicts.get(name)]).toEqual([name, 'holds']);
	});

	it('without the barrier between pin and re-check loses the pin, under lkmm only', () => {
		const analysis = analysisOf(given([BARRIER]));
		expect(foundIn(analysis)).toEqual(['shared-anon-pin@try_grab_folio_fast']);
		const litmus = analysis.findings[0]?.litmus ?? '';
		expect(observed(litmus)).toBe('Sometimes');
		expect(observed(litmus.replace(/\/\/ forbidden with: (.*)/, '$1;'))).toBe('Never');
		expect(foundIn(analysisOf({ ...given([BARRIER]), memory: 'sc' }))).toEqual([]);
	});
});
