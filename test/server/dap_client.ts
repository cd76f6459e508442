/** A client of the debug adapter as an editor is one: requests in order, responses by their number, events as they come. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

interface Message {
	readonly type: 'response' | 'event';
	readonly request_seq?: number;
	readonly command?: string;
	readonly success?: boolean;
	readonly message?: string;
	readonly event?: string;
	readonly body?: unknown;
}

export interface Stopped {
	readonly reason: string;
	readonly description?: string;
	readonly text?: string;
	readonly threadId: number;
}

export class DapClient {
	readonly messages: Message[] = [];
	readonly #child: ChildProcess;
	#seq = 0;
	#pending = Buffer.alloc(0);
	#heard: (() => void)[] = [];

	constructor(programs: string) {
		const script = join(programs, 'cli.js');
		this.#child = spawn(process.execPath, [script, 'dap', '--stdio'], {
			stdio: ['pipe', 'pipe', 'inherit'],
		});
		this.#child.stdout?.on('data', (chunk: Buffer) => this.#read(chunk));
	}

	/** The body of the response; throws with the adapter's words. */
	async ask<T = Record<string, unknown>>(command: string, given: unknown = {}): Promise<T> {
		const seq = ++this.#seq;
		const body = JSON.stringify({ seq, type: 'request', command, arguments: given });
		this.#child.stdin?.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
		const found = await this.#next((m) => m.type === 'response' && m.request_seq === seq);
		if (found.success !== true) throw new Error(found.message);
		return found.body as T;
	}

	/** A request that moves, and where it stops. */
	async go(command: string, given: unknown = { threadId: 1 }): Promise<Stopped> {
		const before = this.messages.length;
		await this.ask(command, given);
		const stopped = await this.#next((m, i) => i >= before && m.event === 'stopped');
		return stopped.body as Stopped;
	}

	events(name: string): readonly unknown[] {
		return this.messages.filter((m) => m.event === name).map(({ body }) => body);
	}

	/** Its exit code. */
	ended(): Promise<number | null> {
		return new Promise((done) => this.#child.once('exit', done));
	}

	kill(): void {
		this.#child.kill('SIGKILL');
	}

	async #next(isWanted: (message: Message, index: number) => boolean): Promise<Message> {
		for (;;) {
			const found = this.messages.find(isWanted);
			if (found !== undefined) return found;
			await new Promise<void>((heard) => this.#heard.push(heard));
		}
	}

	#read(chunk: Buffer): void {
		this.#pending = Buffer.concat([this.#pending, chunk]);
		for (;;) {
			const end = this.#pending.indexOf('\r\n\r\n');
			if (end < 0) break;
			const length = Number(/\d+/.exec(this.#pending.toString('latin1', 0, end))?.[0]);
			if (this.#pending.length < end + 4 + length) break;
			this.messages.push(JSON.parse(this.#pending.toString('utf8', end + 4, end + 4 + length)));
			this.#pending = this.#pending.subarray(end + 4 + length);
		}
		const heard = this.#heard;
		this.#heard = [];
		for (const each of heard) each();
	}
}
