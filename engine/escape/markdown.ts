/**
 * Markdown, and the same said as plain text. It is put together from parts, never from strings of Markdown: text is escaped
 * where it stands, code is fenced by more backticks than it holds, links lead only to targets that are made here.
 *
 * The dialect is CommonMark with GitHub's extensions as VS Code, vim and GitHub render it: bare addresses are links there.
 *
 * Invariant: rendered, it holds no image, no HTML, and no link, heading, list, rule or code that its parts did not ask for.
 * Invariant: outside code blocks a part stays on its line.
 */
import { escapeText } from './markdown_text.js';
import { visible, visibleLine } from './visible.js';

declare const TARGET: unique symbol;

/** Where a link leads: made by `webTarget` and `commandTarget`. */
export type Target = string & { readonly [TARGET]: true };

const MARKDOWN: unique symbol = Symbol('markdown');

/** A part, or all that is said. */
export interface Markdown {
	readonly [MARKDOWN]: Part;
}

/** What can be put into a part; strings are text. */
export type Said = Markdown | string | number;

type Part =
	| { readonly kind: 'row'; readonly parts: readonly Said[]; readonly between: string }
	| { readonly kind: 'code'; readonly text: string }
	| { readonly kind: 'strong'; readonly of: Said }
	| { readonly kind: 'link'; readonly label: Said; readonly target: Target }
	| { readonly kind: 'icon'; readonly name: string }
	| { readonly kind: 'begins'; readonly mark: '- ' | '# '; readonly of: Said }
	| { readonly kind: 'block'; readonly text: string }
	| { readonly kind: 'rule' };

function part(it: Part): Markdown {
	return { [MARKDOWN]: it };
}

/** A sentence: what the program says is text like what is put in. Both are escaped. */
export function md(said: TemplateStringsArray, ...values: readonly Said[]): Markdown {
	const parts = said.flatMap((own, i): readonly Said[] => {
		const value = values[i];
		return value === undefined ? [own] : [own, value];
	});
	return part({ kind: 'row', parts, between: '' });
}

/** Parts of one line with text between them. */
export function row(parts: readonly Said[], between: string): Markdown {
	const all = parts.flatMap((it, i) => (i === 0 ? [it] : [between, it]));
	return part({ kind: 'row', parts: all, between: '' });
}

/** Lines of one paragraph, or the items of a list. */
export function lines(parts: readonly Said[]): Markdown {
	return part({ kind: 'row', parts, between: '\n' });
}

/** Paragraphs. */
export function paragraphs(parts: readonly Said[]): Markdown {
	return part({ kind: 'row', parts, between: '\n\n' });
}

export function code(text: string): Markdown {
	return part({ kind: 'code', text });
}

/**
 * A sentence that quotes code in backticks, as sentences for all surfaces do. Whatever a quoted text's own backticks make of
 * it, every piece is text or code.
 */
export function prose(sentence: string): Markdown {
	const pieces = sentence.split('`');
	return row(
		pieces.map((piece, i) => {
			if (i % 2 === 0) return piece;
			return i === pieces.length - 1 ? `\`${piece}` : code(piece);
		}),
		'',
	);
}

/** A block of code; line ends stay. */
export function codeBlock(text: string): Markdown {
	return part({ kind: 'block', text });
}

export function strong(of: Said): Markdown {
	return part({ kind: 'strong', of });
}

export function link(text: Said, target: Target): Markdown {
	return part({ kind: 'link', label: text, target });
}

/** One of VS Code's icons, by its name; only for places that draw them. */
export function icon(name: string): Markdown {
	return part({ kind: 'icon', name });
}

export function item(of: Said): Markdown {
	return part({ kind: 'begins', mark: '- ', of });
}

export function heading(of: Said): Markdown {
	return part({ kind: 'begins', mark: '# ', of });
}

export const RULE: Markdown = part({ kind: 'rule' });

/** The commands that a link may run; the client enables these and no other (`client/language_client.ts`). */
export type LinkedCommand = 'racewalk.openTrace';

