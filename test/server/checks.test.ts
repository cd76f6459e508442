/**
 * In which order a document is checked, what each answer leaves to the next, and that an edit stops all that is under way
 * for the text before. When its guards are worked out: behind its verdict, not at all when switched off.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Analysis } from '../../server/ide/analysis/analysis.js';
import type { AnalysedGuard } from '../../server/ide/guards.js';
import { learned, openChecks } from '../../server/lsp/checks.js';
import type { Explorer, Running } from '../../server/worker/exploration.js';
import type { TaskHandlers, TaskOutcome } from '../../server/worker/outcome.js';
import type { DocumentRequest, Task } from '../../server/worker/worker_protocol.js';

const URI = 'file:///walk.c';
const TEXT = 'static int walk(pte_t *ptep) { return 0; }';

interface Asked {
	readonly key: string;
	/** `analyse first`, `sites` …; with the architecture when it is another. */
	readonly what: string;
	readonly behind: boolean;
	readonly handlers: TaskHandlers;
	cancelled: boolean;
	settle(outcome: TaskOutcome<unknown>): void;
}

function whatOf(task: Task): string {
	if (!('document' in task)) return task.kind;
	const { depth = 'deep', arch } = task.document as DocumentRequest;
	const where = arch === 'x86_64' ? '' : ` ${arch}`;
	return task.kind === 'analyse' ? `analyse ${depth}${where}` : task.kind;
}

function analysis(left: number): Analysis {
	const functions = [{ name: 'walk', verdict: 'holds' }];
	return {
		functions,
		findings: [],
		sites: [],
		cancelled: false,
		...(left > 0 ? { left } : {}),
	} as unknown as Analysis;
}

function stand(
	options: { readonly compares?: boolean; readonly guards?: boolean; readonly text?: string } = {},
) {
	const { compares = true, guards = false, text = TEXT } = options;
	const seen: string[] = [];
	const asked: Asked[] = [];
	const explorer = {
		run(
			key: string,
			task: Task,
			handlers: TaskHandlers,
			{ behind } = { behind: false },
		): Running<unknown> {
			let settle: (outcome: TaskOutcome<unknown>) => void = () => {};
			const outcome = new Promise<TaskOutcome<unknown>>((resolve) => {
				settle = resolve;
			});
			const ended = (as: TaskOutcome<unknown>): void => settle(as);
			const what = whatOf(task);
			const entry: Asked = { key, what, behind, handlers, cancelled: false, settle: ended };
			asked.push(entry);
			return {
				outcome,
				cancel: () => {
					entry.cancelled = true;
				},
			};
		},
		drop: () => {},
	} as unknown as Explorer;
	const answers: (number | undefined)[] = [];
	let version = 0;
	const request = { arch: 'x86_64', memory: 'sc', budgetSeconds: 20 };
	const reports: string[] = [];
	const checks = openChecks(
		{
			text: () => text,
			request: async () => request as unknown as DocumentRequest,
			wants: async () => ({ otherArchitectures: compares, guards }),
			report: (_, message) => reports.push(message),
			changed: (state, what) => {
				seen.push(state.freshness);
				if (what === 'result') answers.push(state.done?.analysis.left);
			},
			failed: (_, message) => {
				if (text === TEXT) throw new Error(message);
			},
			running: () => ({ progress: () => {}, end: () => {} }),
		},
		explorer,
	);
	const edit = async (): Promise<void> => {
		checks.touch(URI, ++version);
		await vi.runAllTimersAsync();
	};
	/** Ends what was asked for by that name last, and lets everything run that follows. */
	const end = async (what: string, result: unknown): Promise<void> => {
		asked
			.filter((a) => a.what === what)
			.at(-1)
			?.settle({ kind: 'done', result });
		await vi.runAllTimersAsync();
	};
	const open = (): readonly string[] => asked.filter((a) => !a.cancelled).map((a) => a.what);
	return { asked, answers, checks, edit, end, open, reports, freshness: () => seen };
}

