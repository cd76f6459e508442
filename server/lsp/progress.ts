/**
 * Progress of a check in the client, for checks that take long enough to be noticed, with a cancel that stops the
 * exploration.
 */
import { label } from '../../engine/escape/label.js';
import type { RunningReport } from './open_documents.js';
import type { Session } from './session.js';

/** Milliseconds a check runs before it shows. */
const NOTICED = 600;

export function runningReport(session: Session, title: string, cancel: () => void): RunningReport {
	if (!session.client.progress) return { progress: () => {}, end: () => {} };
	type Reporter = Awaited<ReturnType<typeof session.connection.window.createWorkDoneProgress>>;
	let reporter: Reporter | null = null;
	let ended = false;
	const timer = setTimeout(() => {
		void begin().catch((error: unknown) => session.report('progress', error));
	}, NOTICED);
	async function begin(): Promise<void> {
		const created = await session.connection.window.createWorkDoneProgress();
		created.begin('racewalk', 0, label(title), true);
		if (ended) {
			created.done();
			return;
		}
		created.token.onCancellationRequested(cancel);
		reporter = created;
	}
	return {
		progress(done, total, scenario) {
			const percentage = total === 0 ? 0 : Math.min(100, Math.round((100 * done) / total));
			reporter?.report(percentage, label(`${title}: ${done} of ${total}: ${scenario}`));
		},
		end() {
			ended = true;
			clearTimeout(timer);
			reporter?.done();
			reporter = null;
		},
	};
}
