/**
 * Requests that do not say what they are about, answered before a handler looks into them.
 *
 * Invariant: a handler behind it is given an object whose `textDocument`, where it needs one, has an address.
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

function isObject(value: unknown): value is object {
	return typeof value === 'object' && value !== null;
}

function wrong(wanted: string): ResponseError<never> {
	return new ResponseError(ErrorCodes.InvalidParams, `params must be ${wanted}`);
}
