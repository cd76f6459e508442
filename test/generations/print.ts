/** The table rules × generations as text and as a Markdown page. */
import { RULES } from '../../engine/rules/verdict.js';
import { ARGUED, arguedFor, GENERATIONS } from './argued.js';
import type { Row } from './row.js';

/** Columns padded to their widest cell. */
function columns(lines: readonly (readonly string[])[]): readonly string[] {
	const widths = lines[0]?.map((_, i) => Math.max(...lines.map((line) => (line[i] ?? '').length)));
	return lines.map((line) =>
		line
			.map((cell, i) => cell.padEnd(widths?.[i] ?? 0))
			.join('  ')
			.trimEnd(),
	);
}

/** What the rows say: one line per tree, then how many findings of which rule, then what is not as argued. */
export function printed(rows: readonly Row[]): string {
	const status = (row: Row): string => {
		if (row.differences === null) return 'nothing written down';
		return row.differences.length === 0 ? 'as argued' : 'NOT AS ARGUED';
	};
	const summary = rows.map((row) => {
		const { holds, violated, unsupported, inconclusive } = row.functions;
		const verdicts = [holds, violated, unsupported, inconclusive].map(String);
		return [row.version, row.arch, row.dialect, ...verdicts, String(row.found.length), status(row)];
	});
	const head = ['kernel', 'arch', 'dialect', 'holds', 'violated', 'unsupported', 'inconclusive'];
	const rules = RULES.filter((rule) => rows.some((row) => countOf(row.found, rule) > 0));
	const name = (row: Row): string =>
		rows.every((r) => r.arch === row.arch) ? row.version : `${row.version} ${row.arch}`;
	const matrix = rules.map((rule) => [
		rule,
		...rows.map((row) => String(countOf(row.found, rule) || '·')),
	]);
	return [
		...columns([[...head, 'findings', ''], ...summary]),
		'',
		...columns([['rule', ...rows.map(name)], ...matrix]),
		...rows.flatMap((row) => details(row)),
	].join('\n');
}

function details(row: Row): readonly string[] {
	const lines = [...(row.differences ?? row.found), ...row.undecided];
	return lines.length === 0
		? []
		: ['', `${row.version} ${row.arch}:`, ...lines.map((line) => `  ${line}`)];
}

function countOf(found: readonly string[], rule: string): number {
	return found.filter((f) => f.startsWith(`${rule}@`)).length;
}

/** docs/generations.md. */
export function page(): string {
	const versions = GENERATIONS.map((g) => g.version);
	const rules = RULES.filter((rule) => ARGUED.some((a) => a.rule === rule));
	const cell = (rule: string, version: string): string => {
		const here = ARGUED.filter((a) => a.rule === rule && a.versions.includes(version));
		const onAll = countOf(arguedFor(version, 'x86_64').allowed, rule);
		if (onAll > 0) return String(onAll);
		return here.map((a) => a.arch ?? '').join(', ') || '·';
	};
	const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
	return [
		'# Kernels as they are',
		'',
		'What racewalk finds in `mm/gup.c` of unmodified kernels, by generation: functions in which a rule is broken, on x86_64.',
		'Everything else holds. `npm run trees -- DIR...` prints this table for the trees you have and fails on a finding that',
		'is not argued below; `npm test -- all` does it for 6.1 and 6.12.',
		'',
		row(['rule', ...versions]),
		row(['---', ...versions.map(() => '---')]),
		...rules.map((rule) =>
			row([`[${rule}](rules/${rule}.md)`, ...versions.map((v) => cell(rule, v))]),
		),
		'',
		'Sources:',
		'',
		...GENERATIONS.map(
			(g) =>
				`- ${g.version}: ${g.read}; entry function found by its code; naming: \`${g.dialect}\``,
		),
		'',
		'What differs between generations is found in the tree (server/tree/facts/generation.ts): whether pte_offset_map()',
		'takes rcu_read_lock() and may return NULL, whether device entries are marked, whether a pin leaves the zero page alone, which FOLL_ flags there',
		'are, whether leaves above the PTE can be special or stand in the PGD, whether there is secretmem.',
		'',
		'## The findings, argued',
		...ARGUED.flatMap((a) => [
			'',
			`### ${a.rule}: ${a.functions.map((f) => `\`${f}()\``).join(', ')}`,
			'',
			`In ${a.versions.join(', ')}${a.arch === undefined ? '' : `, ${a.arch} only`}. ${a.why}${a.unless === undefined ? '' : ` Not found where ${a.unless}.`}`,
		]),
		'',
	].join('\n');
}
