/**
 * What the trace panel computes before it shows anything: motions, the world at a step, searching, its page's policy.
 */
import { describe, expect, it } from 'vitest';
import { panelPage } from '../../client/panel_page.js';
import { RunHistory } from '../../client/run_history.js';
import { badgeOf } from '../../client/view/badge.js';
import { type PanelRun, type Standing, standingAfter } from '../../client/view/message.js';
import { type Motion, motionOfKey, move, openingStep, switches } from '../../client/view/motion.js';
import { neighbourName } from '../../client/view/toolbar.js';
import { setWords, t } from '../../client/view/words.js';
import { matches, worldAt } from '../../client/view/world_state.js';
import type { TracePanelContent } from '../../server/protocol.js';
import { step } from './small_run.js';

describe('view and host', () => {
	type Word = Standing;
	/** Moves of the reader in the view (`v`) and by commands (`h`), words that arrive at the host (`V`) and at the view (`H`). */
	const play = (order: string): readonly [Word, Word] => {
		const start: Word = { step: 0, showing: 1, moves: 0 };
		let [view, host] = [start, start];
		const toHost: Word[] = [];
		const toView: Word[] = [start];
		let step = 0;
		for (const event of order) {
			step += 1;
			if (event === 'v') {
				view = { ...view, step, moves: view.moves + 1 };
				toHost.push(view);
			} else if (event === 'h') {
				host = { ...host, step };
				toView.push(host);
			} else if (event === 'V') {
				host = toHost.shift() ?? host;
			} else {
				view = standingAfter(view, toView.shift() ?? view);
			}
		}
		for (const word of toHost) host = word;
		for (const word of toView) view = standingAfter(view, word);
		return [view, host];
	};
	const orders = (length: number): readonly string[] =>
		length === 0 ? [''] : orders(length - 1).flatMap((o) => ['v', 'h', 'V', 'H'].map((e) => o + e));

	it('come to stand at the same step, however their words cross', () => {
		const apart = orders(6).filter((order) => {
			const [view, host] = play(order);
			return view.step !== host.step;
		});
		expect(apart).toEqual([]);
	});

	it('jump back to no step that the reader has left', () => {
		// the page asks for its run again while a key is pressed
		expect(play('vHV')[0].step).toBe(1);
	});

	it('go to the start of what is shown anew', () => {
		const moved: Word = { step: 7, showing: 1, moves: 3 };
		const told: Word = { step: 0, showing: 2, moves: 0 };
		expect(standingAfter(moved, told)).toEqual(told);
	});
});

describe('motion', () => {
	const cpus = [0, 0, 1, 1, 0];

	it.each<readonly [Motion, number, number]>([
		['next', 0, 1],
		['next', 4, 4],
		['previous', 4, 3],
		['previous', 0, 0],
		['first', 3, 0],
		['last', 1, 4],
		['nextSwitch', 0, 2],
		['nextSwitch', 2, 4],
		['nextSwitch', 4, 4],
		['previousSwitch', 4, 2],
		['previousSwitch', 3, 2],
		['previousSwitch', 1, 0],
		['previousSwitch', 0, 0],
	])('%s from %i leads to %i', (motion, from, to) => {
		expect(move(cpus, from, motion)).toBe(to);
	});

	it.each<Motion>(['next', 'previous', 'first', 'last', 'nextSwitch', 'previousSwitch'])(
		'%s stays in a run without steps',
		(motion) => expect(move([], 0, motion)).toBe(0),
	);

	it('counts the first step as a switch', () => {
		expect(switches(cpus)).toEqual([0, 2, 4]);
	});

	it.each([
		['j', 'next'],
		['ArrowUp', 'previous'],
		['End', 'last'],
		['p', 'previousSwitch'],
		['x', null],
	] as const)('key %s is %s', (key, motion) => {
		expect(motionOfKey(key)).toBe(motion);
	});
});

describe('a run is opened', () => {
	const steps = (text: string) =>
		[...text].map((letter) => ({
			cpu: letter.toLowerCase() === 'a' ? 0 : 1,
			changes: letter === letter.toUpperCase(),
		}));
	it.each([
		['where the other CPU begins to change something', 'aaabBa', 3],
		['not where it only looks', 'aabaabBa', 5],
		['not where the walk goes on', 'abAAb', 0],
		['at its beginning where nobody changes anything', 'aabb', 0],
		['at its beginning where it has no steps', '', 0],
	])('%s', (_, text, expected) => {
		expect(openingStep(steps(text))).toBe(expected);
	});
});

