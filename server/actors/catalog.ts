/**
 * What the adversaries are, read from their C: what each does, in which worlds it acts, what it needs to be configured, and
 * its steps with the kernel functions they cite. And whether a tree still has these functions.
 *
 * Invariant: says nothing that does not stand in an adversary's file or in the data of the worlds.
 */

import { READER_WORLDS } from '../../engine/mm/worlds/reader/reader_worlds.js';
import { WORLDS } from '../../engine/mm/worlds/walk/worlds.js';
import type { ActorHeader, Citation, KernelFunction } from '../../engine/program/program.js';
import { actorHeaders, commentAbove } from '../lower/actor_header.js';
import { citationsIn } from '../lower/citations.js';
import { splitLines } from '../tree/source_lines.js';
import type { ActorSource } from './sources.js';

/** One step: code of the adversary under the comment that cites what it stands for. */
export interface ActorStep {
	/** File of the adversary or of what it shares with others, and the line of the code. */
	readonly path: string;
	readonly line: number;
	readonly text: string;
	readonly cites: Citation;
}

export interface Actor {
	readonly name: string;
	readonly path: string;
	/** True for a file of `.racewalk/actors`, the user's own. */
	readonly own: boolean;
	/** The first paragraph of the comment above it. */
	readonly what: string;
	/** Names of the worlds it acts in alone; null: every world in which any adversary does. */
	readonly worlds: readonly string[] | null;
	/** Those it acts together with. */
	readonly beside: readonly string[];
	/** CONFIG_ symbols and features without which it does not act. */
	readonly needs: readonly string[];
	readonly steps: readonly ActorStep[];
}

/** Helpers calling helpers, at most. */
const DEPTH_MAX = 8;
/** Lines between a citation and its code, at most. */
const LINES_MAX = 6;

interface Body {
	readonly path: string;
	readonly name: string;
	readonly text: string;
	/** Line of the file on which `text` begins. */
	readonly line: number;
	/** The comment right above, or the file's first. */
	readonly comment: string;
}

/** The adversaries of all files, by name. */
export function actorsOf(sources: readonly ActorSource[]): readonly Actor[] {
	const bodies = new Map(sources.flatMap(bodiesIn).map((body) => [body.name, body]));
	const headers = sources.flatMap((source) => actorHeaders(source.text));
	return [...bodies.values()]
		.filter((body) => body.name.startsWith('actor_'))
		.map((body) => actorOf(body, bodies, headers))
		.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function actorOf(
	body: Body,
	bodies: ReadonlyMap<string, Body>,
	headers: readonly ActorHeader[],
): Actor {
	const name = body.name.slice('actor_'.length);
	const header = headers.findLast((h) => h.name === name);
	const worlds = [...WORLDS, ...READER_WORLDS].filter(
		(w) => w.actors.includes(name) || header?.worlds?.includes(w.name) === true,
	);
	const beside = headers.flatMap((h) =>
		h.beside.flatMap((other) =>
			h.name === name ? [other.actor] : other.actor === name ? [h.name] : [],
		),
	);
	return {
		name,
		path: body.path,
		own: !body.path.startsWith('racewalk:'),
		what: described(body.comment, name),
		worlds: worlds.length > 0 || beside.length > 0 ? worlds.map((w) => w.name) : null,
		beside: [...new Set(beside)],
		needs: (header?.needs ?? []).filter((need) => need.startsWith('CONFIG_')),
		steps: stepsOf(body, bodies, []),
	};
}

/** First paragraph of a comment, without its stars and the adversary's name. */
function described(comment: string, name: string): string {
	const lines = comment
		.replace(/^\/\*+|\*\/$/g, '')
		.split('\n')
		.map((line) => line.replace(/^\s*\*?\s?/, '').trim());
	const start = lines.findIndex((line) => line !== '');
	const end = lines.findIndex((line, i) => i > start && line === '');
	const paragraph = lines.slice(Math.max(0, start), end < 0 ? lines.length : end).join(' ');
	return (paragraph.startsWith(`${name}: `) ? paragraph.slice(name.length + 2) : paragraph).trim();
}

/** Functions defined in a file, kernel style: the head starts in column one, the last brace stands there. */
function bodiesIn(source: ActorSource): readonly Body[] {
	const first = /\/\*[\s\S]*?(?:\*\/|$)/.exec(source.text)?.[0] ?? '';
	const heads = source.text.matchAll(
		/^(?:static )?[A-Za-z_][\w ]*[ *](\w+)\([^;{})]*\)\n?\s*\{[^\n]*\n/gm,
	);
	return [...heads].map((head) => {
		const end = source.text.indexOf('\n}', head.index);
		const above = commentAbove(source.text, head.index);
		return {
			path: source.path,
			name: head[1] ?? '',
			text: source.text.slice(head.index, end < 0 ? undefined : end),
			line: splitLines(source.text.slice(0, head.index)).length,
			comment: above?.trim() ?? first,
		};
	});
}

/** Steps of a function in the order of its text, those of what it calls in their place. */
function stepsOf(
	body: Body,
	bodies: ReadonlyMap<string, Body>,
	callers: readonly string[],
): readonly ActorStep[] {
	if (callers.length > DEPTH_MAX || callers.includes(body.name)) return [];
	const found: { readonly at: number; readonly steps: readonly ActorStep[] }[] = [];
	for (const { offset, citation } of citationsIn(body.text)) {
		const step = codeBelow(body, offset);
		if (step !== null) found.push({ at: offset, steps: [{ ...step, cites: citation }] });
	}
	const code = body.text.replace(/\/\*[\s\S]*?(?:\*\/|$)/g, (c) => ' '.repeat(c.length));
	for (const call of code.matchAll(/\b(\w+)\(/g)) {
		const callee = bodies.get(call[1] ?? '');
		if (callee === undefined || callee === body) continue;
		found.push({ at: call.index, steps: stepsOf(callee, bodies, [...callers, body.name]) });
	}
	return found.sort((a, b) => a.at - b.at).flatMap((f) => f.steps);
}

function codeBelow(
	body: Body,
	offset: number,
): { readonly path: string; readonly line: number; readonly text: string } | null {
	const before = splitLines(body.text.slice(0, offset)).length;
	const lines = splitLines(body.text).slice(before, before + LINES_MAX);
	const at = lines.findIndex((line) => /\w/.test(line) && !/^\s*(?:\/\*|#)/.test(line));
	if (at < 0) return null;
	return {
		path: body.path,
		line: body.line + before + at,
		text: (lines[at] ?? '').trim(),
	};
}

/** The kernel functions a citation may stand for, best first. */
export function candidatesOf(cites: Citation): readonly KernelFunction[] {
	return [{ path: cites.path, function: cites.function }, ...(cites.otherwise ?? [])];
}
