/**
 * The debug adapter: requests of the Debug Adapter Protocol answered from a session. It opens no file and explores nothing; its
 * host finds runs.
 *
 * Invariant: each request has one response; a request that is not known, or comes too early, fails with words.
 * Invariant: what people read went through `engine/escape`.
 */

import { shortened } from '../../engine/base/shortened.js';
import { label, plain } from '../../engine/escape/label.js';
import type { DebugChoice } from '../../engine/questions/debug_run.js';
import type { AnalysedDebugFrame, DebuggedRun } from '../ide/debug.js';
import { framePlace } from '../ide/trace_content.js';
import { type DataStop, linesOf, namesAt, whyNever, whyNeverTrue } from './breakpoints.js';
import { evaluate } from './expression.js';
import { framesAt, lastOf, moverAt, type Run } from './moments.js';
import {
	type Breakpoint,
	type Move,
	type Outgoing,
	REQUEST_CHOOSE,
	REQUEST_MOVES,
	type Request,
	type Source,
	type StackFrame,
} from './protocol.js';
import { chosen, type Motion, moved, opened, reasonAt, type Session } from './session.js';
import { type Group, variablesOf } from './variables.js';

export interface Host {
	/** The run that a client asks for. Throws with words for the user. */
	launch(given: Readonly<Record<string, unknown>>): Promise<Launched>;
	send(message: Outgoing): void;
	/** The client is done. */
	ended(): void;
}

export interface Launched {
	readonly run: Run;
	/** That the function is not decided, of which the run breaks no rule; null: it is, or the run was asked for. */
	readonly open: string | null;
	/** The run that comes of a choice in a run. */
	choose(run: Run, choice: DebugChoice): Promise<DebuggedRun>;
	/** File on disk of a path that steps name; null: there is none. */
	file(path: string): string | null;
	/** The other way. */
	pathOf(file: string): string;
	/** Text of what is in no file. */
	text(path: string): string | null;
}

/** Characters of an answer that says what is wrong, with what it repeats of the request. */
const MESSAGE_MAX = 1000;
/** Frames of one thread at most. */
const FRAMES_MAX = 1000;

const MOTIONS: Readonly<Record<string, Motion>> = {
	next: 'next',
	stepIn: 'stepIn',
	stepOut: 'stepOut',
	stepBack: 'stepBack',
	continue: 'continue',
	reverseContinue: 'reverseContinue',
	restart: 'restart',
};

const CAPABILITIES = {
	supportsConfigurationDoneRequest: true,
	supportsConditionalBreakpoints: true,
	supportsDataBreakpoints: true,
	supportsEvaluateForHovers: true,
	supportsExceptionInfoRequest: true,
	supportsRestartRequest: true,
	supportsStepBack: true,
	supportsTerminateRequest: true,
};

/** What is answered before anything else was asked. */
const BEFORE_INITIALIZE: ReadonlySet<string> = new Set(['initialize', 'disconnect', 'terminate']);

class Refused extends Error {}

export class DebugAdapter {
	readonly #host: Host;
	#isInitialised = false;
	#launched: Launched | null = null;
	#session: Session | null = null;
	#stopOnEntry = true;
	/** What variable references stand for at this moment. */
	#groups: Group[] = [];
	/** Paths of sources without a file, by their reference minus one. */
	#sources: string[] = [];

	constructor(host: Host) {
		this.#host = host;
	}

