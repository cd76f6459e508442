/**
 * When the guards of a document are worked out: behind its verdict, not at all when switched off, and no longer once the text
 * has changed.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AnalysedGuard } from '../../server/ide/guards.js';
import type { DocumentState } from '../../server/lsp/checks.js';
import { GuardTables } from '../../server/lsp/guard_tables.js';
import { decodeSettings } from '../../server/lsp/settings.js';
import type { Explorer, Outcome, Running, TaskHandlers } from '../../server/worker/exploration.js';
import type { Task } from '../../server/worker/worker_protocol.js';

const URI = 'file:///walk.c';
const GUARD = { id: 'walk.1', function: 'walk' } as AnalysedGuard;

interface Asked {
	readonly task: Task;
	readonly handlers: TaskHandlers;
	cancelled: boolean;
	settle(outcome: Outcome<readonly AnalysedGuard[]>): void;
}

function stand(settings: unknown) {
	const asked: Asked[] = [];
	const explorer = {
		run(_key: string, task: Task, handlers: TaskHandlers): Running<unknown> {
			let settle: Asked['settle'] = () => {};
			const outcome = new Promise<Outcome<unknown>>((done) => {
				settle = done;
			});
			const entry: Asked = { task, handlers, cancelled: false, settle };
			asked.push(entry);
			return {
				outcome,
				cancel: () => {
					entry.cancelled = true;
				},
			};
		},
	} as unknown as Explorer;
	const failures: string[] = [];
	const tables = new GuardTables(explorer, {
		settings: async () => decodeSettings(settings),
		failed: (_, message) => failures.push(message),
	});
	return { asked, tables, failures };
}

function state(
	freshness: DocumentState['freshness'],
	version: number,
	done: number,
): DocumentState {
	const request = { budgetSeconds: 20 };
	const analysis = { functions: [{ name: 'walk' }] };
	return {
		...{ uri: URI, version, freshness, request, partial: [] },
		done: { analysis, text: '', version: done, request },
	} as unknown as DocumentState;
}

beforeEach(() => {
	vi.useFakeTimers();
});
afterEach(() => {
	vi.useRealTimers();
});

/** Lets every timer and promise run. */
async function settled(): Promise<void> {
	await vi.runAllTimersAsync();
}

describe('the guards of an open document', () => {
	it('are asked for once behind a verdict and known as they come', async () => {
		const { asked, tables } = stand({});
		tables.changed(state('fresh', 1, 1));
		expect([asked.length, tables.of(URI, 1)]).toEqual([0, null]);
		await settled();
		tables.changed(state('fresh', 1, 1));
		await settled();
		expect(asked.map((a) => a.task.kind)).toEqual(['guards']);
		expect(tables.of(URI, 1)).toEqual({ guards: [], complete: false });
		asked[0]?.handlers.guards?.([GUARD]);
		expect(tables.of(URI, 1)).toEqual({ guards: [GUARD], complete: false });
		asked[0]?.settle({ kind: 'done', result: [GUARD] });
		await settled();
		expect(tables.of(URI, 1)).toEqual({ guards: [GUARD], complete: true });
		expect(tables.of(URI, 2)).toBeNull();
	});

	it('are not asked for when they are switched off', async () => {
		const { asked, tables } = stand({ guards: false });
		tables.changed(state('fresh', 1, 1));
		await settled();
		expect([asked.length, tables.of(URI, 1)]).toEqual([0, null]);
	});

	it('are stopped by an edit, before they begin and while they run', async () => {
		const { asked, tables } = stand({});
		tables.changed(state('fresh', 1, 1));
		tables.changed(state('checking', 2, 1));
		await settled();
		expect(asked).toEqual([]);
		tables.changed(state('fresh', 2, 2));
		await settled();
		tables.changed(state('checking', 3, 2));
		expect(asked.map((a) => a.cancelled)).toEqual([true]);
		asked[0]?.settle({ kind: 'done', result: [GUARD] });
		await settled();
		expect(tables.of(URI, 2)).toBeNull();
	});

	it('are told as failed once, and left', async () => {
		const { asked, tables, failures } = stand({});
		tables.changed(state('fresh', 1, 1));
		await settled();
		asked[0]?.settle({ kind: 'failed', message: 'it died' });
		await settled();
		expect(failures).toEqual(['it died']);
		expect(tables.of(URI, 1)).toBeNull();
	});
});