describe('the world at a step', () => {
	const run = {
		initial: [
			{ location: 'pte[0]', value: 'frame 3' },
			{ location: 'mm.flags', value: '0' },
		],
		steps: [
			step(0, 'pte_t pte = ptep_get_lockless(ptep);', ['pte[0]', 'frame 3', null]),
			step(1, 'clear', ['pte[0]', 'frame 3', 'none'], ['folio#0._refcount', '1', '0']),
			step(0, 'publish', ['pages[0]', null, '&page#3']),
		],
	};
	const shown = (at: number) =>
		worldAt(run, at).map((s) => {
			const change = s.before === null ? '' : `${s.before} → `;
			const by = s.writer === null ? '' : ` by ${s.writer}`;
			return `${s.location} = ${change}${s.value}${by}${s.access === null ? '' : ` ${s.access}`}`;
		});

	it.each([
		[0, ['pte[0] = frame 3 read', 'mm.flags = 0', 'folio#0._refcount = 1', 'pages[0] = null']],
		[
			1,
			[
				'pte[0] = frame 3 → none by 1 wrote',
				'mm.flags = 0',
				'folio#0._refcount = 1 → 0 by 1 wrote',
				'pages[0] = null',
			],
		],
		[
			2,
			[
				'pte[0] = none by 1',
				'mm.flags = 0',
				'folio#0._refcount = 0 by 1',
				'pages[0] = &page#3 by 0 wrote',
			],
		],
	])('is right at step %i', (at, expected) => {
		expect(shown(at)).toEqual(expected);
	});

	it('tells touched locations from the rest', () => {
		expect(
			worldAt(run, 0)
				.filter((s) => !s.touched)
				.map((s) => s.location),
		).toEqual(['mm.flags']);
	});

	it('does not call a write of the same value a change', () => {
		const same = { initial: run.initial, steps: [step(0, '', ['mm.flags', '0', '0'])] };
		expect(worldAt(same, 0).find((s) => s.location === 'mm.flags')).toMatchObject({
			before: null,
			access: 'wrote',
		});
	});

	it.each([
		['PTE', [0, 1]],
		['_refcount', [1]],
		['zap', [1]],
		['  ', []],
		['no such word', []],
	] as const)('finds %s', (words, expected) => {
		expect(matches(run, words)).toEqual(expected);
	});
});

describe('the page', () => {
	const page = panelPage({ script: 'vscode:/view.js', style: 'vscode:/view.css' });
	const nonce = /nonce-([\w-]+)/.exec(page)?.[1] ?? '';

	it('lets in nothing but its own script and style', () => {
		expect(/content="([^"]*)"/.exec(page)?.[1]).toBe(
			`default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'`,
		);
		expect(nonce.length).toBeGreaterThanOrEqual(20);
		expect([...page.matchAll(/<(?:script|link|style)\b[^>]*>/g)].map(([tag]) => tag)).toEqual([
			`<link rel="stylesheet" nonce="${nonce}" href="vscode:/view.css">`,
			`<script nonce="${nonce}" src="vscode:/view.js">`,
		]);
		expect(page).not.toMatch(/ on\w+=|style=/);
	});

	it('has a new nonce each time', () => {
		expect(panelPage({ script: '', style: '' })).not.toContain(nonce);
	});
});

describe('what is said of a run', () => {
	const finding = { rule: 'stale-pin', message: 'm' };
	const guard = { place: step(0, '').place, trace: 't' };

	it('is never taken for a finding where something was taken away', () => {
		expect(badgeOf({ finding, verdict: 'violated' })).toEqual({
			text: 'stale-pin',
			kind: 'broken',
		});
		expect(badgeOf({ finding, verdict: 'violated', supposed: 'without line 3' })).toEqual({
			text: 'what if: stale-pin',
			kind: 'supposed',
		});
		expect(badgeOf({ finding: null, verdict: 'holds', supposed: 'x' }).kind).toBe('supposed');
	});

	it.each([
		['of a finding, the nearest run that breaks no rule', { finding }, true],
		[
			'of a run that a guard saved, the run without it',
			{ finding: null, saved: { text: '', guard } },
			true,
		],
		['of a run that nothing saved, none', { finding: null, saved: { text: '' } }, false],
		['of a claim, none', { finding, claim: 'false' as const }, false],
		['of a what-if, none', { finding, supposed: 'x' }, false],
	])('and has a neighbour: %s', (_, content, expected) => {
		expect(neighbourName(content) !== null).toBe(expected);
	});
});

describe('the session', () => {
	const run = (showing: number, id: string, more: Partial<TracePanelContent> = {}): PanelRun => ({
		params: { uri: 'file:///a.c', function: 'f', actor: null, trace: null },
		content: {
			...{ id, uri: 'file:///a.c', title: id, finding: null, verdict: null, scenario: '' },
			...{ threads: [], steps: [], initial: [], twoColumn: '', ...more },
		},
		step: 0,
		showing,
		moves: 0,
	});
	const keys = (history: RunHistory) =>
		history.entries(({ content }) => content.id).map((e) => `${e.key} ${e.label}`);

	it('has each run once, the newest last, and no more than twenty', () => {
		const history = new RunHistory();
		for (const [i, id] of ['a', 'b', 'a'].entries()) history.add(run(i, id));
		expect(keys(history)).toEqual(['1 b', '2 a']);
		history.add(run(3, 'a', { supposed: 'x' }));
		expect(keys(history)).toEqual(['1 b', '2 a', '3 a']);
		for (let i = 4; i < 40; i++) history.add(run(i, `run ${i}`));
		expect(history.entries(() => '').length).toBe(20);
		expect(history.of(1)).toBeNull();
	});

	it('knows where the reader stood and what has changed since', () => {
		const history = new RunHistory();
		history.add(run(1, 'a'));
		history.update({ ...run(1, 'a'), step: 5 });
		expect(history.of(1)).toMatchObject({ isStale: false, run: { step: 5 } });
		history.changed((uri) => uri === 'file:///b.c');
		expect(history.of(1)?.isStale).toBe(false);
		history.changed((uri) => uri === 'file:///a.c');
		expect(history.of(1)?.isStale).toBe(true);
	});
});

describe('words', () => {
	it('are the reader’s where there are some, with what stands in them', () => {
		setWords({ 'CPU {0}': 'Prozessor {0}' });
		expect([t('CPU {0}', 1), t('Memory'), t('{0} of {1}', 'a {1}', 2)]).toEqual([
			'Prozessor 1',
			'Memory',
			'a {1} of 2',
		]);
		setWords({});
		expect(t('CPU {0}', 1)).toBe('CPU 1');
		expect(t('constructor')).toBe('constructor');
	});
});
