/**
 * A run's portable id: one word that names the file and its version, the function, the configuration, the memory model, the
 * racewalk that made it, and the run. It replays on another machine, or what differs there can be said.
 *
 *     rw1:path=mm/gup.c:function=gup_fast_pte_range:arch=x86_64:memory=sc:text=…:config=…:engine=0.1.0-…:steps=…:run=0.0.zap:0*15,1*11
 *
 * Digests are short: they tell versions apart, and are no proof against somebody who wants two texts to have one.
 *
 * Invariant: an id is printable ASCII without blanks, quotes, `$`, `\` or backticks: in single quotes a shell takes it as it is.
 * Invariant: what is read from an id is checked before it is used; a path in it stays below the tree.
 */
import { createHash } from 'node:crypto';
import { ARCHS, type ArchName } from '../../engine/program/arch.js';
import type { Memory } from '../../engine/rules/verdict.js';

export interface PortableId {
	readonly path: string;
	readonly function: string;
	readonly arch: ArchName;
	readonly memory: Memory;
	/** Digest of the checked file. */
	readonly text: string;
	/** Digest of the other files that the run's steps stand in; absent: there are none. */
	readonly beside?: string;
	/** Digest of the configuration's symbols. */
	readonly config: string;
	/** Assignments of `--set`. */
	readonly set: readonly string[];
	/** Adversaries that were asked for; empty: all. */
	readonly actors: readonly string[];
	/** Digest of the workspace's adversaries; absent: it has none. */
	readonly workspace?: string;
	/** The workspace's adversaries may act in the place of racewalk's own. */
	readonly trusted?: true;
	/** Digest of the litmus test that is the adversary; absent: there is none. */
	readonly scenario?: string;
	/** Version of racewalk, and digest of its adversaries and primitives. */
	readonly engine: string;
	/** Digest of what the run does, step by step, without lines. */
	readonly steps: string;
	/** The run within all this: what `simulate --trace` takes. */
	readonly run: string;
}

/** What an id begins with; the number is the format's. */
const HEAD = 'rw1:';

/** Characters of an id. */
const LENGTH_MAX = 20_000;

const DIGEST = /^[0-9a-f]{10}$/;
/** A path inside a tree, or of a lone file; what leaves the tree is refused by who reads it. */
const PATH = /^\P{Cc}{1,1000}$/u;
const NAME = /^[A-Za-z_]\w{0,199}$/;
const ASSIGNMENT = /^CONFIG_\w{1,200}=(?:y|n|m|\d{1,20})$/;
const ACTOR = /^[\w+.-]{1,200}$/;
const ENGINE = /^[\w.+-]{1,60}-[0-9a-f]{10}$/;
const RUN = /^[\x21-\x7e]{1,10000}$/;

/** Ten hexadecimal digits that stand for a text. */
export function digestOf(text: string): string {
	return createHash('sha256').update(text).digest('hex').slice(0, 10);
}

/** The id as a word. */
export function portableText(id: PortableId): string {
	const fields: readonly (readonly [string, string | undefined])[] = [
		['path', id.path],
		['function', id.function],
		['arch', id.arch],
		['memory', id.memory],
		['text', id.text],
		['beside', id.beside],
		['config', id.config],
		['set', listed(id.set)],
		['actors', listed(id.actors)],
		['workspace', id.workspace],
		['trusted', id.trusted === true ? 'yes' : undefined],
		['scenario', id.scenario],
		['engine', id.engine],
		['steps', id.steps],
	];
	const said = fields.flatMap(([key, value]) =>
		value === undefined ? [] : [`${key}=${encoded(value)}`],
	);
	return `${HEAD}${said.join(':')}:run=${encoded(id.run, ':')}`;
}

function listed(values: readonly string[]): string | undefined {
	return values.length === 0 ? undefined : values.join(',');
}

