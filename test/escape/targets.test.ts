/**
 * Laws of the other targets, each held against a reader of it: an XML and an HTML parser, a reader of DOT's strings, GitHub's
 * reading of workflow commands, and what VS Code and SARIF viewers look for in plain text.
 */
import fc from 'fast-check';
import { parse as parseHtml } from 'parse5';
import { SaxesParser } from 'saxes';
import { describe, expect, it } from 'vitest';
import { dot, dotName, svg } from '../../engine/escape/drawing.js';
import { label, plain } from '../../engine/escape/label.js';
import { sarifText, workflowCommand } from '../../engine/escape/report.js';
import { coloured, terminal, terminalLines, written } from '../../engine/escape/terminal.js';
import { visible, visibleJson, visibleLine } from '../../engine/escape/visible.js';
import { HOSTILE, hostileText } from './hostile.js';

/** What no screen shows, or what moves what it shows; a line feed and a tab apart. */
const UNSEEN =
	/[^\P{Cc}\n\t]|[\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/u;

const FOR_LINES = { escaped: visible, isOneLine: false };
const FOR_A_LINE = { escaped: visibleLine, isOneLine: true };

/** Each is given a hostile text and fails where it comes through. */
const LAWS: Readonly<Record<string, (text: string) => void>> = {
	'visible text': (text) => {
		for (const { escaped, isOneLine } of [FOR_LINES, FOR_A_LINE]) {
			const shown = escaped(text);
			expect(shown).not.toMatch(UNSEEN);
			expect(escaped(shown)).toBe(shown);
			if (isOneLine) expect(shown).not.toMatch(/[\n\t]/);
		}
	},
	'JSON that is the same value': (text) => {
		const shown = visibleJson({ [text]: [text] });
		expect(shown).not.toMatch(UNSEEN);
		expect(JSON.parse(shown)).toEqual({ [text]: [text] });
	},
	'a label': (text) => {
		expect(label(text)).not.toMatch(UNSEEN);
		// src/vs/base/common/{iconLabels,linkedText}.ts of VS Code
		expect(label(text)).not.toMatch(/\n|\$\([a-z]|\[[^\]]*\]\(/i);
	},
	'plain text': (text) => {
		expect(plain(text)).not.toMatch(UNSEEN);
	},
	'terminal text': (text) => {
		const shown = written(
			terminal`${coloured(31, text)}: ${text}\n${terminalLines(text)}\n${text}`,
		);
		const parts = shown.split('\x1b[31m').flatMap((part) => part.split('\x1b[0m'));
		expect(parts).toHaveLength(3);
		for (const part of parts) expect(part).not.toMatch(UNSEEN);
		// a build service takes such a line of a log for a command
		expect(shown).not.toMatch(/^\s*::|##\[/m);
		const own = terminal`${coloured(31, text)}: ${text}`.text;
		expect(own).not.toContain('\n');
	},
	'SVG and HTML': (text) => {
		const drawn = svg`<svg xmlns="http://www.w3.org/2000/svg"><title a="${text}">${text}</title></svg>`;
		const read: string[] = [];
		const xml = new SaxesParser();
		xml.on('error', (error) => {
			throw error;
		});
		xml.on('opentag', (tag) => {
			const attributes = Object.entries(tag.attributes).map(([name, value]) => `${name}=${value}`);
			read.push(tag.name, ...attributes);
		});
		xml.on('text', (said) => read.push(said));
		xml.write(drawn.text).close();
		const said = visibleLine(text).replace(/[\ufffe\uffff]/g, '\ufffd');
		const parts = ['svg', 'xmlns=http://www.w3.org/2000/svg', 'title', `a=${said}`];
		expect(read.filter((part) => part !== '')).toEqual(said === '' ? parts : [...parts, said]);
		const html = JSON.stringify(parseHtml(`<p>${drawn.text}</p>`), (key, value: unknown) =>
			key === 'parentNode' ? undefined : value,
		);
		expect(html).not.toMatch(/"tagName":"(?!html|head|body|p|svg|title)/);
	},
	DOT: (text) => {
		const drawn = dot`digraph ${text} { ${dotName(text)} [label=${text}]; }`.text;
		expect(drawn).not.toMatch(/[\n\r]/);
		const rest = drawn.replace(/"(?:\\.|[^"\\])*"/g, 'S');
		expect(rest).toMatch(/^digraph S \{ (?:S|[a-z]+) \[label=S\]; \}$/);
	},
	'a workflow command': (text) => {
		const command = workflowCommand('error', { file: text, line: 1, title: text }, text);
		const read = /^::error file=([^:,]*),line=1,title=([^:,]*)::([^\n\r]*)$/.exec(command);
		expect(read).not.toBeNull();
		const back = (escaped: string | undefined): string => decodeURIComponent(escaped ?? '');
		expect(back(read?.[1])).toBe(visibleLine(text));
		expect(back(read?.[2])).toBe(visibleLine(text));
		// a message is only undone for %, CR and LF
		expect((read?.[3] ?? '').replace(/%0A/g, '\n').replace(/%25/g, '%')).toBe(visible(text));
	},
	'a message of SARIF': (text) => {
		const message = sarifText(text);
		expect(message).not.toMatch(UNSEEN);
		expect(message).not.toMatch(/\]\(/);
		expect(message.replace(/\{\{|\}\}/g, '')).not.toMatch(/[{}]/);
	},
};

describe('escaped text', () => {
	it.each(Object.entries(LAWS))('%s', (_, law) => {
		for (const text of HOSTILE) law(text);
		fc.assert(fc.property(hostileText, law), { numRuns: 500 });
	});

	it.each([
		['\x1b[31m', '\\x1b[31m'],
		['a\u202eb', 'a\\u202eb'],
		['\u{e0041}', '\\u{e0041}'],
		['a\r\nb\rc', 'a b c'],
		['naïve – ≤ 漢字', 'naïve – ≤ 漢字'],
	])('shows %j as %j', (text, shown) => {
		expect(visibleLine(text)).toBe(shown);
	});
});