/** What may not stand in a link's target as it is; a `%` is taken for the beginning of an escape. */
const NOT_IN_TARGET = /[^A-Za-z0-9\-._~:/?#@=+,;$%]/gu;

function targetOf(address: string): Target {
	return address.replace(NOT_IN_TARGET, (c) => {
		if (/^[!'()*]$/.test(c)) return `%${c.charCodeAt(0).toString(16).toUpperCase()}`;
		return encodeURIComponent(/\p{Cs}/u.test(c) ? '\uFFFD' : c);
	}) as Target;
}

/** A link to a file or a page; null for an address of another kind (`command:`, `data:`). */
export function webTarget(address: string): Target | null {
	const isOpened = /^(?:file|https?|untitled|vscode-[a-z]+):/.test(address);
	return isOpened ? targetOf(address) : null;
}

/** A link that runs a command of the client with one argument. */
export function commandTarget(command: LinkedCommand, argument: object): Target {
	return targetOf(`command:${command}?${encodeURIComponent(JSON.stringify([argument]))}`);
}

/** As Markdown. */
export function asMarkdown(said: Said): string {
	const writer = new Writer();
	writer.put(said);
	return writer.end();
}

/** As text of a place that knows no Markdown. */
export function asPlain(said: Said): string {
	if (typeof said !== 'object') return visibleLine(`${said}`);
	const it = said[MARKDOWN];
	switch (it.kind) {
		case 'row':
			return it.parts.map(asPlain).join(it.between);
		case 'code':
			return visibleLine(it.text);
		case 'strong':
			return asPlain(it.of);
		case 'link':
			return asPlain(it.label);
		case 'icon':
			return '';
		case 'begins':
			return `${it.mark === '- ' ? it.mark : ''}${asPlain(it.of)}`;
		case 'block':
			return visible(it.text);
		case 'rule':
			return '';
	}
}

/** Text is escaped when all that stands beside it is known. */
class Writer {
	#done = '';
	#text = '';
	/** The last part is code: a backtick behind it would make its fence longer. */
	#closed = false;
	/** Inside a link's label, where a bracket would end it. */
	#labelled = false;

	put(said: Said): void {
		if (typeof said !== 'object') this.#text += visibleLine(`${said}`);
		else this.#putPart(said[MARKDOWN]);
	}

	end(): string {
		this.#text = this.#text.trimEnd();
		this.#flush();
		return this.#done;
	}

	#putPart(it: Part): void {
		switch (it.kind) {
			case 'row':
				for (const [i, one] of it.parts.entries()) {
					if (i > 0 && it.between !== '') this.#raw(it.between);
					this.put(one);
				}
				return;
			case 'code':
				this.#code(visibleLine(it.text));
				return;
			case 'strong': {
				// marked, which VS Code renders with, takes a `*` in code with a longer fence for emphasis
				const mark = asPlain(it.of).includes('`') ? '' : '**';
				this.#raw(mark);
				this.put(it.of);
				this.#raw(mark);
				return;
			}
			case 'link':
				this.#raw('[');
				this.#labelled = true;
				this.put(it.label);
				this.#flush();
				this.#labelled = false;
				this.#raw(`](${it.target})`);
				return;
			case 'icon':
				this.#raw(`$(${it.name})`);
				return;
			case 'begins':
				this.#raw(it.mark);
				this.put(it.of);
				return;
			case 'block':
				this.#block(visible(it.text));
				return;
			case 'rule':
				this.#raw('---');
				return;
		}
	}

	#raw(syntax: string): void {
		// two blanks at the end of a line would break it
		if (syntax.startsWith('\n')) this.#text = this.#text.trimEnd();
		this.#flush();
		this.#done += syntax;
		this.#closed = false;
	}

	#flush(): void {
		if (this.#text === '') return;
		const begins = /(?:^|\n)(?:- |# )?$/.test(this.#done);
		this.#done += escapeText(this.#text, { begins, labelled: this.#labelled });
		this.#text = '';
		this.#closed = false;
	}

	#code(text: string): void {
		if (text === '') return;
		if (this.#labelled && /[`[\]]/.test(text)) {
			this.#text += text;
			return;
		}
		this.#flush();
		const fence = '`'.repeat(longestRun(text) + 1);
		const isPadded = text.startsWith(' ') && text.endsWith(' ') && /[^ ]/.test(text);
		const pad = text.startsWith('`') || text.endsWith('`') || isPadded ? ' ' : '';
		this.#done += `${this.#closed ? ' ' : ''}${fence}${pad}${text}${pad}${fence}`;
		this.#closed = true;
	}

	#block(text: string): void {
		this.#flush();
		const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
		this.#done += `${fence}\n${text}${text.endsWith('\n') ? '' : '\n'}${fence}`;
		this.#closed = false;
	}
}

/** Length of the longest run of backticks. */
function longestRun(text: string): number {
	return Math.max(0, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length));
}
