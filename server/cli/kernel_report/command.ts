/** `racewalk report FILE`: what a report of KCSAN, KASAN, lockdep or WARN() comes from, in the tree at hand. */
import { kernelReports } from '../../kernel_report/parse.js';
import { symbolMap } from '../../kernel_report/symbol_map.js';
import { openTree } from '../../tree/workspace.js';
import { requireFormat } from '../asking.js';
import { colours } from '../format.js';
import {
	type CommonOptions,
	readSource,
	shownName,
	treeOrCurrent,
	UsageError,
} from '../options.js';
import { executorOf } from '../supervised.js';
import { print, printJson } from '../write.js';
import type { Answer } from './answer.js';
import { answerJson } from './answer_json.js';
import { answerText } from './answer_text.js';
import { answered, plain } from './answering.js';

export type ReportOptions = CommonOptions<string> & {
	/** A System.map, for addresses without symbols. */
	readonly map?: string;
};

const SPENT = 'undecided: the budget ran out before this report';

/** All reports of a log share one budget. */
function within(options: ReportOptions, left: number): ReportOptions {
	return options.budget === undefined ? options : { ...options, budget: left };
}

/** Exit status: 0 every report is benign, 1 one is explained by a run, 3 one is not explained, not modelled or undecided. */
export async function runReport(file: string, options: ReportOptions): Promise<number> {
	requireFormat('report', options);
	if (options.memory === 'lkmm')
		throw new UsageError('report looks at interleavings: leave out --memory lkmm');
	const folder = treeOrCurrent(options.tree);
	const map = options.map === undefined ? null : symbolMap(readSource(options.map));
	if (options.map !== undefined && map === null)
		throw new UsageError(`${options.map} holds no symbol: --map takes a kernel's System.map`);
	const shown = shownName(file);
	const reports = kernelReports(readSource(file), map);
	if (reports.length === 0)
		throw new UsageError(`${shown} holds no report of KCSAN, KASAN, lockdep, WARN() or BUG()`);
	const executor = executorOf(options);
	const tree = openTree(folder);
	const until = performance.now() + (options.budget ?? Number.POSITIVE_INFINITY) * 1000;
	const answers: Answer[] = [];
	try {
		for (const report of reports) {
			const left = (until - performance.now()) / 1000;
			const answer =
				left > 0
					? await answered(report, { tree, folder, options: within(options, left), executor })
					: { ...plain(report), outcome: 'undecided' as const, said: [SPENT] };
			answers.push(answer);
			if (options.format === 'text') print(answerText(answer, shown, colours(options)));
		}
	} finally {
		await executor.end();
	}
	if (options.format === 'json') printJson(answerJson(answers));
	if (answers.some(({ outcome }) => outcome === 'explained')) return 1;
	return answers.every(({ outcome }) => outcome === 'benign') ? 0 : 3;
}
