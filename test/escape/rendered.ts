/**
 * Markdown as editors render it: by `marked`, which VS Code shows hovers with, and by `markdown-it`, which its preview of
 * documents and many other clients use; each with GitHub's extensions and bare addresses made links. What comes out is
 * read by an HTML parser.
 */
import MarkdownIt from 'markdown-it';
import { Marked } from 'marked';
import { type DefaultTreeAdapterTypes, parseFragment } from 'parse5';

/** What of a rendered text is more than text. */
export interface Rendered {
	/** Names of the elements, in their order. */
	readonly elements: readonly string[];
	/** Targets of links and sources of images. */
	readonly addresses: readonly string[];
	/** All text, as it is read. */
	readonly text: string;
}

const marked = new Marked({ gfm: true });
const preview = new MarkdownIt({ html: true, linkify: true });
preview.linkify.set({ fuzzyLink: false });

/** The renderings of a text, by name. */
export function renderings(markdown: string): Readonly<Record<string, Rendered>> {
	return {
		marked: read(marked.parse(markdown, { async: false })),
		'markdown-it': read(preview.render(markdown)),
	};
}

function read(html: string): Rendered {
	const elements: string[] = [];
	const addresses: string[] = [];
	let text = '';
	const visit = (node: DefaultTreeAdapterTypes.ChildNode): void => {
		if (node.nodeName === '#text') {
			text += (node as DefaultTreeAdapterTypes.TextNode).value;
			return;
		}
		elements.push(node.nodeName);
		if (!('attrs' in node)) return;
		for (const { name, value } of node.attrs) {
			if (['href', 'src', 'srcset', 'style', 'background'].includes(name)) addresses.push(value);
			if (name.startsWith('on')) addresses.push(value);
		}
		for (const child of node.childNodes) visit(child);
	};
	for (const child of parseFragment(html).childNodes) visit(child);
	return { elements, addresses, text };
}
