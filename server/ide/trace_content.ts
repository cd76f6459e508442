/**
 * A run as the trace panel wants it, and as Markdown for editors that have no panel.
 *
 * A step of an adversary stands in the kernel function it cites when a tree is open, else in the adversary's own C.
 */
import type { TracePanelContent, TracePanelStep } from '../protocol.js';
import type {
	AnalysedFinding,
	AnalysedFrame,
	AnalysedStep,
	AnalysedTrace,
	Place,
} from './analysis/analysis.js';
import { twoColumn } from './two_column.js';

export interface TraceSubject {
	readonly uri: string;
	readonly function: string;
	readonly finding: AnalysedFinding | null;
	readonly trace: AnalysedTrace;
	readonly verdict: TracePanelContent['verdict'];
	/** What the run answers. */
	readonly note?: string;
}

export function traceContent(
	subject: TraceSubject,
	/** Absolute path of a path of the tree, or the path itself. */
	absolute: (path: string) => string,
): TracePanelContent {
	const { trace, finding } = subject;
	const what = finding === null ? 'a run' : finding.rule;
	return {
		id: trace.id,
		uri: subject.uri,
		title: `${subject.function}: ${what}, ${trace.scenario}`,
		finding: finding === null ? null : { rule: finding.rule, message: finding.message },
		verdict: subject.verdict,
		scenario: trace.scenario,
		threads: trace.threads,
		steps: trace.steps.map((step) => panelStep(step, absolute)),
		initial: trace.initial,
		twoColumn: twoColumn(trace, { width: 100, brief: true, values: true }),
		...(subject.note === undefined ? {} : { note: subject.note }),
	};
}

function panelStep(step: AnalysedStep, absolute: (path: string) => string): TracePanelStep {
	const [innermost] = step.frames;
	return {
		cpu: step.cpu,
		thread: step.thread,
		function: innermost.cites?.function ?? innermost.function,
		place: panelPlace(innermost, absolute),
		text: step.text,
		what: step.what,
		effects: step.effects,
		stack: step.frames.map((f) => ({
			function: f.cites?.function ?? f.function,
			place: panelPlace(f, absolute),
		})),
		violation: step.violation,
	};
}

function panelPlace(frame: AnalysedFrame, absolute: (path: string) => string): Place {
	const shown = framePlace(frame);
	return { ...shown, path: absolute(shown.path) };
}

/** Where a frame is to be shown: the cited kernel function if its line is known. */
export function framePlace(frame: AnalysedFrame): Place {
	if (frame.cites === null || frame.cites.line === null) return frame.place;
	const { path, line } = frame.cites;
	return { path, line, column: 1, endLine: line, endColumn: 1 };
}

/** The run as a Markdown document. */
export function traceMarkdown(content: TracePanelContent): string {
	const head = content.finding === null ? 'A run without a violation.' : content.finding.message;
	const rule = content.finding === null ? '' : ` \`${content.finding.rule}\``;
	const initial = content.initial.map((i) => `- \`${i.location}\` = \`${i.value}\``).join('\n');
	return [
		`# ${content.title}`,
		'',
		...(content.note === undefined ? [] : [content.note, '']),
		`${head}${rule}`,
		'',
		`Scenario: ${content.scenario}. Run \`${content.id}\`.`,
		'',
		'```',
		content.twoColumn,
		'```',
		'',
		'At the start:',
		'',
		initial,
		'',
	].join('\n');
}
