/**
 * `racewalk explain FILE:LINE[:COL]`: what the editor's hover says there.
 */

import {
	asMarkdown,
	code,
	codeBlock,
	type Markdown,
	md,
	paragraphs,
	RULE,
} from '../../engine/escape/markdown.js';
import { terminalLines } from '../../engine/escape/terminal.js';
import { analyse, analyseSites, preparing } from '../ide/analysis/analyse.js';
import { type Analysis, functionAt, type VariantAnalysis } from '../ide/analysis/analysis.js';
import { spanReader } from '../ide/analysis/spans.js';
import { configurationsMarkdown } from '../ide/configurations.js';
import { explain } from '../ide/explain.js';
import { type Reason, withoutLine, withReason } from '../ide/guard_words.js';
import { analyseGuards } from '../ide/guards.js';
import { splitLines } from '../tree/source_lines.js';
import { realEngine } from '../worker/engine.js';
import { limits } from './limits.js';
import { type CommonOptions, readInput, UsageError } from './options.js';
import { whatIfWords } from './text.js';
import { print, printJson } from './write.js';

/** Nothing can be clicked on a terminal: runs are named. */
const NOWHERE = { text: '', run: () => null };

/** Runs the command; the process's exit status. */
export async function runExplain(subject: string, options: CommonOptions): Promise<number> {
	const split = /^(.+?):(\d+)(?::(\d+))?$/s.exec(subject);
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
	const parts: Markdown[] = [];
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
		parts.push(explained({ ...analysis, without }, input.text, { line, column }));
	}
	const configurations = analyses.length > 1 ? configurationsMarkdown(analyses, line) : null;
	if (configurations !== null) parts.push(configurations);
	const ruled = parts.flatMap((part, i) => (i === 0 ? [part] : [RULE, part]));
	const markdown = asMarkdown(paragraphs(ruled));
	if (options.format === 'json') printJson({ schema: 1, markdown });
	else print(terminalLines(`${markdown}\n`));
	return 0;
}

/** What is said of a place under one configuration. */
function explained(
	analysis: Analysis & { readonly without: Reason | null },
	text: string,
	at: { readonly line: number; readonly column: number | null },
): Markdown {
	const said = explain(analysis, at, { link: () => null, spanText: spanReader(text) });
	const inside = functionAt(analysis, at.line);
	const silent =
		inside === null
			? md`This line is in no function of a lockless walk on ${analysis.arch}.`
			: md`This line accesses no shared memory in any explored run of ${code(`${inside.name}()`)}.`;
	const { without } = analysis;
	const silence = without === null ? { brief: silent, details: null } : null;
	const { brief, details } = withReason(said ?? silence, without);
	const told = details === null ? [brief] : [brief, RULE, details];
	if (analysis.whatIf === undefined) return paragraphs(told);
	const supposed = whatIfWords(analysis.whatIf, analysis.arch);
	return paragraphs([codeBlock(supposed.join('\n')), RULE, ...told]);
}
