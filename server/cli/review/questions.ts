/**
 * What else a step changes, where it is asked for: guards that nobody needed before, or nobody needs any more, and comments that
 * became true or false.
 */
import type { DecidedClaim } from '../../ide/claims/check.js';
import type { AnalysedGuard } from '../../ide/guards.js';
import type { TextSession } from '../supervised.js';

export interface Asked {
	readonly path: string;
	readonly sessions: readonly { readonly on: string; readonly session: TextSession }[];
}

export interface GuardChange {
	readonly on: string;
	readonly function: string;
	readonly line: number;
	readonly text: string;
	/** Null: there is no such guard. */
	readonly before: AnalysedGuard['verdict'] | null;
	readonly after: AnalysedGuard['verdict'] | null;
}

export interface ClaimChange {
	readonly on: string;
	readonly function: string;
	readonly line: number;
	readonly text: string;
	readonly reading: string;
	readonly why: string;
	/** Null: the sentence was not there. */
	readonly before: DecidedClaim['verdict'] | null;
	readonly after: DecidedClaim['verdict'];
}

export interface QuestionDelta {
	readonly guards: readonly GuardChange[];
	readonly claims: readonly ClaimChange[];
	/** Questions that were not answered in time. */
	readonly open: readonly string[];
}

export async function compareQuestions(
	before: Asked,
	after: Asked,
	options: { readonly guards?: true; readonly claims?: true },
): Promise<QuestionDelta> {
	const open: string[] = [];
	const guards: GuardChange[] = [];
	const claims: ClaimChange[] = [];
	for (const [i, { on, session }] of after.sessions.entries()) {
		const old = before.sessions[i];
		if (old === undefined) continue;
		if (options.guards === true) {
			const [was, is] = [await guardsOf(old.session), await guardsOf(session)];
			if (was === null || is === null) open.push(`guards (${on})`);
			else guards.push(...guardChanges(was, is, on));
		}
		if (options.claims === true) {
			const [was, is] = [await claimsOf(old.session), await claimsOf(session)];
			if (was === null || is === null) open.push(`comments (${on})`);
			else claims.push(...claimChanges(was, is, on));
		}
	}
	return { guards, claims, open };
}

async function guardsOf(session: TextSession): Promise<readonly AnalysedGuard[] | null> {
	const outcome = await session.run({ kind: 'guards' });
	return outcome.kind === 'done' ? outcome.result : null;
}

async function claimsOf(session: TextSession): Promise<readonly DecidedClaim[] | null> {
	const outcome = await session.run({ kind: 'claims' });
	if (outcome.kind !== 'done' || outcome.result.stopped !== undefined) return null;
	return outcome.result.claims;
}

/** Guards by function and text, the equal ones in their order. */
function byText<T>(all: readonly T[], key: (one: T) => string): ReadonlyMap<string, T> {
	const found = new Map<string, T>();
	for (const one of all) {
		let n = 0;
		while (found.has(`${key(one)} ${n}`)) n++;
		found.set(`${key(one)} ${n}`, one);
	}
	return found;
}

function guardChanges(
	was: readonly AnalysedGuard[],
	is: readonly AnalysedGuard[],
	on: string,
): readonly GuardChange[] {
	const key = (g: AnalysedGuard): string => `${g.function} ${g.written}`;
	const [before, after] = [byText(was, key), byText(is, key)];
	return [...new Set([...before.keys(), ...after.keys()])].flatMap((name) => {
		const [old, now] = [before.get(name), after.get(name)];
		const some = now ?? old;
		if (some === undefined || old?.verdict === now?.verdict) return [];
		const { function: fn, place, written } = some;
		const verdicts = { before: old?.verdict ?? null, after: now?.verdict ?? null };
		return [{ on, function: fn, line: place.line, text: written, ...verdicts }];
	});
}

function claimChanges(
	was: readonly DecidedClaim[],
	is: readonly DecidedClaim[],
	on: string,
): readonly ClaimChange[] {
	const key = ({ found, reading }: DecidedClaim): string =>
		`${found.function} ${found.text} ${reading}`;
	const [before, after] = [byText(was, key), byText(is, key)];
	return [...after].flatMap(([name, { found, verdict, reading, why }]) => {
		const old = before.get(name)?.verdict ?? null;
		if (old === verdict || (old === null && verdict !== 'false')) return [];
		const { function: fn, text, place } = found;
		return [
			{ on, function: fn, line: place.line, text, reading, why, before: old, after: verdict },
		];
	});
}
