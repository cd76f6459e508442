/**
 * `racewalk explain FILE:LINE[:COL]`: what the editor's hover says there.
 */
import { realEngine } from '../engine.js';
import { analyse, analyseSites, preparing } from '../ide/analyse.js';
import { functionAt } from '../ide/analysis.js';
import { explain } from '../ide/explain.js';
import { splitLines } from '../ide/source_lines.js';
import { spanReader } from '../ide/spans.js';
import { limits } from './limits.js';
import { type CommonOptions, readInput, UsageError } from './options.js';
import { paint, whatIfLines } from './text.js';

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
	for (const request of input.requests) {
		const limit = limits(options);
		const context = { observer: limit.observer, cache: null, preparedBy: preparing() };
		const checked = analyse(realEngine, request, context);
		const analysis = { ...checked, sites: analyseSites(realEngine, request, context) };
		limit.done();
		const said = explain(
			analysis,
			{ line, column },
			{ link: () => null, spanText: spanReader(input.text) },
		);
		const inside = functionAt(analysis, line);
		const silent =
			inside === null
				? 'No function of a lockless walk stands here.'
				: `Nothing here touches shared memory in any explored run of \`${inside.name}()\`.`;
		if (analysis.whatIf !== undefined) {
			const told = whatIfLines(analysis.whatIf, request.arch, paint(false));
			parts.push(['```', ...told.filter((l) => l !== ''), '```'].join('\n'));
		}
		parts.push(said?.markdown ?? silent);
	}
	const markdown = parts.join('\n\n---\n\n');
	const shown =
		options.format === 'json' ? JSON.stringify({ schema: 1, markdown }, null, 1) : markdown;
	process.stdout.write(`${shown}\n`);
	return 0;
}
