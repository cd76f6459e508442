/**
 * A page of HTML that stands alone: its script and its style are racewalk's own and are inside, what it shows is data that the script
 * makes text nodes of.
 *
 * Invariant: the policy of the page lets in that script and that style, by their digests, and nothing else: no address is asked.
 * Invariant: the data holds neither `<` nor a line separator: it ends no element and begins none.
 */
import { type Escaped, made } from './escaped.js';
import { visible } from './visible.js';

export type Page = Escaped<'page'>;

export interface PageParts {
	/** Racewalk's own script and style sheet; neither may hold what ends its element. */
	readonly script: string;
	readonly style: string;
	/** `sha256-…` in base64 of each. */
	readonly scriptDigest: string;
	readonly styleDigest: string;
	/** What the script finds as the element `data`, as JSON. */
	readonly data: unknown;
	/** For who runs no scripts. */
	readonly text: string;
}

/** The page; throws where racewalk's own script or style could end its element. */
export function page(parts: PageParts): Page {
	for (const own of [parts.script, parts.style])
		if (/<\/(?:script|style)|<!--/i.test(own))
			throw new Error('a part of the page ends its element');
	const policy = `default-src 'none'; script-src '${parts.scriptDigest}'; style-src '${parts.styleDigest}'; base-uri 'none'; form-action 'none'`;
	const data = JSON.stringify(parts.data).replace(/[<>&\u2028\u2029]/g, escaped);
	return made(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>racewalk run</title>
<style>${parts.style}</style>
</head>
<body>
<main id="panel" aria-label="Run of a lockless walk"></main>
<noscript><pre>${visible(parts.text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)}</pre></noscript>
<script type="application/json" id="data">${data}</script>
<script>${parts.script}</script>
</body>
</html>
`);
}

function escaped(character: string): string {
	return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
