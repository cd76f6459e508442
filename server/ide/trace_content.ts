/**
 * A run as the trace panel wants it, and as Markdown for editors that have no panel.
 *
 * Invariant: what people read of it is fit to be shown (`engine/escape/visible.ts`); paths and ids are as they are.
 *
 * A step of an adversary stands in the kernel function it cites when a tree is open, else in the adversary's own C.
 */
import {
	asMarkdown,
	code,
	codeBlock,
	heading,
	item,
	lines,
	md,
	paragraphs,
	prose,
} from '../../engine/escape/markdown.js';
import { visibleLine } from '../../engine/escape/visible.js';
import type { TracePanelContent, TracePanelStep } from '../protocol.js';
import type {
	AnalysedFinding,
	AnalysedFrame,
	AnalysedStep,
	AnalysedTrace,
	Place,
} from './analysis/analysis.js';
import { isOwnC, twoColumn } from './two_column.js';

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
		title: visibleLine(`${subject.function}: ${what}, ${trace.scenario}`),
		finding:
			finding === null ? null : { rule: finding.rule, message: visibleLine(finding.message) },
		verdict: subject.verdict,
		scenario: visibleLine(trace.scenario),
		threads: trace.threads.map(visibleLine),
		steps: trace.steps.map((step) => panelStep(step, absolute)),
		initial: trace.initial.map(({ location, value }) => ({
			location: visibleLine(location),
			value: visibleLine(value),
		})),
		twoColumn: twoColumn(trace, { width: 100, brief: true, values: true }),
		...(subject.note === undefined ? {} : { note: visibleLine(subject.note) }),
	};
}

function panelStep(step: AnalysedStep, absolute: (path: string) => string): TracePanelStep {
	const [innermost] = step.frames;
	const shownOrNull = (text: string | null): string | null =>
		text === null ? null : visibleLine(text);
	return {
		cpu: step.cpu,
		thread: visibleLine(step.thread),
		function: visibleLine(innermost.cites?.function ?? innermost.function),
		place: panelPlace(innermost, absolute),
		text: visibleLine(isOwnC(step.text) ? '' : step.text),
		what: visibleLine(step.what),
		effects: step.effects.map(({ location, read, wrote }) => ({
			location: visibleLine(location),
			read: shownOrNull(read),
			wrote: shownOrNull(wrote),
		})),
		stack: step.frames.map((f) => ({
			function: visibleLine(f.cites?.function ?? f.function),
			place: panelPlace(f, absolute),
		})),
		violation: shownOrNull(step.violation),
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
	const { finding } = content;
	const head =
		finding === null
			? 'A run without a violation.'
			: md`${prose(finding.message)} ${code(finding.rule)}`;
	const initial = content.initial.map((i) => item(md`${code(i.location)} = ${code(i.value)}`));
	const document = paragraphs([
		heading(content.title),
		...(content.note === undefined ? [] : [prose(content.note)]),
		head,
		md`Scenario: ${content.scenario}. Run ${code(content.id)}.`,
		codeBlock(content.twoColumn),
		'At the start:',
		lines(initial),
	]);
	return `${asMarkdown(document)}\n`;
}
