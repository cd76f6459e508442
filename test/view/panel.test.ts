/**
 * What the trace panel computes before it shows anything: motions, the world at a step, searching, its page's policy.
 */
import { describe, expect, it } from 'vitest';
import { panelPage } from '../../client/panel_page.js';
import { type Standing, standingAfter } from '../../client/view/message.js';
import { type Motion, motionOfKey, move, openingStep, switches } from '../../client/view/motion.js';
import { lastWrite, linksOf } from '../../client/view/step_links.js';
import { matches, worldAt } from '../../client/view/world_state.js';
import type { TracePanelStep } from '../../server/protocol.js';

type Effect = readonly [location: string, read: string | null, wrote: string | null];

function step(cpu: number, text: string, ...effects: readonly Effect[]): TracePanelStep {
	const place = { path: 'mm/gup.c', line: 1, column: 1, endLine: 1, endColumn: 2 };
	return {
		cpu,
		thread: cpu === 0 ? 'walk' : 'zap',
		function: 'f',
		place,
		text,
		what: effects.map(([location]) => location).join(', '),
		effects: effects.map(([location, read, wrote]) => ({ location, read, wrote })),
		stack: [],
		violation: null,
	};
}

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

describe('what steps have to do with each other', () => {
	const steps = [
		step(0, 'read', ['pte[0]', 'a', null]),
		step(1, 'clear', ['pte[0]', 'a', 'none'], ['mm.seq', null, '1']),
		step(0, 'again', ['pte[0]', 'none', null]),
		step(1, 'set', ['pte[0]', 'none', 'b']),
	];

	it.each([
		[0, [['pte[0]', null]], [['pte[0]', 1]]],
		[1, [['pte[0]', null]], [['pte[0]', 3]]],
		[2, [['pte[0]', 1]], [['pte[0]', 3]]],
		[3, [['pte[0]', 1]], []],
		[9, [], []],
	])('of step %i', (at, from, overwritten) => {
		const links = linksOf({ steps }, at);
		expect(links.from.map((l) => [l.location, l.step])).toEqual(from);
		expect(links.overwritten.map((l) => [l.location, l.step])).toEqual(overwritten);
	});

	it('a location has its initial value until a step writes it', () => {
		expect([0, 1, 2, 3].map((at) => lastWrite({ steps }, 'pte[0]', at))).toEqual([null, 1, 1, 3]);
		expect(lastWrite({ steps }, 'pmd[0]', 3)).toBeNull();
	});
});
