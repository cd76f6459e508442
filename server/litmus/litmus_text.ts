/**
 * What an explanation of a litmus test says, as text and as drawings: for the command line and for editors alike.
 */
import type { Explanation, ShownExecution } from '../../engine/memory/lkmm/explanation.js';
import { executionDot, type Highlights } from '../../engine/trace/execution_dot.js';
import { executionSvg } from '../../engine/trace/execution_svg.js';
import {
	cycleLine,
	cycleSteps,
	executionColumns,
	executionEdges,
	raceLine,
} from '../../engine/trace/execution_text.js';
import type { LitmusExplanation } from './explain.js';
import type { BarrierAdvice } from './weakest_barrier.js';

/** The whole explanation; ends in a newline. */
export function explanationText(explained: LitmusExplanation): string {
	const { explanation, race, name, asked } = explained;
	const parts = [`${name}: ${asked}\n${headline(explanation)}\n`];
	const execution = executionOf(explanation);
	if (execution !== null) parts.push(executionColumns(execution));
	if (explanation.kind === 'forbidden') {
		const { cycle, candidates, complete } = explanation;
		const counted = candidates.map((c) => `${c.count} by ${c.axiom}`).join(', ');
		const others = complete ? '' : '; there are more';
		parts.push(
			`${cycleLine(cycle)}\n\n${cycleSteps(cycle, explanation.execution)}\nexecutions ruled out: ${counted}${others}\n`,
		);
	}
	if (explanation.kind === 'allowed') {
		parts.push(executionEdges(explanation.execution.edges));
		if (explained.barrier !== null) parts.push(adviceText(explained.barrier, 'forbid it'));
	}
	if (race !== null) {
		parts.push(
			race.races.map((r) => `data race: ${raceLine(r, race.execution)}\n`).join(''),
			executionColumns(race.execution),
		);
		if (explained.raceBarrier !== null)
			parts.push(adviceText(explained.raceBarrier, 'end the race'));
	}
	return parts.join('\n');
}

/** One sentence on what the memory model says. */
function headline(explanation: Explanation): string {
	switch (explanation.kind) {
		case 'allowed':
			return 'Allowed: this execution does it.';
		case 'forbidden': {
			const { axiom, relation } = explanation.cycle;
			return `Forbidden by ${axiom}: the execution that would do it has a cycle in ${relation}.`;
		}
		case 'impossible':
			return 'Impossible whatever the ordering: no way through the threads gives these values.';
		case 'undecided':
			return `Undecided: ${explanation.why}.`;
	}
}

/** `The weakest change that would forbid it: …`. */
function adviceText(advice: BarrierAdvice, purpose: string): string {
	if (advice.kind === 'none') return `Nothing found that would ${purpose}: ${advice.why}.\n`;
	const what = advice.weakest ? 'The weakest change' : 'A change';
	const changes = advice.changes.map((c) =>
		c.how === 'insert'
			? `  ${c.thread}, before line ${c.line}: ${c.what};\n`
			: `  ${c.thread}, line ${c.line}: ${c.what}\n`,
	);
	return `${what} that would ${purpose} (${advice.tried} tried):\n${changes.join('')}`;
}

/** The execution to draw with what stands out in it, or null when there is nothing to draw. */
export function drawing(
	explained: LitmusExplanation,
): { readonly execution: ShownExecution; readonly highlights: Highlights } | null {
	const { explanation, race } = explained;
	const execution = executionOf(explanation);
	// Of an allowed outcome that races, the race is what matters.
	if (race !== null && explanation.kind !== 'forbidden') {
		return { execution: race.execution, highlights: { cycle: null, races: race.races } };
	}
	if (execution === null) return null;
	const cycle = explanation.kind === 'forbidden' ? explanation.cycle : null;
	return { execution, highlights: { cycle, races: [] } };
}

export function explanationDot(explained: LitmusExplanation): string {
	const drawn = drawing(explained);
	if (drawn === null) return '';
	return executionDot(explained.name, drawn.execution, drawn.highlights).text;
}

export function explanationSvg(explained: LitmusExplanation): string {
	const drawn = drawing(explained);
	if (drawn === null) return '';
	return executionSvg(explained.name, drawn.execution, drawn.highlights).text;
}

function executionOf(explanation: Explanation): ShownExecution | null {
	return explanation.kind === 'allowed' || explanation.kind === 'forbidden'
		? explanation.execution
		: null;
}
