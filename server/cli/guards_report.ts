/**
 * The table of guards as text and as JSON (`schema/guards.schema.json`, which a test holds it against).
 */

import { type Terminal, terminal } from '../../engine/escape/terminal.js';
import type { AnalysedFunction, AnalysisRequest } from '../ide/analysis/analysis.js';
import { inSteps, neededBy, premise, representative, verdictWord } from '../ide/guard_words.js';
import type { AnalysedGuard } from '../ide/guards.js';
import { TOOL } from './json.js';
import type { Paint } from './paint.js';

/** The guards of one file under one architecture. */
export interface GuardsOf {
	readonly path: string;
	readonly request: Pick<AnalysisRequest, 'arch'>;
	readonly guards: readonly AnalysedGuard[];
	/** Functions of the walks that are undecided themselves: they may have more guards. */
	readonly undecided: readonly AnalysedFunction[];
	/** Why they were given up: there may be more than are listed. Absent: they were not. */
	readonly stopped?: string;
}

export function guardsJson(reports: readonly GuardsOf[]): object {
	const files = reports.map(({ path, request, guards, undecided, stopped }) => ({
		path,
		arch: request.arch,
		...(stopped === undefined ? {} : { stopped }),
		...(undecided.length === 0 ? {} : { undecided: undecided.map(undecidedJson) }),
		guards: guards.map(guardJson),
	}));
	return { schema: 1, tool: TOOL, files };
}

function undecidedJson({ name, place, verdict, why }: AnalysedFunction): object {
	return { function: name, line: place.line, verdict, why };
}

function guardJson(guard: AnalysedGuard): object {
	const { place, covered, needs } = guard;
	return {
		id: guard.id,
		function: guard.function,
		root: guard.root,
		kind: guard.kind,
		line: place.line,
		column: place.column,
		endLine: place.endLine,
		endColumn: place.endColumn,
		text: guard.text,
		without: guard.removed,
		verdict: guard.verdict,
		reason: guard.reason,
		why: guard.why,
		scenarios: guard.scenarios,
		neededBy: needs.map((need) => ({
			actor: need.actor,
			rule: need.rule,
			message: need.message,
			scenario: need.scenario,
			memory: need.memory,
			steps: need.steps,
			switches: need.switches,
			trace: { id: need.trace },
		})),
		covered: covered.map((c) => ({ line: c.place.line, text: c.text })),
	};
}

export function guardsText(reports: readonly GuardsOf[], paint: Paint): Terminal {
	const told = reports.filter((report) => report.guards.length > 0);
	return terminal.join(
		told.map((report) => fileText(report, paint)),
		'\n',
	);
}

function fileText({ path, request, guards }: GuardsOf, paint: Paint): Terminal {
	const lines: Terminal[] = [];
	let inside = '';
	for (const guard of guards) {
		if (guard.function !== inside) lines.push(terminal``, paint.bold(`${guard.function}()`));
		inside = guard.function;
		lines.push(...guardLines(guard, path, paint));
	}
	const count = (verdict: AnalysedGuard['verdict']): number =>
		guards.filter((g) => g.verdict === verdict).length;
	const redundant = guards.filter((g) => g.reason === 'covered').length;
	const unneeded = count('unneeded') - redundant;
	const sum = terminal`${path}: ${guards.length} guards on ${request.arch}: ${count('needed')} needed, ${redundant} redundant, ${unneeded} not needed within the model, ${count('undecided')} undecided`;
	return terminal`${terminal.join([sum, ...lines], '\n')}\n`;
}

function guardLines(guard: AnalysedGuard, path: string, paint: Paint): readonly Terminal[] {
	const head = terminal`${path}:${guard.place.line}: ${guard.written}`;
	const without = paint.dim(`    without it: ${guard.removed}`);
	const shown = representative(guard.needs);
	if (shown === null)
		return [head, without, terminal`    ${paint.yellow(verdictWord(guard))}: ${guard.why ?? ''}`];
	return [
		head,
		without,
		terminal`    ${paint.green('needed')} ${neededBy(guard.needs)}${premise(guard)}`,
		terminal`    ${shown.rule} ${inSteps(shown)}: ${shown.message}`,
		paint.dim(`    ${shown.scenario}; run ${shown.trace}`),
	];
}