	/** Answers one request. */
	async hear({ seq, command, arguments: given }: Request): Promise<void> {
		const asked = (typeof given === 'object' && given !== null ? given : {}) as Asked;
		const respond = (body: unknown, message?: string): void =>
			this.#host.send({
				...{ type: 'response', request_seq: seq, command: plain(shortened(command)) },
				...(message === undefined ? { success: true } : { success: false, message }),
				...(body === undefined ? {} : { body }),
			});
		let after: (() => void) | undefined;
		try {
			if (!this.#isInitialised && !BEFORE_INITIALIZE.has(command))
				throw new Refused('initialize comes first');
			this.#isInitialised ||= command === 'initialize';
			const motion = Object.hasOwn(MOTIONS, command) ? MOTIONS[command] : undefined;
			if (motion !== undefined) {
				respond(motion === 'continue' ? { allThreadsContinued: true } : {});
				this.#move(motion);
				return;
			}
			const answer = await this.#answer(command, asked);
			after = answer.after;
			respond(answer.body ?? {});
		} catch (error) {
			const what = error instanceof Error ? error.message : String(error);
			const said = label(shortened(what, MESSAGE_MAX));
			respond({ error: { id: 1, format: said } }, said);
			return;
		}
		after?.();
	}

	async #answer(command: string, asked: Asked): Promise<Answer> {
		switch (command) {
			case 'initialize':
				return { body: CAPABILITIES };
			case 'launch':
			case 'attach':
				return this.#launch(asked);
			case 'configurationDone':
				return { after: () => this.#begin() };
			case 'disconnect':
			case 'terminate':
				return { after: () => this.#end() };
			case 'pause':
				return { after: () => this.#stopped('entry') };
			case 'setExceptionBreakpoints':
				return { body: { breakpoints: [] } };
			case 'threads':
				return { body: { threads: this.#threads() } };
			case 'stackTrace':
				return { body: this.#stack(asked) };
			case 'scopes':
				return { body: { scopes: this.#scopes(asked) } };
			case 'variables':
				return { body: { variables: this.#variables(asked) } };
			case 'evaluate':
				return this.#evaluated(asked);
			case 'source':
				return { body: this.#source(asked) };
			case 'exceptionInfo':
				return { body: this.#exception() };
			case 'setBreakpoints':
				return { body: { breakpoints: this.#setLines(asked) } };
			case 'dataBreakpointInfo':
				return { body: this.#dataInfo(asked) };
			case 'setDataBreakpoints':
				return { body: { breakpoints: this.#setData(asked) } };
			case REQUEST_MOVES:
				return { body: { moves: this.#moves().map(({ move }) => move) } };
			case REQUEST_CHOOSE:
				return this.#choose(Number(asked['id']));
			default:
				throw new Refused(`racewalk does not know the request ${shortened(command)}`);
		}
	}

	get #open(): { readonly session: Session; readonly launched: Launched } {
		const [session, launched] = [this.#session, this.#launched];
		if (session === null || launched === null) throw new Refused('no run is being debugged');
		return { session, launched };
	}

	async #launch(asked: Asked): Promise<Answer> {
		this.#launched = await this.#host.launch(asked);
		this.#session = opened(this.#launched.run);
		this.#stopOnEntry = asked['stopOnEntry'] !== false;
		const { open } = this.#launched;
		const { gone, trace } = this.#launched.run;
		const without =
			gone.length === 0
				? ''
				: ` without ${gone.map(({ line }) => `line ${line}`).join(', ')}: what breaks is none about the code as it stands`;
		return {
			after: () => {
				this.#host.send({ type: 'event', event: 'initialized' });
				this.#say(`Run ${trace.id}${without}. ${trace.scenario}.`);
				if (open !== null) this.#say(open);
				this.#say('In the console: moves lists what can happen next, choose N takes one.');
			},
		};
	}

	#say(text: string): void {
		const body = { category: 'console', output: `${label(text)}\n` };
		this.#host.send({ type: 'event', event: 'output', body });
	}

	#begin(): void {
		if (this.#session === null) return;
		if (this.#stopOnEntry) this.#stopped('entry');
		else this.#move('continue');
	}

	#end(): void {
		this.#session = null;
		this.#host.send({ type: 'event', event: 'terminated' });
		this.#host.ended();
	}

	#move(motion: Motion): void {
		if (this.#session === null) return;
		this.#session = moved(this.#session, motion);
		this.#stopped(motion);
	}

	#stopped(motion: Motion | 'entry' | 'choice'): void {
		const session = this.#session;
		if (session === null) return;
		this.#groups = [];
		const { run, moment } = session;
		const reason = reasonAt(session, motion);
		const { finding } = run;
		const words =
			reason === 'exception' && finding !== null
				? { description: label(finding.rule), text: label(finding.message) }
				: { description: label(`${reason}: moment ${moment} of ${lastOf(run)}`) };
		const threadId = moverAt(run, moment) + 1;
		const body = { reason, ...words, threadId, allThreadsStopped: true };
		this.#host.send({ type: 'event', event: 'stopped', body });
	}

	#threads(): readonly { readonly id: number; readonly name: string }[] {
		const { session } = this.#open;
		return session.run.trace.threads.map((name, cpu) => ({
			id: cpu + 1,
			name: label(`CPU ${cpu}: ${name}`),
		}));
	}

	#stack(asked: Asked): unknown {
		const { session } = this.#open;
		const cpu = Number(asked['threadId']) - 1;
		const frames = framesAt(session.run, session.moment, cpu);
		const start = Number(asked['startFrame'] ?? 0);
		const levels = Number(asked['levels'] ?? 0) || FRAMES_MAX;
		const stackFrames = frames.slice(start, start + levels).map((frame, i): StackFrame => {
			const place = framePlace(frame);
			return {
				id: cpu * FRAMES_MAX + start + i + 1,
				name: label(`${nameOf(frame, start + i)}()`),
				source: this.#sourceOf(place.path),
				line: place.line,
				column: place.column,
				...(place === frame.place ? { endLine: place.endLine, endColumn: place.endColumn } : {}),
			};
		});
		return { stackFrames, totalFrames: frames.length };
	}

	#sourceOf(path: string): Source {
		const { launched } = this.#open;
		const name = label(path.split('/').pop() ?? path);
		const file = launched.file(path);
		if (file !== null) return { name, path: file };
		const known = this.#sources.indexOf(path);
		const index = known < 0 ? this.#sources.push(path) - 1 : known;
		return { name, sourceReference: index + 1 };
	}

	#source(asked: Asked): unknown {
		const { launched } = this.#open;
		const path = this.#sources[Number(asked['sourceReference']) - 1];
		const text = path === undefined ? null : launched.text(path);
		if (text === null) throw new Refused('there is no such source');
		return { content: plain(text), mimeType: 'text/x-c' };
	}

	#scopes(asked: Asked): unknown {
		const { session } = this.#open;
		const id = Number(asked['frameId']) - 1;
		const cpu = Math.floor(id / FRAMES_MAX);
		const depth = id % FRAMES_MAX;
		const { run, moment } = session;
		const isChanged = variablesOf(run, moment, { kind: 'changed' }).length > 0;
		const scope = (name: string, group: Group, hint?: string) => ({
			...{ name, variablesReference: this.#referenceTo(group), expensive: false },
			...(hint === undefined ? {} : { presentationHint: hint }),
		});
		return [
			scope('Locals', { kind: 'locals', cpu, depth }, 'locals'),
			...(isChanged ? [scope('Changed by the last step', { kind: 'changed' })] : []),
			scope('World', { kind: 'world' }),
		];
	}

	#referenceTo(group: Group): number {
		return this.#groups.push(group);
	}

	#variables(asked: Asked): unknown {
		const { session } = this.#open;
		const group = this.#groups[Number(asked['variablesReference']) - 1];
		if (group === undefined) return [];
		return variablesOf(session.run, session.moment, group).map(
			({ group: held, location: _, ...shown }) =>
				held === undefined ? shown : { ...shown, variablesReference: this.#referenceTo(held) },
		);
	}

	async #evaluated(asked: Asked): Promise<Answer> {
		const { session } = this.#open;
		const text = String(asked['expression'] ?? '').trim();
		if (asked['context'] === 'repl') {
			if (text === 'moves') return { body: { result: this.#listed(), variablesReference: 0 } };
			const number = /^choose (\d{1,6})$/.exec(text)?.[1];
			if (number !== undefined) {
				const { after } = await this.#choose(Number(number));
				return { body: { result: '', variablesReference: 0 }, ...(after ? { after } : {}) };
			}
		}
		const id = Number(asked['frameId'] ?? 0) - 1;
		const { run, moment } = session;
		const names =
			id < 0
				? namesAt(run, moment)
				: namesAt(run, moment, Math.floor(id / FRAMES_MAX), id % FRAMES_MAX);
		const found = evaluate(text, names);
		if (found.kind === 'unknown') throw new Refused(found.why);
		return { body: { result: label(found.value), variablesReference: 0 } };
	}

	#listed(): string {
		const lines = this.#moves().map(({ move }) => `${move.id}: ${move.label}`);
		return lines.length === 0 ? 'The run is over.' : lines.join('\n');
	}

	#exception(): unknown {
		const finding = this.#open.session.run.finding;
		if (finding === null) throw new Refused('no rule is broken');
		return {
			exceptionId: label(finding.rule),
			description: label(finding.message),
			breakMode: 'always',
		};
	}

	#setLines(asked: Asked): readonly Breakpoint[] {
		const { session, launched } = this.#open;
		const { path: file = '', sourceReference = 0 } = recordOf(asked['source']);
		if (typeof file !== 'string') throw new Refused('source.path is the path of a file');
		const reference = Number(sourceReference);
		const path = reference > 0 ? (this.#sources[reference - 1] ?? '') : launched.pathOf(file);
		const wanted = listOf(asked['breakpoints']).map((each) => ({
			path,
			line: Number(each['line']),
			condition: conditionOf(each),
		}));
		const others = session.lines.filter((stop) => stop.path !== path);
		const lines = linesOf(session.run, path);
		const reasons = wanted.map(({ condition }) => whyNeverTrue(condition));
		const kept = wanted.filter((_, i) => reasons[i] === null);
		this.#session = { ...session, lines: [...others, ...kept] };
		return wanted.map(({ line }, i) => {
			const why = reasons[i] ?? (lines.has(line) ? null : 'no step of this run is on this line');
			return why === null
				? { verified: true, line }
				: { verified: false, line, message: label(why) };
		});
	}

	#dataInfo(asked: Asked): unknown {
		const { session } = this.#open;
		const name = String(asked['name'] ?? '');
		const { run, moment } = session;
		const found = evaluate(name, namesAt(run, moment));
		const location = found.kind === 'value' ? found.location : null;
		const known = run.trace.initial.map((cell) => cell.location);
		const isKind = known.some(
			(cell) => cell.endsWith(`.${name}`) || cell.replace(/#\d+/, '') === name,
		);
		const dataId = location ?? (isKind ? name : null);
		if (dataId === null)
			return { dataId: null, description: label(`${shortened(name)} is no location`) };
		const accessTypes = ['read', 'write', 'readWrite'];
		return { dataId, description: label(dataId), accessTypes, canPersist: true };
	}

	#setData(asked: Asked): readonly Breakpoint[] {
		const { session } = this.#open;
		const data = listOf(asked['breakpoints']).map((each): DataStop => {
			const access = each['accessType'];
			return {
				location: String(each['dataId'] ?? ''),
				access: access === 'read' || access === 'readWrite' ? access : 'write',
				condition: conditionOf(each),
			};
		});
		const reasons = data.map((stop) => whyNever(session.run, stop));
		this.#session = { ...session, data: data.filter((_, i) => reasons[i] === null) };
		return reasons.map((why) =>
			why === null ? { verified: true } : { verified: false, message: label(why) },
		);
	}

	#moves(): readonly { readonly move: Move; readonly choice: DebugChoice }[] {
		const { session } = this.#open;
		const { run, moment } = session;
		const here = run.moments[moment];
		const mover = moment < lastOf(run) ? moverAt(run, moment) : null;
		const own = (here?.moves ?? []).map(({ cpu, alternative, what }) => ({
			label: `CPU ${cpu} (${run.trace.threads[cpu] ?? ''}): ${what ?? 'one step that changes nothing shared'}`,
			isOwn: cpu === mover && alternative === 0,
			choice: { moment, cpu, alternative },
		}));
		const others = (here?.actors ?? []).map((actor) => ({
			label: `let ${actor} in instead`,
			isOwn: false,
			choice: { moment, actor },
		}));
		return [...own, ...others].map(({ choice, ...move }, i) => ({
			move: { ...move, label: label(move.label), id: i + 1 },
			choice,
		}));
	}

	async #choose(id: number): Promise<Answer> {
		const { session, launched } = this.#open;
		const wanted = this.#moves().find(({ move }) => move.id === id);
		if (wanted === undefined) throw new Refused(`there is no move ${id} here`);
		const run = await launched.choose(session.run, wanted.choice);
		if (run.trace === null) throw new Refused(run.why);
		this.#session = chosen(session, run);
		const { finding, trace } = run;
		const end = finding === null ? 'No rule is broken.' : `${finding.rule}: ${finding.message}.`;
		return {
			body: { id: trace.id, finding: finding === null ? null : label(finding.message) },
			after: () => {
				this.#say(`Run ${trace.id}. ${end}`);
				this.#stopped('choice');
			},
		};
	}
}

/** The kernel's name of what an adversary does; its callers are racewalk's own. */
function nameOf({ cites, function: own }: AnalysedDebugFrame, depth: number): string {
	return depth === 0 ? (cites?.function ?? own) : own;
}

type Asked = Readonly<Record<string, unknown>>;

interface Answer {
	readonly body?: unknown;
	/** Done once the response is sent. */
	readonly after?: () => void;
}

/** Editors send an empty one where there is none. */
function conditionOf({ condition }: Asked): string | null {
	return typeof condition === 'string' && condition.trim() !== '' ? condition : null;
}

function recordOf(value: unknown): Asked {
	return typeof value === 'object' && value !== null ? (value as Asked) : {};
}

function listOf(value: unknown): readonly Asked[] {
	if (!Array.isArray(value)) return [];
	return value.filter((each): each is Asked => typeof each === 'object' && each !== null);
}
