/**
 * What may be asked when (LSP 3.17, "Server lifecycle"): nothing but `initialize` before it, `initialize` once, nothing after
 * `shutdown` but `exit`. What is asked at another time is answered with the error that the protocol has for it, and reaches no feature.
 */
import {
	type Connection,
	ErrorCodes,
	type Message,
	type MessageStrategy,
	RequestType,
	ResponseError,
} from 'vscode-languageserver';

/** Stands for a request that came at the wrong time. */
const REFUSED = new RequestType<Refusal, null, void>('racewalk/refused');

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
			const method = methodOf(message);
			if (method === null) return next(message);
			if (!('id' in message)) {
				// a notification at the wrong time is dropped, as the protocol says
				const isHeard = stage === 'running' || method === 'exit' || method.startsWith('$/');
				return isHeard ? next(message) : undefined;
			}
			const refusal = refusalOf(stage, method);
			if (refusal !== null)
				return next({ ...message, method: REFUSED.method, params: refusal } as Message);
			if (method === 'initialize') stage = 'running';
			if (method === 'shutdown') stage = 'shut down';
			return next(message);
		},
	};
}

/** Answers what was refused. */
export function answerRefused(connection: Connection): void {
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
