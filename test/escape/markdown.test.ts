/**
 * Laws of Markdown: rendered, the parts are what they were made as and the text is what it was, whatever it holds.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	asMarkdown,
	asPlain,
	code,
	codeBlock,
	commandTarget,
	heading,
	item,
	lines,
	link,
	md,
	paragraphs,
	prose,
	type Said,
	strong,
	webTarget,
} from '../../engine/escape/markdown.js';
import { visible, visibleLine } from '../../engine/escape/visible.js';
import { HOSTILE, hostileText } from './hostile.js';
import { renderings } from './rendered.js';

interface Shape {
	/** Elements that the parts are rendered as, in order. */
	readonly elements: readonly string[];
	readonly addresses: readonly string[];
	/** Text that is read. */
	readonly text: string;
}

/** Text without what white space does in HTML. */
function squeezed(text: string): string {
	return text.replace(/\s+/g, '');
}

function check(said: Said, expected: Shape): void {
	const markdown = asMarkdown(said);
	for (const [by, rendered] of Object.entries(renderings(markdown))) {
		const shape = { ...rendered, text: squeezed(rendered.text) };
		expect({ by, markdown, ...shape }).toEqual({
			by,
			markdown,
			...expected,
			text: squeezed(expected.text),
		});
	}
	expect(squeezed(asPlain(said))).toContain(squeezed(expected.text).slice(0, 3));
}

const target = commandTarget('racewalk.openTrace', { uri: 'file:///a(b).c', function: 'f' });

/** Each is given a text and says what it must be rendered as. */
const SHAPES: Readonly<Record<string, (text: string) => readonly [Said, Shape]>> = {
	text: (t) => [
		md`It says ${t}, and more`,
		{ elements: ['p'], addresses: [], text: `It says ${visibleLine(t)}, and more` },
	],
	'text at both ends': (t) => [
		md`${t}x${t}`,
		{ elements: ['p'], addresses: [], text: `${visibleLine(t)}x${visibleLine(t)}` },
	],
	'strong code': (t) => [
		md`${strong(code(`a/*${t}*/a`))} drops`,
		{
			// where it has a backtick in it, it is code and no more
			elements: t.includes('`') ? ['p', 'code'] : ['p', 'strong', 'code'],
			addresses: [],
			text: `a/*${visibleLine(t)}*/a drops`,
		},
	],
	'strong text': (t) => [
		md`x ${strong(`a${t}a`)} y`,
		{
			elements: t.includes('`') ? ['p'] : ['p', 'strong'],
			addresses: [],
			text: `xa${visibleLine(t)}ay`,
		},
	],
	code: (t) => [
		md`Seen: ${code(`a${t}`)}.`,
		{ elements: ['p', 'code'], addresses: [], text: `Seen: a${visibleLine(t)}.` },
	],
	'code beside text and code': (t) => [
		md`${t}${code(`${t}a`)}${code(`a${t}`)}${t}a`,
		{
			elements: ['p', 'code', 'code'],
			addresses: [],
			text: `${visibleLine(t)}${visibleLine(t)}aa${visibleLine(t)}${visibleLine(t)}a`,
		},
	],
	'a link': (t) => [
		md`a ${link(code(`a${t}`.replace(/[`[\]]/g, '')), target)} ${link(`a${t}a`, target)}${t}`,
		{
			elements: ['p', 'a', 'code', 'a'],
			addresses: [target, target],
			text: `a a${visibleLine(t.replace(/[`[\]]/g, ''))} a${visibleLine(t)}a${visibleLine(t)}`,
		},
	],
	'a list below a line': (t) => [
		lines([strong('Races with'), item(md`a${t}`), item(`b${t}`)]),
		{
			elements: ['p', 'strong', 'ul', 'li', 'li'],
			addresses: [],
			text: `Races with a${visibleLine(t)} b${visibleLine(t)}`,
		},
	],
	'a sentence that quotes code': (t) => {
		const outer = t.split('`');
		const codes = outer.filter((piece, i) => i % 2 === 1 && i < outer.length - 1 && piece !== '');
		const rest = outer.map((piece, i) =>
			i > 0 && i % 2 === 1 && i === outer.length - 1 ? `\`${piece}` : piece,
		);
		return [
			md`a ${prose(t)} b`,
			{
				elements: ['p', ...codes.map(() => 'code')],
				addresses: [],
				text: `a${rest.map(visibleLine).join('')}b`,
			},
		];
	},
	'lines of a paragraph': (t) => [
		paragraphs([heading(`a${t}`), lines([`b${t}`, `c${t}`]), codeBlock(t)]),
		{
			elements: ['h1', 'p', 'pre', 'code'],
			addresses: [],
			text: `a${visibleLine(t)} b${visibleLine(t)} c${visibleLine(t)} ${visible(t)}`,
		},
	],
};

describe('Markdown', () => {
	it.each(Object.entries(SHAPES))('%s stays what it is', (_, shape) => {
		for (const text of HOSTILE) check(...shape(text));
		fc.assert(
			fc.property(hostileText, (text) => check(...shape(text))),
			{ numRuns: 600 },
		);
	});

	it.each([
		['pte[0] = present|write of folio#1.refs', 'pte[0] = present|write of folio#1.refs'],
		['gup_fast_pte_range() reads a * b < c', 'gup_fast_pte_range() reads a * b < c'],
		['see mm/gup.c:12, line 3', 'see mm/gup.c:12, line 3'],
	])('says %s as a person would write it', (text, written) => {
		expect(asMarkdown(text)).toBe(written);
	});

	it.each([
		['file:///a (b)`.c#L1', 'file:///a%20%28b%29%60.c#L1'],
		['command:workbench.action.quit', null],
		['javascript:alert(1)', null],
		['data:text/html,x', null],
		['file:///\ud800', 'file:///%EF%BF%BD'],
	])('leads to %j as %j', (address, expected) => {
		expect(webTarget(address)).toBe(expected);
	});
});
