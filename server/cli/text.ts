/**
 * `--format text`: one line per finding in the form compilers use, the run below it, then the verdicts and what they
 * rest on.
 */

import { phraseOf } from '../../engine/check/what_ifs.js';
import { type Terminal, terminal, terminalLines } from '../../engine/escape/terminal.js';
import type { Bounds } from '../../engine/rules/verdict.js';
import type {
	AnalysedFinding,
	AnalysedFunction,
	AnalysedTrace,
	AnalysedUnsupported,
	AnalysedWhatIf,
	Analysis,
} from '../ide/analysis/analysis.js';
import { suppressionsIn } from '../ide/analysis/workspace_assumptions.js';
import { twoColumn } from '../ide/two_column.js';
import { counted, verdictTitle } from '../ide/verdict_words.js';
import { coverageLines } from './coverage.js';
import { matrixLines } from './matrix.js';
import { inVerdictColour, type Paint } from './paint.js';
import { assumedBy, type FileReport, findingsOnce, functionsOf, notDecided } from './report.js';

const WIDTH = 100;

const NOTHING = terminal``;

export function checkText(
	files: readonly FileReport[],
	colours: Paint,
	{ coverage }: { readonly coverage: boolean },
): Terminal {
	const parts: Terminal[] = [];
	for (const file of files) {
		parts.push(...workspaceLines(file, colours));
		for (const { whatIf, arch } of file.analyses) {
			if (whatIf !== undefined) parts.push(...whatIfLines(whatIf, arch, colours));
		}
		for (const { finding, analysis, where } of findingsOnce(file)) {
			parts.push(findingText(finding, analysis, colours));
			if (where !== null) parts.push(colours.dim(`    Found ${where}.`), NOTHING);
		}
		const isOne = file.analyses.length < 2;
		parts.push(...(isOne ? verdictLines(file, colours) : matrixLines(file, colours)));
		if (coverage) parts.push(...coverageLines(file).map((line) => colours.dim(line)));
		parts.push(...assumptionLines(file, colours));
	}
	return terminal.join(
		parts.map((part) => terminal`${part}\n`),
		'',
	);
}

function findingText(finding: AnalysedFinding, analysis: Analysis, colours: Paint): Terminal {
	const { path, line, column } = finding.place;
	const severity = finding.severity === 'information' ? 'note' : finding.severity;
	const level = severity === 'error' ? colours.red('error') : colours.yellow(severity);
	const context = [analysis.arch, finding.memory, finding.scenario].filter((p) => p !== '');
	const where = colours.bold(`${path}:${line}:${column}:`);
	return terminal.join(
		[
			terminal`${where} ${level}: ${finding.message} [${finding.rule}]`,
			colours.dim(`  ${context.join(', ')}; run ${finding.trace.id}`),
			'',
			drawnRun(finding.trace),
			'',
		],
		'\n',
	);
}

/** The run, indented below what it is about. */
export function drawnRun(trace: AnalysedTrace, { brief } = { brief: true }): Terminal {
	const rows = twoColumn(trace, { width: WIDTH, brief, values: true }).split('\n');
	return terminalLines(rows.map((row) => (row === '' ? '' : `    ${row}`)).join('\n'));
}

/** What was taken away, said before anything that follows from it: a headline and a line each. */
export function whatIfWords(whatIf: AnalysedWhatIf, arch: string): readonly [string, ...string[]] {
	const head = `what if ${phraseOf(whatIf.names)} (${arch}): what follows is not about the code as it stands`;
	const lines = whatIf.names.flatMap((name) => {
		const own = whatIf.taken.filter((t) => t.whatIf === name);
		if (own.length === 0) return [`  ${name}: there is nothing to take away`];
		return own.map(({ what, place }) => {
			const where = place === null ? '' : `${place.path}:${place.line}:${place.column}: `;
			return `  ${name}: ${where}${what}`;
		});
	});
	return [head, ...lines];
}

export function whatIfLines(
	whatIf: AnalysedWhatIf,
	arch: string,
	colours: Paint,
): readonly Terminal[] {
	const [head, ...lines] = whatIfWords(whatIf, arch);
	return [colours.bold(head), ...lines.map((line) => terminal`${line}`), NOTHING];
}

/** What the workspace answers for, before anything that may follow from it. */
function workspaceLines(file: FileReport, colours: Paint): readonly Terminal[] {
	return assumedBy('workspace', file).map((what) =>
		colours.bold(`${file.path}: note: assumes: ${what}`),
	);
}

