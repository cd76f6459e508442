/**
 * Requests that do not say what they are about, answered before a handler looks into them.
 *
 * Invariant: a handler behind it is given an object whose `textDocument`, where it needs one, has an address, and whose `position` or
 * `range`, where it needs that, has numbers.
 */
import { type CancellationToken, ErrorCodes, ResponseError } from 'vscode-languageserver';

/** The handler, for requests whose parameters are an object. */
export function withObject<P, R>(
	handler: (params: P, token: CancellationToken) => R,
): (params: P, token: CancellationToken) => R | ResponseError<never> {
	return (params, token) => (isObject(params) ? handler(params, token) : wrong('an object'));
}

/** The handler, for requests about a document. */
export function withDocument<P, R>(
	handler: (params: P, token: CancellationToken) => R,
): (params: P, token: CancellationToken) => R | ResponseError<never> {
	return (params, token) => {
		const document: unknown = isObject(params)
			? (params as { readonly textDocument?: unknown }).textDocument
			: null;
		const uri: unknown = isObject(document) ? (document as { readonly uri?: unknown }).uri : null;
		return typeof uri === 'string'
			? handler(params, token)
			: wrong('an object with textDocument.uri');
	};
}

/** The handler, for requests about a place of a document. */
export function withPosition<P, R>(
	handler: (params: P, token: CancellationToken) => R,
): (params: P, token: CancellationToken) => R | ResponseError<never> {
	const checked = withDocument(handler);
	return (params, token) =>
		isPosition((params as { readonly position?: unknown } | null)?.position)
			? checked(params, token)
			: wrong('an object with position.line and position.character');
}

/** The handler, for requests about an item that was answered before. */
export function withItem<P, R>(
	handler: (params: P, token: CancellationToken) => R,
): (params: P, token: CancellationToken) => R | ResponseError<never> {
	return (params, token) => {
		const item: unknown = isObject(params) ? (params as { readonly item?: unknown }).item : null;
		return isObject(item) ? handler(params, token) : wrong('an object with item');
	};
}

/** The handler, for requests about a range of a document. */
export function withRange<P, R>(
	handler: (params: P, token: CancellationToken) => R,
): (params: P, token: CancellationToken) => R | ResponseError<never> {
	const checked = withDocument(handler);
	return (params, token) =>
		isRange((params as { readonly range?: unknown } | null)?.range)
			? checked(params, token)
			: wrong('an object with range.start and range.end');
}

function isRange(value: unknown): boolean {
	if (!isObject(value)) return false;
	const { start, end } = value as { readonly start?: unknown; readonly end?: unknown };
	return isPosition(start) && isPosition(end);
}

function isPosition(value: unknown): boolean {
	if (!isObject(value)) return false;
	const { line, character } = value as { readonly line?: unknown; readonly character?: unknown };
	return typeof line === 'number' && typeof character === 'number';
}

function isObject(value: unknown): value is object {
	return typeof value === 'object' && value !== null;
}

export function wrong(wanted: string): ResponseError<never> {
	return new ResponseError(ErrorCodes.InvalidParams, `params must be ${wanted}`);
}
