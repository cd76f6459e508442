/**
 * Patches in mails: an mbox as b4, git format-patch and a mail program write it, one mail of it, or a bare diff.
 *
 * Replies are left out: what they quote is no patch, and what they suggest is none of the series.
 */
import PostalMime from 'postal-mime';
import { filesOf, type Patch } from './patch.js';

export interface Patches {
	readonly patches: readonly Patch[];
	/** What was not understood, in sentences that begin with a name. */
	readonly problems: readonly string[];
}

/** The line that begins a mail of an mbox: it ends with a date. */
const FROM = /^From \S{1,200} {1,3}\S[^\n]{0,60}\d\d:\d\d[^\n]{0,40}\d{4}\r?$/;
const HEADER = /^[A-Za-z][A-Za-z0-9-]{0,60}:(?:[ \t]|\r?$)/;
/** Mails of one file. */
export const MAILS_MAX = 1000;

/** The patches of a text; `name`: what the user called it. */
export async function patchesOf(text: string, name: string): Promise<Patches> {
	const mails = split(text);
	if (mails.length > MAILS_MAX)
		return { patches: [], problems: [`${name} holds more than ${MAILS_MAX} mails`] };
	const patches: Patch[] = [];
	const problems: string[] = [];
	for (const [i, mail] of mails.entries()) {
		const called = mails.length === 1 ? name : `mail ${i + 1} of ${name}`;
		const { subject, body } = await read(mail);
		if (/^(?:re|fwd?|aw):/i.test(subject)) continue;
		const parsed = filesOf(body);
		if (parsed.kind === 'problem') problems.push(`${called}: ${parsed.problem}`);
		if (parsed.kind !== 'files') continue;
		patches.push({ ...titled(subject, called), name: called, files: parsed.files });
	}
	return { patches: inOrder(patches), problems };
}

/** Mails of an mbox; a text that is none is one mail or a diff. */
function split(text: string): readonly string[] {
	const mails: string[][] = [];
	let isBehindBlank = true;
	for (const line of text.split('\n')) {
		if (isBehindBlank && FROM.test(line)) mails.push([]);
		else {
			if (mails.length === 0) mails.push([]);
			// mboxrd: a line of a mail that looks like its beginning
			mails.at(-1)?.push(line.replace(/^>(?=>{0,8}From )/, ''));
		}
		isBehindBlank = line === '' || line === '\r';
	}
	return mails.map((lines) => lines.join('\n')).filter((mail) => mail.trim() !== '');
}

async function read(mail: string): Promise<{ readonly subject: string; readonly body: string }> {
	if (!HEADER.test(mail.slice(0, 300))) return { subject: '', body: mail };
	const { subject = '', text = '', attachments } = await PostalMime.parse(mail);
	const attached = attachments
		.filter(
			({ mimeType, filename }) =>
				/^text\//.test(mimeType) || /\.(?:patch|diff)$/.test(filename ?? ''),
		)
		.map(({ content }) =>
			typeof content === 'string' ? content : new TextDecoder().decode(content),
		);
	return { subject, body: [text, ...attached].join('\n') };
}

/** `[PATCH v3 2/5] mm/gup: …`. */
function titled(subject: string, called: string): Pick<Patch, 'title' | 'number' | 'version'> {
	const line = subject.replace(/\s+/g, ' ').trim();
	const tags = /^(?:\[[^\]]{0,100}\] ?){1,4}/.exec(line)?.[0] ?? '';
	const number = /\b(\d{1,4})\/\d{1,4}\]/.exec(tags)?.[1];
	const version = /\bv(\d{1,3})\b/i.exec(tags)?.[1];
	const title = line.slice(tags.length);
	return {
		title: title === '' ? called : title,
		number: number === undefined ? null : Number(number),
		version: version === undefined ? 1 : Number(version),
	};
}

/** As they are numbered, where all of them are. */
function inOrder(patches: readonly Patch[]): readonly Patch[] {
	if (patches.some(({ number }) => number === null)) return patches;
	return [...patches].sort((a, b) => (a.number ?? 0) - (b.number ?? 0));
}