function verdictLines(file: FileReport, colours: Paint): readonly Terminal[] {
	return functionsOf(file).map(({ verdict, analysis }) => {
		const of = verdict.verdict === 'holds' ? ` · ${verdict.explored.states} states` : '';
		const title = `${verdictTitle(verdict, analysis)}${of}`;
		const shown = inVerdictColour(
			verdict.verdict,
			analysis.whatIf === undefined ? title : supposed(title),
			colours,
		);
		const where = `${verdict.place.path}:${verdict.place.line}`;
		return terminal`${where}: note: ${verdict.name}: ${shown}`;
	});
}

/** A verdict's title under a what-if: nobody is to read it as one on the code. */
function supposed(title: string): string {
	return `what if: ${title.replace(/^holds/, 'still holds').replace(/^violated/, 'breaks')}`;
}

/** How far the verdicts reach: the furthest. */
function boundLines(functions: readonly AnalysedFunction[]): readonly string[] {
	const explored = functions.filter(({ bounds }) => bounds.worlds.length > 0);
	const common = new Set(
		explored.map(({ bounds: b }) => {
			const depth = b.depth === undefined ? '' : ', common scenarios only';
			return `each loop up to ${b.loopMax} times; at most ${b.statesMax} states per scenario${depth}`;
		}),
	);
	const reach = (of: (bounds: Bounds) => number, one: string, many: string): string => {
		const most = Math.max(...explored.map(({ bounds }) => of(bounds)));
		const isLess = explored.some(({ bounds }) => of(bounds) < most);
		return `at most ${counted(most, one, many)}${isLess ? ', fewer in some functions (--format json)' : ''}`;
	};
	if (explored.length === 0) return [];
	const isAny = explored.every(({ bounds }) => bounds.pagesAny === true);
	const any = isAny
		? "; no branch depends on the page's index, so the verdict is for any number of pages"
		: '';
	return [
		`${reach((b) => b.pagesMax, 'page', 'pages')}${any}`,
		reach((b) => b.actorsAtOnceMax, 'adversary at once', 'adversaries at once'),
		...common,
	];
}

/** Code that could not be lowered; beside `holds` it is code that no run comes to as the function is called. */
function unexplored({ function: name, reason }: AnalysedUnsupported, file: FileReport): string {
	const f = functionsOf(file).find(({ verdict }) => verdict.name === name)?.verdict;
	if (f === undefined) return `not explored: ${reason}`;
	if (f.verdict !== 'holds') return `not explored in ${name}(): ${reason}`;
	const [, flag] =
		f.assumptions.map(({ what }) => what.split(', without ')).find((parts) => parts.length > 1) ??
		[];
	const how = flag === undefined ? 'as it is called here' : `without ${flag}`;
	return `not explored: ${reason}; ${name}() holds ${how}, where no run comes to this line`;
}

/** What is assumed of the callers of several functions alike is said once, with their names. */
function joinedCallers(assumed: readonly string[]): readonly string[] {
	const alike = new Map<string, string[]>();
	for (const what of assumed) {
		const [, name, how] = /^(\w+\(\)) is called (.*)$/.exec(what) ?? [];
		if (name === undefined || how === undefined) alike.set(what, []);
		else alike.set(how, [...(alike.get(how) ?? []), name]);
	}
	return [...alike].map(([what, names]) => {
		const [first, ...more] = names;
		if (first === undefined) return what;
		if (more.length === 0) return `${first} is called ${what}`;
		return `${names.slice(0, -1).join(', ')} and ${names.at(-1)} are called ${what}`;
	});
}

/** What the verdicts of a file assume and how far they reach, said once. */
function assumptionLines(file: FileReport, colours: Paint): readonly Terminal[] {
	const functions = functionsOf(file);
	const assumed = joinedCallers(assumedBy('others', file));
	const lines = assumed.map((what) => colours.dim(`${file.path}: note: assumes: ${what}`));
	const said = new Set(functions.map(({ verdict }) => `${verdict.name}: ${verdict.why}`));
	for (const bound of boundLines(functions.map(({ verdict }) => verdict)))
		lines.push(colours.dim(`${file.path}: note: bounds: ${bound}`));
	for (const why of notDecided(file)) lines.push(terminal`${file.path}:1: note: ${why}`);
	for (const analysis of file.analyses) {
		for (const span of analysis.unsupported) {
			if (said.has(`${span.function}: ${span.reason}`)) continue;
			lines.push(terminal`${span.place.path}:${span.place.line}: note: ${unexplored(span, file)}`);
		}
		for (const { findings, rule, line, reason } of suppressionsIn(analysis.suppressed)) {
			const what = `${counted(findings, 'finding', 'findings')} [${rule}] suppressed by the comment`;
			lines.push(terminal`${file.path}:${line}: note: ${what} at line ${line}: ${reason}`);
		}
	}
	return lines;
}