const ELSEWHERE = ['arm64', 'i386-pae', 's390x', 'powerpc64', 'riscv64'].map(
	(a) => `analyse core ${a}`,
);

beforeEach(() => {
	vi.useFakeTimers();
});
afterEach(() => {
	vi.useRealTimers();
});

describe('a check', () => {
	it('answers for the most telling scenarios first, then for the common ones, then for all', async () => {
		const { asked, answers, edit, end } = stand();
		await edit();
		expect(asked.map((a) => a.what)).toEqual(['analyse first']);
		await end('analyse first', analysis(300));
		expect(answers).toEqual([300]);
		await end('analyse core', analysis(100));
		expect(answers).toEqual([300, 100]);
		await end('sites', []);
		await end('analyse deep', analysis(0));
		expect(answers).toEqual([300, 100, undefined]);
		expect(asked.filter((a) => !a.behind).map((a) => a.what)).toEqual([
			...['analyse first', 'analyse core', 'sites', 'analyse deep'],
		]);
		expect(asked.filter((a) => a.behind).map((a) => a.what)).toEqual(ELSEWHERE);
		expect(new Set(asked.filter((a) => a.behind).map((a) => a.key)).size).toBe(ELSEWHERE.length);
	});

	it('has hover wait for what it rests on, also while the common scenarios are explored', async () => {
		const { checks, edit, end } = stand();
		await edit();
		await end('analyse first', analysis(300));
		let isLearned = false;
		void learned(checks, URI).then(() => {
			isLearned = true;
		});
		await end('analyse core', analysis(100));
		expect(isLearned).toBe(false);
		await end('sites', []);
		expect(isLearned).toBe(true);
	});

	it.each([
		['there is nothing to check', 'int nothing;', []],
		['the text is too long', `${TEXT}${' '.repeat(5_000_000)}`, ['failed']],
	])('has nobody wait for hover where %s', async (_, text, ended) => {
		const { checks, edit, freshness } = stand({ text });
		await edit();
		await learned(checks, URI);
		expect(freshness().filter((f) => f === 'failed')).toEqual(ended);
		expect(freshness().at(-1)).not.toBe('checking');
	});

	it('goes no deeper where nothing is left', async () => {
		const { asked, answers, edit, end } = stand({ compares: false });
		await edit();
		await end('analyse first', analysis(0));
		await end('sites', []);
		expect(answers).toEqual([undefined]);
		expect(asked.map((a) => a.what)).toEqual(['analyse first', 'sites']);
	});

	it('leaves other architectures alone where the user wants that', async () => {
		const { asked, edit, end } = stand({ compares: false });
		await edit();
		await end('analyse first', analysis(300));
		await end('analyse core', analysis(100));
		await end('sites', []);
		await end('analyse deep', analysis(0));
		expect(asked.filter((a) => a.behind)).toEqual([]);
	});

	it('tells what other architectures say, last of all', async () => {
		const { checks, edit, end } = stand();
		await edit();
		await end('analyse first', analysis(300));
		await end('analyse core', analysis(100));
		await end('sites', []);
		await end('analyse deep', analysis(0));
		for (const what of ELSEWHERE) await end(what, analysis(0));
		expect(checks.state(URI)?.done?.analysis.elsewhere).toHaveLength(ELSEWHERE.length);
	});
});

const STAGES: readonly (readonly [until: string, ended: readonly string[]])[] = [
	['the first answer', []],
	['the common scenarios', ['analyse first']],
	['what hover rests on', ['analyse first', 'analyse core']],
	['the rarer scenarios', ['analyse first', 'analyse core', 'sites']],
	['other architectures', ['analyse first', 'analyse core', 'sites', 'analyse deep']],
];

