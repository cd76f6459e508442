/** What the CPUs that a run leaves for good would do next, each told by the run that comes of letting it go on there. */
import type { AnalysedStep } from '../../ide/analysis/analysis.js';
import type { DebugQuestion } from '../../ide/debug.js';
import { executorOf } from '../supervised.js';
import type { Exported } from './exported.js';

/** Steps of a CPU that are looked at for one that a delay can stand before. */
const STEPS_MAX = 8;

/** By CPU; empty where it cannot be told. */
export async function laterSteps(
	{ made, request, run: { trace } }: Exported,
	budget: number | undefined,
): Promise<ReadonlyMap<number, readonly AnalysedStep[]>> {
	const later = new Map<number, readonly AnalysedStep[]>();
	const last = trace.steps.at(-1);
	if (last === undefined) return later;
	const executor = executorOf(budget === undefined ? {} : { budget });
	try {
		const session = executor.sessionFor(request);
		const ask = async (id: string, choice: DebugQuestion['choice']) => {
			const wanted = { function: made.function, trace: id, choice };
			const outcome = await session.run({ kind: 'debug', wanted });
			return outcome.kind === 'done' && outcome.result.trace !== null ? outcome.result : null;
		};
		// who acts last breaks the rule: whoever else can move in its place has not come to its end
		const begun = new Set(trace.steps.map(({ cpu }) => cpu));
		for (const cpu of begun) {
			if (cpu === last.cpu) continue;
			const next: AnalysedStep[] = [];
			let run = await ask(trace.id, null);
			for (let moment = trace.steps.length - 1; next.length < STEPS_MAX; moment++) {
				const move = run?.moments[moment]?.moves.find((one) => one.cpu === cpu);
				if (run === null || move === undefined) break;
				run = await ask(run.trace.id, { moment, cpu, alternative: move.alternative });
				const step = run?.trace.steps[moment];
				if (step?.cpu !== cpu) break;
				next.push(step);
			}
			if (next.length > 0) later.set(cpu, next);
		}
		return later;
	} finally {
		await executor.end();
	}
}