/** Percent-encodes what would end a field, a word or a quotation. */
function encoded(value: string, also = ''): string {
	return value.replace(/[^A-Za-z0-9_.,*+=/@~!#()<>[\]{}^|&;?-]/gu, (c) =>
		also.includes(c) ? c : encodeURIComponent(/\p{Cs}/u.test(c) ? '\ufffd' : c).replace("'", '%27'),
	);
}

/** The id that a word is, or why it is none. */
export function readPortable(word: string): PortableId | { readonly wrong: string } {
	if (!word.startsWith(HEAD)) return { wrong: notPortable(word) };
	if (word.length > LENGTH_MAX) return { wrong: `the id has more than ${LENGTH_MAX} characters` };
	const at = word.indexOf(':run=');
	if (at < 0) return { wrong: 'the id is cut off: it names no run' };
	const fields = new Map<string, string>();
	for (const part of word.slice(HEAD.length, at).split(':')) {
		const equals = part.indexOf('=');
		const key = part.slice(0, Math.max(equals, 0));
		const value = decoded(part.slice(equals + 1));
		if (!KEYS.has(key))
			return {
				wrong: `the id has a field '${part.slice(0, 40)}' that this racewalk does not know`,
			};
		if (value === null || fields.has(key))
			return { wrong: `the id's field '${key}' cannot be read` };
		fields.set(key, value);
	}
	const run = decoded(word.slice(at + ':run='.length));
	const get = (key: string, form: RegExp): string | null => {
		const value = fields.get(key);
		return value !== undefined && form.test(value) ? value : null;
	};
	const arch = ARCHS.find((known) => known === fields.get('arch'));
	if (arch === undefined)
		return { wrong: `the id's architecture is unknown; known: ${ARCHS.join(', ')}` };
	const memory = fields.get('memory');
	if (memory !== 'sc' && memory !== 'lkmm') return { wrong: "the id's memory model is unknown" };
	const [path, name] = [get('path', PATH), get('function', NAME)];
	const [text, config] = [get('text', DIGEST), get('config', DIGEST)];
	const [engine, steps] = [get('engine', ENGINE), get('steps', DIGEST)];
	if (/\p{Cc}/u.test(fields.get('path') ?? ''))
		return { wrong: 'the id names a file with a control character in its path: rename the file' };
	if (path === null || name === null || run === null || !RUN.test(run))
		return { wrong: 'the id does not name a file, a function and a run' };
	if (text === null || config === null || engine === null || steps === null)
		return { wrong: "one of the id's digests is missing or cut off" };
	const optional: Record<string, string> = {};
	for (const key of ['beside', 'workspace', 'scenario']) {
		const value = fields.get(key);
		if (value === undefined) continue;
		if (!DIGEST.test(value)) return { wrong: `the id's digest '${key}' is cut off` };
		optional[key] = value;
	}
	const set = fields.get('set')?.split(',') ?? [];
	const actors = fields.get('actors')?.split(',') ?? [];
	if (!set.every((s) => ASSIGNMENT.test(s)) || !actors.every((a) => ACTOR.test(a)))
		return { wrong: "the id's settings cannot be read" };
	return {
		...{ path, function: name, arch, memory, text, config, set, actors, engine, steps, run },
		...optional,
		...(fields.has('trusted') ? { trusted: true as const } : {}),
	};
}

const KEYS: ReadonlySet<string> = new Set([
	...['path', 'function', 'arch', 'memory', 'text', 'beside', 'config', 'set', 'actors'],
	...['workspace', 'trusted', 'scenario', 'engine', 'steps'],
]);

function decoded(text: string): string | null {
	try {
		return decodeURIComponent(text);
	} catch {
		return null;
	}
}

function notPortable(word: string): string {
	return word.includes(':')
		? `'${word.slice(0, 60)}' names a run of one file under one configuration, and neither of them: racewalk simulate FILE:FUNCTION --trace takes it, and prints the portable id`
		: `'${word.slice(0, 60)}' is no portable id: it begins with ${HEAD} and is printed by racewalk simulate`;
}
