/**
 * The page of the trace panel: a frame for its script and style sheet, and the policy that lets nothing else in.
 *
 * Invariant: no content of a run is written here; it arrives by message and becomes text nodes.
 */
import { randomBytes } from 'node:crypto';

/** HTML that loads `script` and `style` (addresses the webview may read) and forbids everything else. */
export function panelPage(addresses: { readonly script: string; readonly style: string }): string {
	const nonce = randomBytes(18).toString('base64url');
	const policy = `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'`;
	return `<!DOCTYPE html>
<html lang="en">
<head>
	<meta charset="utf-8">
	<meta http-equiv="Content-Security-Policy" content="${policy}">
	<meta name="viewport" content="width=device-width, initial-scale=1">
	<title>racewalk run</title>
	<link rel="stylesheet" nonce="${nonce}" href="${addresses.style}">
</head>
<body>
	<main id="panel"></main>
	<script nonce="${nonce}" src="${addresses.script}"></script>
</body>
</html>
`;
}
