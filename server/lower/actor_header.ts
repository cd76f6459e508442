/**
 * What an adversary says of itself in the comment above it: what it needs to be configured, where it acts, with whom at once.
 *
 *     Needs: CONFIG_KSM, CONFIG_MIGRATION
 *     Worlds: "page-cache slot", "anon page, exclusive, writable"
 *     Beside: reuse in "anon page, exclusive, writable": what only the two of them can do
 *     Makes clean: yes                   pages lose their dirty bit and their write permission: a device may write to them later
 *     Unmaps the page: yes               where the walk read its entry another page is mapped afterwards, or none
 *     On demand: yes                     it acts in any world of a walk where what it changes is asked for and nobody changes it
 *     Left to callers: pins              or references: whoever calls a function that is looked at alone keeps it off those
 *     Leaves out: IPI                    what the kernel waits for and it does not, on purpose: a comma between several
 *     Under lkmm: yes                    it takes exclusivity away: barriers of a walk are guards against it
 *
 * A line goes on in those below it, up to the next word with a colon or an empty one. Any of them may be left out.
 */
import type { ActorHeader } from '../../engine/program/program.js';

/** An actor's name and the bracket behind it. */
const ACTOR = /\bactor_(\w{1,200})\s*\(/y;
/** Characters between an actor's name and its body. */
const HEAD_MAX = 1000;
const COMMENT = /\/\*[\s\S]*?(?:\*\/|$)/;
const WORDS = [
	'Needs',
	'Worlds',
	'Beside',
	'Makes clean',
	'Unmaps the page',
	'On demand',
	'Left to callers',
	'Leaves out',
	'Under lkmm',
] as const;
type Word = (typeof WORDS)[number];

/** The headers of a file's adversaries, in the order of its text; the file's first comment is that of those without one. */
export function actorHeaders(text: string): readonly ActorHeader[] {
	const first = COMMENT.exec(text)?.[0] ?? '';
	return actorHeads(text).map(({ name, start }) =>
		headerOf(name, commentAbove(text, start) ?? first),
	);
}

/** The definitions `actor_NAME` of a file: the name, and where the line begins that it stands on. */
export function actorHeads(
	text: string,
): readonly { readonly name: string; readonly start: number }[] {
	const heads: { name: string; start: number }[] = [];
	let next = 0;
	for (const line of text.split('\n')) {
		const start = next;
		next += line.length + 1;
		// nothing that stands in or behind a comment
		const [code = ''] = line.split(/[/*]/, 1);
		ACTOR.lastIndex = start + Math.max(0, code.lastIndexOf('actor_'));
		const name = ACTOR.exec(text)?.[1];
		if (name === undefined) continue;
		const behind = text.slice(ACTOR.lastIndex, ACTOR.lastIndex + HEAD_MAX);
		if (/[;{]/.exec(behind)?.[0] === '{') heads.push({ name, start });
	}
	return heads;
}

/** The comment that ends above a place, with nothing but blanks in between; undefined: there is none. */
export function commentAbove(text: string, at: number): string | undefined {
	const above = text.slice(0, at).trimEnd();
	if (!above.endsWith('*/')) return undefined;
	const before = above.lastIndexOf('*/', above.length - 3);
	const from = above.indexOf('/*', before < 0 ? 0 : before + 2);
	return from < 0 ? undefined : above.slice(from);
}

function headerOf(name: string, comment: string): ActorHeader {
	const said = sentencesOf(comment);
	const of = (word: Word): readonly string[] =>
		said.flatMap((s) => (s.word === word ? [s.text] : []));
	const callers = of('Left to callers')[0];
	const worlds = of('Worlds').flatMap(quoted);
	return {
		name,
		needs: of('Needs').flatMap((text) => text.split(/,\s*/)),
		worlds: worlds.length === 0 ? null : worlds,
		beside: of('Beside').flatMap((text) => {
			const [, other, where, why] = /^(\w+) in ((?:"[^"]*"(?:, )?)+): (.*)$/.exec(text) ?? [];
			if (other === undefined || where === undefined) return [];
			return [{ actor: other, worlds: quoted(where), why: why ?? '' }];
		}),
		makesClean: of('Makes clean')[0] === 'yes',
		unmaps: of('Unmaps the page')[0] === 'yes',
		onDemand: of('On demand')[0] === 'yes',
		leftToCallers: callers === 'pins' || callers === 'references' ? callers : null,
		leavesOut: of('Leaves out').flatMap((text) => text.split(/,\s*/)),
		underLkmm: of('Under lkmm')[0] === 'yes',
	};
}

function sentencesOf(comment: string): readonly { readonly word: Word; readonly text: string }[] {
	const lines = comment
		.replace(/^\/\*+|\*\/\s*$/g, '')
		.split('\n')
		.map((line) => line.replace(/^\s*\*?\s?/, '').trim());
	const said: { word: Word; text: string }[] = [];
	let isOpen = false;
	for (const line of lines) {
		const word = WORDS.find((w) => line.startsWith(`${w}: `));
		if (word !== undefined) said.push({ word, text: line.slice(word.length + 2) });
		else if (isOpen && line !== '') {
			const last = said.at(-1);
			if (last !== undefined) last.text += ` ${line}`;
		}
		isOpen = word !== undefined || (isOpen && line !== '');
	}
	return said;
}

function quoted(text: string): readonly string[] {
	return [...text.matchAll(/"([^"]*)"/g)].map((match) => presentName(match[1] ?? ''));
}

/** Words of worlds' names that were other words before: files of users name worlds by them. */
const FORMER: readonly (readonly [string, string])[] = [
	['mapped by small entries', 'mapped by PTEs'],
	['of a dirty-tracked file', 'of a filesystem with dirty tracking'],
	['of a dying device', 'of a device being removed'],
	['peer-to-peer device page', 'P2PDMA page'],
	['in a table shared with another process', 'in a shared PMD table'],
];

function presentName(world: string): string {
	return FORMER.reduce((name, [before, now]) => name.replace(before, now), world);
}
