/**
 * A debugging session: a run, the moment at which it stands, and how it came there. Plain state and functions of it; the
 * protocol is in `adapter.ts`.
 *
 * Invariant: as many steps back as were made forward lead to where they began.
 */
import { type DataStop, type LineStop, stopsIn } from './breakpoints.js';
import { backward, forward, lastOf, next, type Run, stepBack, stepIn, stepOut } from './moments.js';

export interface Session {
	readonly run: Run;
	readonly moment: number;
	/** Moments at which steps forward began, since the last jump. */
	readonly history: readonly number[];
	readonly lines: readonly LineStop[];
	readonly data: readonly DataStop[];
}

export type Motion =
	| 'next'
	| 'stepIn'
	| 'stepOut'
	| 'stepBack'
	| 'continue'
	| 'reverseContinue'
	| 'restart';

export function opened(run: Run): Session {
	return { run, moment: 0, history: [], lines: [], data: [] };
}

export function moved(session: Session, motion: Motion): Session {
	const { run, moment, history } = session;
	const stops = stopsIn(run, session.lines, session.data);
	const step = (to: number): Session =>
		to === moment ? session : { ...session, moment: to, history: [...history, moment] };
	const jump = (to: number): Session => ({ ...session, moment: to, history: [] });
	switch (motion) {
		case 'next':
			return step(next(run, moment, stops));
		case 'stepIn':
			return step(stepIn(run, moment));
		case 'stepOut':
			return step(stepOut(run, moment, stops));
		case 'stepBack': {
			const before = history.at(-1);
			if (before === undefined) return jump(stepBack(moment));
			return { ...session, moment: before, history: history.slice(0, -1) };
		}
		case 'continue':
			return jump(forward(run, moment, stops));
		case 'reverseContinue':
			return jump(backward(moment, stops));
		case 'restart':
			return jump(0);
	}
}

/** Another run that agrees with this one up to the moment: the step that was chosen is behind it. */
export function chosen(session: Session, run: Run): Session {
	const moment = Math.min(session.moment + 1, lastOf(run));
	return { ...session, run, moment, history: [...session.history, session.moment] };
}

/** Why it stands there, in the protocol's words. */
export function reasonAt(
	{ run, moment, lines, data }: Session,
	motion: Motion | 'entry' | 'choice',
): 'entry' | 'step' | 'breakpoint' | 'data breakpoint' | 'exception' | 'goto' {
	const isEnd = moment === lastOf(run);
	if (isEnd && run.finding !== null) return 'exception';
	if (motion === 'entry' || motion === 'restart') return 'entry';
	if (stopsIn(run, lines, [])(moment)) return 'breakpoint';
	if (stopsIn(run, [], data)(moment)) return 'data breakpoint';
	return motion === 'choice' ? 'goto' : 'step';
}
