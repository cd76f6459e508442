/** What the CPUs that a run leaves for good would do next, each told by the run that comes of letting it go on there. */
import type { AnalysedStep } from '../../../ide/analysis/analysis.js';
import type { DebugQuestion } from '../../../ide/debug.js';
import { executorOf } from '../../supervised.js';
import type { Exported } from '../exported.js';

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
		const ask = async (choice: DebugQuestion['choice']) => {
			const wanted = { function: made.function, trace: trace.id, choice };
			const outcome = await session.run({ kind: 'debug', wanted });
			return outcome.kind === 'done' && outcome.result.trace !== null ? outcome.result : null;
		};
		// who acts last breaks the rule: whoever else can move in its place has not come to its end
		const moment = trace.steps.length - 1;
		const moves = (await ask(null))?.moments[moment]?.moves ?? [];
		for (const { cpu, alternative } of moves) {
			const hasBegun = trace.steps.some((step) => step.cpu === cpu);
			if (cpu === last.cpu || later.has(cpu) || !hasBegun) continue;
			const other = await ask({ moment, cpu, alternative });
			const next = other?.trace.steps.slice(moment).filter((step) => step.cpu === cpu) ?? [];
			if (next.length > 0) later.set(cpu, next);
		}
		return later;
	} finally {
		await executor.end();
	}
}