describe('an edit', () => {
	it.each(STAGES)('stops %s, and waits for nothing of it', async (_, ended) => {
		const { asked, answers, edit, end, open } = stand();
		await edit();
		for (const what of ended) await end(what, what === 'sites' ? [] : analysis(100));
		const under = asked.filter((a) => !ended.includes(a.what));
		expect(under.length).toBeGreaterThan(0);
		await edit();
		expect(under.every((a) => a.cancelled)).toBe(true);
		expect(open().slice(ended.length)).toEqual(['analyse first']);
		// what the old text's work still says is not shown
		const before = answers.length;
		for (const a of under)
			a.settle({ kind: 'done', result: a.what === 'sites' ? [] : analysis(1) });
		await vi.runAllTimersAsync();
		expect(answers).toHaveLength(before);
		await end('analyse first', analysis(7));
		expect(answers.at(-1)).toBe(7);
	});

	it('stops everything when it closes the document', async () => {
		const { asked, checks, edit, end } = stand();
		await edit();
		await end('analyse first', analysis(300));
		await end('analyse core', analysis(100));
		await end('sites', []);
		await end('analyse deep', analysis(0));
		checks.close(URI);
		const ended = ['analyse first', 'analyse core', 'sites', 'analyse deep'];
		const under = asked.filter((a) => !ended.includes(a.what));
		expect(under).toHaveLength(ELSEWHERE.length);
		expect(under.every((a) => a.cancelled)).toBe(true);
	});
});

const GUARD = { id: 'walk.1', function: 'walk' } as AnalysedGuard;

describe('the guards of a document', () => {
	/** A document with its first verdicts. */
	async function answered(guards: boolean) {
		const all = stand({ guards, compares: false });
		await all.edit();
		await all.end('analyse first', analysis(0));
		const known = () => all.checks.state(URI)?.done?.guards ?? null;
		const questions = () => all.asked.filter((a) => a.what === 'guards');
		return { ...all, known, questions };
	}

	it('are asked for once behind a verdict and known as they come', async () => {
		const { known, questions, end } = await answered(true);
		expect(questions()).toHaveLength(1);
		expect(known()).toEqual({ guards: [], complete: false });
		questions()[0]?.handlers.guards?.([GUARD]);
		expect(known()).toEqual({ guards: [GUARD], complete: false });
		await end('sites', []);
		await end('guards', [GUARD]);
		expect(known()).toEqual({ guards: [GUARD], complete: true });
		expect(questions()).toHaveLength(1);
	});

	it('wait until a verdict has stood for a while', async () => {
		const { asked, checks } = stand({ guards: true, compares: false });
		checks.touch(URI, 0);
		await vi.advanceTimersByTimeAsync(10);
		asked[0]?.settle({ kind: 'done', result: analysis(0) });
		await vi.advanceTimersByTimeAsync(900);
		expect(asked.map((a) => a.what)).toEqual(['analyse first', 'sites']);
		await vi.advanceTimersByTimeAsync(200);
		expect(asked.map((a) => a.what)).toEqual(['analyse first', 'sites', 'guards']);
	});

	it('are not asked for when they are switched off', async () => {
		const { known, questions } = await answered(false);
		expect([questions().length, known()]).toEqual([0, null]);
	});

	it('are stopped by an edit, and what was known in part is dropped', async () => {
		const { known, questions, edit, end } = await answered(true);
		questions()[0]?.handlers.guards?.([GUARD]);
		await edit();
		expect(questions().map((a) => a.cancelled)).toEqual([true]);
		expect(known()).toBeNull();
		questions()[0]?.handlers.guards?.([GUARD]);
		questions()[0]?.settle({ kind: 'done', result: [GUARD] });
		await end('analyse first', analysis(0));
		expect(known()).toEqual({ guards: [], complete: false });
	});

	it('are told as failed once, and left', async () => {
		const { known, questions, reports } = await answered(true);
		questions()[0]?.settle({ kind: 'failed', message: 'it died' });
		await vi.runAllTimersAsync();
		expect([reports, known()]).toEqual([['it died'], null]);
	});
});
