/**
 * Nothing but `engine/escape` makes text of a syntax: Markdown, SVG, DOT, a terminal's colours, workflow commands. The types
 * hold most of it; here is what types cannot see.
 */
import { describe, expect, it } from 'vitest';
import { codeFiles, read, withoutComments } from './sources.js';

const own = codeFiles().filter((path) => /^(?:engine|server|client)\//.test(path));

/** Lines of files (but those excepted) in which a pattern is found. */
function hits(pattern: RegExp, except: readonly string[] = []): readonly string[] {
	return own
		.filter((path) => !except.some((one) => path.startsWith(one)))
		.flatMap((path) =>
			withoutComments(read(path))
				.split('\n')
				.flatMap((line, i) => (pattern.test(line) ? [`${path}:${i + 1}: ${line.trim()}`] : [])),
		);
}

const ESCAPE = 'engine/escape/';

const RULES: Readonly<Record<string, () => readonly string[]>> = {
	'a value of a target is made by its file alone': () =>
		hits(
			/\bas (?:unknown as )?(?:Markdown|Target|Label|Plain|Svg|Dot|Terminal|SarifText|WorkflowCommand|Escaped)\b(?!['"])|\b(?:made|template)\b.*escape\/escaped/,
			// a label of a program is a place to jump to
			[ESCAPE, 'engine/program/builder.ts'],
		),
	'Markdown is put together from parts': () =>
		hits(/\*\*\$\{|\\`\$\{|\]\(\$\{|\]\(<|["'`]```/, [
			ESCAPE,
			// sentences that quote code, shown by prose()
			...['server/ide/guards.ts', 'server/ide/simulation.ts', 'server/ide/code_actions.ts'],
		]),
	'markup stands in templates that escape': () =>
		hits(
			/(?<!\bsvg)["'`]<\/?(?:svg|g|path|text|title|line|rect|marker|html|body|div|span|a|p|b|img|script|style|!)\b/i,
			[
				ESCAPE,
				'client/panel_page.ts',
				// constants without anything put in from outside
				'client/verdict_icon.ts',
			],
		),
	'DOT stands in templates that escape': () =>
		hits(/(?<!\bdot)["'`](?:di)?graph |label=/, [
			ESCAPE,
			...['engine/trace/execution_dot.ts', 'server/ide/run_drawing.ts', 'client/panel_page.ts'],
		]),
	'escape sequences are the terminal’s own': () => hits(/\\x1b|\\u001b|\\x9b|\\033/i, [ESCAPE]),
	'workflow commands are made where they are escaped': () =>
		hits(/["'`]::(?:error|warning|notice|debug|group|add-mask)/, [ESCAPE]),
	'the command line writes in one place': () =>
		hits(/\bprocess\.std(?:out|err)\.write\b|\bconsole\.(?!error\(plain)/, [
			'server/cli/write.ts',
			// what Node itself says of a worker
			'server/exploration',
			'server/worker',
			'server/lsp/server.ts',
			'server/lsp/serve.ts',
		]),
	'JSON is printed in one place': () =>
		hits(/write\([^)]*JSON\.stringify/, ['server/cli/write.ts']),
	'the editor gets its Markdown in one place': () =>
		hits(/new (?:vscode\.)?MarkdownString|\.append(?:Markdown|Text|Codeblock)\(/, [
			'client/markdown_string.ts',
		]),
	'nothing is trusted as a whole, no HTML is let through': () =>
		hits(/\bisTrusted\s*[:=]\s*true|\bsupportHtml\s*[:=]\s*true/),
	'the panel builds its page without markup': () =>
		hits(/\b(?:inner|outer)HTML\b|insertAdjacentHTML|document\.write|createContextualFragment/),
	'messages of the editor are labels': () =>
		hits(
			/\bshow(?:Information|Warning|Error)Message\((?!$|['"]|label\(|text\))|\bsetStatusBarMessage\((?!$|`\$\(check\) \$\{label\()|\bshowMessage\b/,
			// it asks whether the client has it
			['server/lsp/capabilities.ts'],
		),
	'messages of the server go through tell()': () =>
		hits(/ShowMessageNotification|\bconnection\.window\.show\w+Message/, ['server/lsp/tell.ts']),
};

describe('text of a syntax', () => {
	it.each(Object.entries(RULES))('%s', (_, rule) => {
		expect(rule()).toEqual([]);
	});

	it('is looked for in files that are there', () => {
		expect(own).toContain('client/markdown_string.ts');
		expect(own).toContain('server/cli/write.ts');
		expect(hits(/new vscode\.MarkdownString/)).toHaveLength(1);
		expect(hits(/\bprocess\.stdout\.write\b/).length).toBeGreaterThan(0);
	});
});
