/**
 * What may be asked when (LSP 3.17, "Server lifecycle"): nothing but `initialize` before it, `initialize` once, nothing after
 * `shutdown` but `exit`; one message at a time. What is asked otherwise is answered with the error that the protocol has for it, and
 * reaches no feature.
 */

import {
	type Connection,
	ErrorCodes,
	type Message,
	type MessageStrategy,
	NotificationType,
	RequestType,
	ResponseError,
} from 'vscode-languageserver';
import { plain } from '../../engine/escape/label.js';

/** Stands for a request that came at the wrong time. */
const REFUSED = new RequestType<Refusal, null, void>('racewalk/refused');

/** Stands for messages that nobody can be answered for. */
const DROPPED = new NotificationType<Refusal>('racewalk/dropped');

/** JSON-RPC 2.0 has batches, and the language server protocol has none. */
const BATCH: Refusal = {
	code: ErrorCodes.InvalidRequest,
	message: 'a batch of messages is not part of the protocol: send them one by one',
};

interface Refusal {
	readonly code: number;
	readonly message: string;
}

type Stage = 'starting' | 'running' | 'shut down';

/** Looks at messages before the connection does. */
export function lifecycle(): MessageStrategy {
	let stage: Stage = 'starting';
	return {
		handleMessage(message, next) {
			if (Array.isArray(message)) return refuseBatch(message, next);
			if (!isObject(message)) return dropped('what is no object is no message', next);
			const method = methodOf(message);
			if (method === null) return next(message);
			if (!('id' in message)) {
				// a notification at the wrong time is dropped, as the protocol says
				const isHeard = stage === 'running' || method === 'exit' || method.startsWith('$/');
				return isHeard ? next(message) : undefined;
			}
			if (!isId(message.id))
				return dropped(`${plain(method)}: an id is a number or a string`, next);
			const refusal = refusalOf(stage, method) ?? wrongParams(method, message);
			if (refusal !== null)
				return next({ ...message, method: REFUSED.method, params: refusal } as Message);
			if (method === 'initialize') stage = 'running';
			if (method === 'shutdown') stage = 'shut down';
			return next(message);
		},
	};
}

/** Nobody can be answered: it is told in the log. */
function dropped(message: string, next: (message: Message) => void): void {
	const params: Refusal = { code: ErrorCodes.InvalidRequest, message };
	next({ jsonrpc: '2.0', method: DROPPED.method, params } as Message);
}

function isObject(value: unknown): value is object {
	return typeof value === 'object' && value !== null;
}

function isId(id: unknown): boolean {
	return typeof id === 'string' || typeof id === 'number';
}

/** Parameters that would not reach the check of a feature's own. */
function wrongParams(method: string, message: Message): Refusal | null {
	const { params } = message as { readonly params?: unknown };
	const wrong = (what: string): Refusal => ({ code: ErrorCodes.InvalidParams, message: what });
	if (method.startsWith('textDocument/') && !isObject(params))
		return wrong('params must be an object with textDocument.uri');
	if (method !== 'initialize') return null;
	const { capabilities } = (isObject(params) ? params : {}) as { readonly capabilities?: unknown };
	return isObject(capabilities) ? null : wrong('params must be an object with capabilities');
}

/** Each request of a batch is answered with the same error; what is no request cannot be. */
function refuseBatch(batch: readonly unknown[], next: (message: Message) => void): void {
	const ids = batch.flatMap((each) => {
		const { id, method } = (each ?? {}) as { readonly id?: unknown; readonly method?: unknown };
		return typeof method === 'string' && (typeof id === 'string' || typeof id === 'number')
			? [id]
			: [];
	});
	const told = { jsonrpc: '2.0', params: BATCH };
	if (ids.length === 0) next({ ...told, method: DROPPED.method } as Message);
	for (const id of ids) next({ ...told, id, method: REFUSED.method } as Message);
}

/** Answers what was refused. */
export function answerRefused(connection: Connection): void {
	connection.onNotification(DROPPED, ({ message }) => connection.console.error(plain(message)));
	connection.onRequest(REFUSED, ({ code, message }) => new ResponseError(code, message));
}

function refusalOf(stage: Stage, method: string): Refusal | null {
	const code = ErrorCodes.InvalidRequest;
	if (stage === 'shut down') return { code, message: `${method} after shutdown` };
	if (stage === 'running')
		return method === 'initialize' ? { code, message: 'initialize is asked for once' } : null;
	const early = ErrorCodes.ServerNotInitialized;
	return method === 'initialize' ? null : { code: early, message: `${method} before initialize` };
}

function methodOf(message: Message): string | null {
	const { method } = message as { readonly method?: unknown };
	return typeof method === 'string' ? method : null;
}
