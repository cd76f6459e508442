/**
 * A run as kernel commit messages draw it: a column per CPU, time downwards.
 */
import type { AnalysedStep, AnalysedTrace } from './analysis.js';

/** Text of the diagram, without a final line end. */
export function twoColumn(trace: AnalysedTrace, options: { readonly width: number }): string {
	const columns = Math.max(1, trace.threads.length);
	const width = Math.max(20, Math.floor((options.width - 2 * (columns - 1)) / columns));
	const rows: string[] = [];
	const put = (cpu: number, text: string): void => {
		for (const part of wrap(text, width)) rows.push(`${' '.repeat(cpu * (width + 2))}${part}`);
	};
	rows.push(trace.threads.map((name, cpu) => `CPU ${cpu}: ${name}`.padEnd(width + 2)).join(''));
	rows.push('');
	const inside = new Map<number, string>();
	for (const step of trace.steps) {
		const name = headOf(step);
		if (inside.get(step.cpu) !== name) {
			put(step.cpu, `${name}()`);
			inside.set(step.cpu, name);
		}
		put(step.cpu, `  ${step.text === '' ? step.what : step.text}`);
		if (step.text !== '' && step.what !== '') put(step.cpu, `    [${step.what}]`);
		if (step.violation !== null) put(step.cpu, `  ** ${step.violation}`);
	}
	return rows.map((row) => row.trimEnd()).join('\n');
}

function headOf(step: AnalysedStep): string {
	const [innermost] = step.frames;
	return innermost.cites?.function ?? innermost.function;
}

function wrap(text: string, width: number): readonly string[] {
	const indent = /^ */.exec(text)?.[0] ?? '';
	const lines: string[] = [];
	let line = '';
	for (const word of text.trim().split(/\s+/)) {
		if (line !== '' && indent.length + line.length + 1 + word.length > width) {
			lines.push(indent + line);
			line = `  ${word}`;
		} else {
			line = line === '' ? word : `${line} ${word}`;
		}
	}
	lines.push(indent + line);
	return lines;
}
