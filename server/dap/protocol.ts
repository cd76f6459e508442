/**
 * The parts of the Debug Adapter Protocol (microsoft.github.io/debug-adapter-protocol) that the debugger speaks, and two requests
 * of its own. Framed like LSP: a header with the length of the body, then JSON.
 */
import { BODY_MAX, headerCheck } from '../lsp/framing.js';

export interface Request {
	readonly seq: number;
	readonly type: 'request';
	readonly command: string;
	readonly arguments?: unknown;
}

export interface Response {
	readonly type: 'response';
	readonly request_seq: number;
	readonly command: string;
	readonly success: boolean;
	readonly message?: string;
	readonly body?: unknown;
}

export interface Event {
	readonly type: 'event';
	readonly event: string;
	readonly body?: unknown;
}

export interface Source {
	readonly name: string;
	/** Of a file on disk; absent: its text is asked for by its reference. */
	readonly path?: string;
	readonly sourceReference?: number;
}

export interface StackFrame {
	readonly id: number;
	readonly name: string;
	readonly source: Source;
	readonly line: number;
	readonly column: number;
	readonly endLine?: number;
	readonly endColumn?: number;
	readonly presentationHint?: 'normal' | 'subtle';
}

export interface Variable {
	readonly name: string;
	readonly value: string;
	readonly evaluateName?: string;
	readonly variablesReference: number;
}

export interface Breakpoint {
	readonly id?: number;
	readonly verified: boolean;
	readonly line?: number;
	readonly message?: string;
}

/** Custom request: the moves that there are at the moment. */
export const REQUEST_MOVES = 'racewalk/moves';
/** Custom request with the `id` of one of them: takes it, and the run goes on from there. */
export const REQUEST_CHOOSE = 'racewalk/choose';

/** One move at a moment. */
export interface Move {
	readonly id: number;
	readonly label: string;
	/** The run takes this one. */
	readonly isOwn: boolean;
}

export type Outgoing = Response | Event;

/** A message with its header. */
export function framed(message: Outgoing, seq: number): string {
	const body = JSON.stringify({ seq, ...message });
	return `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

/** A reader of chunks: hands on each request; returns what is wrong with the first header that is none. */
export function requests(hear: (request: Request) => void): (chunk: Buffer) => string | null {
	const check = headerCheck();
	let pending = Buffer.alloc(0);
	return (chunk) => {
		const wrong = check(chunk);
		if (wrong !== null) return wrong;
		pending = Buffer.concat([pending, chunk]);
		for (;;) {
			const end = pending.indexOf('\r\n\r\n');
			if (end < 0) return null;
			const header = pending.toString('latin1', 0, end);
			const length = Number(/^content-length:\s*(\d+)/im.exec(header)?.[1] ?? 0);
			if (length > BODY_MAX || pending.length < end + 4 + length) return null;
			const body = pending.toString('utf8', end + 4, end + 4 + length);
			pending = pending.subarray(end + 4 + length);
			const request = requestIn(body);
			if (request !== null) hear(request);
		}
	};
}

/** Null: it is no request. */
function requestIn(body: string): Request | null {
	let value: unknown;
	try {
		value = JSON.parse(body);
	} catch {
		return null;
	}
	if (typeof value !== 'object' || value === null) return null;
	const { seq, type, command } = value as Partial<Request>;
	if (type !== 'request' || typeof seq !== 'number' || typeof command !== 'string') return null;
	return value as Request;
}
