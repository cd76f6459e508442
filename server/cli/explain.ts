/**
 * `racewalk explain FILE:LINE[:COL]`: what the editor's hover says there.
 */

import { analyse, analyseSites, preparing } from '../ide/analysis/analyse.js';
import { type Analysis, functionAt, type VariantAnalysis } from '../ide/analysis/analysis.js';
import { spanReader } from '../ide/analysis/spans.js';
import { configurationsMarkdown } from '../ide/configurations.js';
import { explain } from '../ide/explain.js';
import { withoutLine, withReason } from '../ide/guard_words.js';
import { analyseGuards } from '../ide/guards.js';
import { splitLines } from '../tree/source_lines.js';
import { realEngine } from '../worker/engine.js';
import { limits } from './limits.js';
import { type CommonOptions, readInput, UsageError } from './options.js';
import { paint } from './paint.js';
import { whatIfLines } from './text.js';

/** Nothing can be clicked on a terminal: runs are named. */
const NOWHERE = { text: '', run: () => null };

/** Runs the command; the process's exit status. */
export async function runExplain(subject: string, options: CommonOptions): Promise<number> {
	const split = /^(.+?):(\d+)(?::(\d+))?$/.exec(subject);
	if (split?.[1] === undefined) {
		throw new UsageError(`explain takes FILE:LINE or FILE:LINE:COL, not '${subject}'`);
	}
	if (options.format === 'sarif' || options.format === 'github') {
		throw new UsageError('explain prints text or json');
	}
	const line = Number(split[2]);
	const column = split[3] === undefined ? null : Number(split[3]);
	const input = readInput(split[1], options);
	const lines = splitLines(input.text).length;
	if (line < 1 || line > lines) {
		throw new UsageError(`${input.path} has ${lines} lines, there is no line ${line}`);
	}
	const parts: string[] = [];
	const analyses: VariantAnalysis[] = [];
	for (const [i, request] of input.requests.entries()) {
		const limit = limits(options);
		const context = { observer: limit.observer, cache: null, preparedBy: preparing() };
		const checked = analyse(realEngine, request, context);
		const variant = input.variants[i];
		if (variant !== undefined) analyses.push({ variant, analysis: checked });
		// the first is explained; of the others it is said where they differ
		if (i > 0 && request.whatIf === undefined) {
			limit.done();
			continue;
		}
		const analysis = { ...checked, sites: analyseSites(realEngine, request, context) };
		const guards = analyseGuards(realEngine, request, { ...context, line });
		limit.done();
		const without = withoutLine({ guards, complete: true }, { line, column }, NOWHERE);
		parts.push(...explained({ ...analysis, without }, input.text, { line, column }));
	}
	const configurations = analyses.length > 1 ? configurationsMarkdown(analyses, line) : null;
	if (configurations !== null) parts.push(configurations);
	const markdown = parts.join('\n\n---\n\n');
	const shown =
		options.format === 'json' ? JSON.stringify({ schema: 1, markdown }, null, 1) : markdown;
	process.stdout.write(`${shown}\n`);
	return 0;
}

/** What is said of a place under one configuration. */
function explained(
	analysis: Analysis & { readonly without: string | null },
	text: string,
	at: { readonly line: number; readonly column: number | null },
): readonly string[] {
	const said = explain(analysis, at, { link: () => null, spanText: spanReader(text) });
	const inside = functionAt(analysis, at.line);
	const silent =
		inside === null
			? `No function of a lockless walk stands here on ${analysis.arch}.`
			: `Nothing here touches shared memory in any explored run of \`${inside.name}()\`.`;
	const { without } = analysis;
	const markdown = withReason(said?.markdown ?? (without === null ? silent : null), without);
	if (analysis.whatIf === undefined) return [markdown];
	const told = whatIfLines(analysis.whatIf, analysis.arch, paint(false));
	return [['```', ...told.filter((l) => l !== ''), '```'].join('\n'), markdown];
}
