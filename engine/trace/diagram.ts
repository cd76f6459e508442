/**
 * A trace as kernel commit messages draw races: a column per CPU, function headers with their lines indented below, time
 * going down. Text only; the source lines come from whoever has the source.
 *
 * Invariant: fit for a terminal and the clipboard, whatever the source holds (`engine/escape/visible.ts`).
 *
 *     CPU 0 (gup_fast)                   CPU 1 (zap)
 *     ================                   ===========
 *     gup_fast_pte_range()
 *       pte_t pte = ptep_get_lockless(ptep);
 *                                        zap_present_ptes()
 *                                          ptep_get_and_clear(mm, addr, ptep);
 */
import { visibleLine } from '../escape/visible.js';
import type { SiteIndex } from '../program/op.js';
import type { Trace, TraceStep } from './trace.js';

export interface DiagramOptions {
	/** Source text of a site's line, or null when it is not at hand. */
	text(site: SiteIndex): string | null;
	/** Columns of the whole drawing; 80 suits a commit message. */
	readonly width: number;
	/** Leave out reads of what no other CPU writes in this run. */
	readonly brief?: boolean;
	/** Say below a line what it read and wrote. */
	readonly values?: boolean;
}

/** Least width of a column; more CPUs than fit make the drawing wider. */
const COLUMN_MIN = 24;
const INDENT = '  ';

/** The drawing, lines without trailing blanks, ending in a newline. */
export function diagram(trace: Pick<Trace, 'threads' | 'steps'>, options: DiagramOptions): string {
	const count = Math.max(1, trace.threads.length);
	const width = Math.max(COLUMN_MIN, Math.floor((options.width - 2 * (count - 1)) / count));
	const lines: string[] = [];
	const put = (cpu: number, text: string): void => {
		lines.push(`${' '.repeat(cpu * (width + 2))}${text}`.trimEnd());
	};
	const heads = trace.threads.map((name, cpu) => `CPU ${cpu} (${visibleLine(name)})`);
	const row = (cells: readonly string[]): string =>
		cells
			.map((cell) => cell.slice(0, width).padEnd(width))
			.join(INDENT)
			.trimEnd();
	lines.push(row(heads), row(heads.map((h) => '='.repeat(Math.min(h.length, width)))));
	const headers: (string | null)[] = trace.threads.map(() => null);
	const texts: (string | null)[] = trace.threads.map(() => null);
	for (const step of options.brief ? raced(trace.steps) : trace.steps) {
		const { cpu } = step;
		const header = headerOf(step);
		if (headers[cpu] !== header) {
			headers[cpu] = header;
			texts[cpu] = null;
			for (const line of wrap(header, width, INDENT.repeat(2))) put(cpu, line);
		}
		const text = textOf(step, options);
		// One source line that makes several accesses in a row is drawn once.
		if (texts[cpu] !== text) {
			for (const line of wrap(`${INDENT}${text}`, width, INDENT.repeat(3))) put(cpu, line);
		}
		const note = options.values ? noteOf(step) : '';
		if (note !== '' && note !== text)
			for (const line of wrap(`${INDENT.repeat(2)}[${note}]`, width, INDENT.repeat(3)))
				put(cpu, line);
		texts.forEach((_, other) => {
			texts[other] = other === cpu ? text : null;
		});
		if (step.violation !== null) {
			lines.push(...wrap(`*** ${visibleLine(step.violation)}`, options.width, '    '));
		}
	}
	return `${lines.join('\n')}\n`;
}

/** Steps that write, and reads of what another CPU writes somewhere in the run. */
export function raced<Step extends Pick<TraceStep, 'cpu' | 'effects' | 'violation'>>(
	steps: readonly Step[],
): readonly Step[] {
	const writers = new Map<string, Set<number>>();
	for (const { cpu, effects } of steps) {
		for (const { location, wrote } of effects) {
			if (wrote === null) continue;
			writers.set(location, (writers.get(location) ?? new Set()).add(cpu));
		}
	}
	const contended = (location: string, cpu: number): boolean =>
		[...(writers.get(location) ?? [])].some((writer) => writer !== cpu);
	return steps.filter(
		({ cpu, effects, violation }) =>
			violation !== null ||
			effects.length === 0 ||
			effects.some((e) => e.wrote !== null || contended(e.location, cpu)),
	);
}

/** What a step saw or did, where the source line alone does not say it. */
function noteOf(step: TraceStep): string {
	const { effects } = step;
	const reads = effects.length > 0 && effects.every((e) => e.wrote === null);
	return visibleLine(
		reads ? effects.map((e) => `${e.location} is ${e.read}`).join('; ') : step.what,
	);
}

function headerOf(step: TraceStep): string {
	const frame = step.frames[0];
	return visibleLine(frame === undefined ? step.thread : `${frame.function}()`);
}

function textOf(step: TraceStep, options: DiagramOptions): string {
	const frame = step.frames[0];
	const text = frame === undefined ? null : options.text(frame.site);
	return visibleLine(text === null ? step.what : text.trim().replace(/\s+/g, ' '));
}

/** Breaks at a blank, else behind punctuation, else anywhere. */
function wrap(text: string, width: number, hanging: string): readonly string[] {
	const lines: string[] = [];
	let rest = text;
	while (rest.length > width) {
		const at = breakAt(rest, width);
		lines.push(rest.slice(0, at).trimEnd());
		rest = `${hanging}${rest.slice(at).trimStart()}`;
	}
	lines.push(rest);
	return lines;
}

/** Where a line is broken: behind its indentation and a third of the width, so that every line gets on. */
function breakAt(text: string, width: number): number {
	const least = Math.max(text.length - text.trimStart().length + 1, Math.floor(width / 3));
	const blank = text.lastIndexOf(' ', width);
	if (blank >= least) return blank;
	for (let at = width; at > least; at--) {
		if (/[(,>.|&]/.test(text.charAt(at - 1))) return at;
	}
	return width;
}
