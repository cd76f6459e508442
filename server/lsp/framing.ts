/**
 * The headers of what comes over standard input, followed beside the connection: once a header does not say how long its message
 * is, nothing behind it can be told apart, and the connection waits for ever without a word.
 *
 * Leaves out: what messages say; a body is skipped.
 */

/** Bytes of a header at most; messages have some forty. */
const HEADER_MAX = 8192;
/** Bytes of a message at most: a document is a few megabytes, and what is read is in memory before anybody looks at it. */
export const BODY_MAX = 64 * 1024 * 1024;
const END = '\r\n\r\n';

/** A reader of chunks; the first header that is none is answered with what is wrong with it. */
export function headerCheck(): (chunk: Buffer) => string | null {
	let header = '';
	let body = 0;
	return (chunk) => {
		for (let at = 0; at < chunk.length; ) {
			if (body > 0) {
				const skipped = Math.min(body, chunk.length - at);
				body -= skipped;
				at += skipped;
				continue;
			}
			header += String.fromCharCode(chunk[at++] as number);
			if (header.length > HEADER_MAX) return `no header within ${HEADER_MAX} bytes`;
			if (!header.endsWith(END)) continue;
			const length = lengthIn(header);
			if (typeof length === 'string') return length;
			body = length;
			header = '';
		}
		return null;
	};
}

/** Bytes of the body, or what is wrong. */
function lengthIn(header: string): number | string {
	const said = header
		.split('\r\n')
		.map((line) => /^content-length:(.*)$/i.exec(line)?.[1]?.trim())
		.findLast((value) => value !== undefined);
	if (said === undefined) return 'a header without Content-Length';
	if (!/^\d+$/.test(said)) return `Content-Length is no number: ${said}`;
	if (Number(said) > BODY_MAX)
		return `Content-Length is ${said}, and a message has ${BODY_MAX} bytes at most`;
	return Number(said);
}
