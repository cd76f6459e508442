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
import type { AnalysedSaved } from './simulation.js';
import { HARNESS, isOwnC, twoColumn } from './two_column.js';

export interface TraceSubject {
	readonly uri: string;
	readonly function: string;
	readonly finding: AnalysedFinding | null;
	readonly trace: AnalysedTrace;
	readonly verdict: TracePanelContent['verdict'];
	/** What the run answers. */
	readonly note?: string;
	readonly saved?: AnalysedSaved;
	/** What was taken away, in words. */
	readonly supposed?: string;
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
		relations: trace.relations.map((r) => ({ ...r, location: visibleLine(r.location) })),
		spans: trace.spans.map((span) => ({ ...span, what: visibleLine(span.what) })),
		...(subject.note === undefined ? {} : { note: visibleLine(subject.note) }),
		...(subject.supposed === undefined ? {} : { supposed: visibleLine(subject.supposed) }),
		...savedContent(subject, absolute),
	};
}

function savedContent(
	{ saved, trace }: TraceSubject,
	absolute: (path: string) => string,
): Pick<TracePanelContent, 'saved'> {
	const text = saved === undefined ? null : savedText(saved, trace.threads.slice(1));
	if (saved === undefined || text === null) return {};
	const [first] = saved.savings;
	if (first === undefined) return { saved: { text: visibleLine(text) } };
	const place = { ...first.place, path: absolute(first.place.path) };
	return { saved: { text: visibleLine(text), guard: { place, trace: first.trace } } };
}

/** What saved a run, in a sentence or two; null: nothing can be said. */
export function savedText(
	{ savings, acted, isWhole }: AnalysedSaved,
	adversaries: readonly string[],
): string | null {
	const who = adversaries.join(' and ');
	if (savings.length > 0)
		return savings
			.map(
				({ text, place, rule, message }) =>
					`${text} in line ${place.line} saved this run: without it the same run breaks ${rule} (${message}).`,
			)
			.join(' ');
	if (acted === 0) return `No check of the walk gave up because of ${who} in this run.`;
	if (!isWhole) return null;
	return `No check alone saved this run: it breaks no rule without any one of the ${acted} that gave up because of ${who}.`;
}

function panelStep(step: AnalysedStep, absolute: (path: string) => string): TracePanelStep {
	const [innermost] = step.frames;
	const shownOrNull = (text: string | null): string | null =>
		text === null ? null : visibleLine(text);
	return {
		cpu: step.cpu,
		thread: visibleLine(step.thread),
		function: visibleLine(innermost.cites?.function ?? innermost.function),
		...modelOf(innermost),
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
			...modelOf(f),
			place: panelPlace(f, absolute),
		})),
		violation: shownOrNull(step.violation),
	};
}

/** What a frame of racewalk's own C stands for. */
function modelOf(frame: AnalysedFrame): { readonly model?: string } {
	if (frame.function === HARNESS) return { model: 'the caller of the walk' };
	if (!framePlace(frame).path.startsWith(OWN_C)) return {};
	if (frame.cites !== null) return { model: visibleLine(`model of ${frame.cites.function}()`) };
	const [, actor] = /^actor_(\w+)$/.exec(frame.function) ?? [];
	return { model: visibleLine(`model of ${actor ?? frame.function}`) };
}

/** How paths of racewalk's own C begin. */
const OWN_C = 'racewalk:';

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
		...(content.saved === undefined ? [] : [prose(content.saved.text)]),
		md`Scenario: ${content.scenario}. Run ${code(content.id)}.`,
		codeBlock(content.twoColumn),
		'At the start:',
		lines(initial),
	]);
	return `${asMarkdown(document)}\n`;
}
