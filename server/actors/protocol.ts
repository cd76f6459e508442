/**
 * Adversaries held against the kernel functions that they cite: steps that a tree makes no more, makes elsewhere or makes in
 * addition, each with its line in the adversary and in the kernel.
 */
import type { Followed } from '../lower/followed.js';
import type { CitedFunction } from '../lower/skeleton/cited.js';
import { type Effect, effectText, type Place } from '../lower/skeleton/effect.js';
import { isLost } from '../lower/skeleton/hold.js';

/** A step in which an adversary and its tree differ. */
export interface Difference {
	/** Those that make the step. */
	readonly actors: readonly string[];
	/** Where the adversary makes it; for one in addition, what it does before. */
	readonly path: string;
	readonly line: number;
	/** `gone`: the function does not do it; `elsewhere`: not on every way; `added`: it does, and the adversary does not. */
	readonly kind: 'gone' | 'elsewhere' | 'added';
	readonly effect: Effect;
	readonly at: CitedFunction;
	/** Line of the function's file on which it does it; null: it does not. */
	readonly made: { readonly path: string; readonly line: number } | null;
}

/** Each place and effect once. */
export function differencesOf(followed: Pick<Followed, 'steps' | 'added'>): readonly Difference[] {
	const found = new Map<string, { -readonly [K in keyof Difference]: Difference[K] }>();
	const add = (actor: string, trail: readonly Place[], rest: Rest): void => {
		const place = trail.findLast(({ cites }) => cites !== null) ?? trail[0];
		if (place === undefined) return;
		const { path, line } = place;
		const key = [path, line, rest.kind, rest.effect, rest.at.path, rest.at.function].join(' ');
		const known = found.get(key);
		if (known === undefined) found.set(key, { ...rest, path, line, actors: [actor] });
		else if (!known.actors.includes(actor)) known.actors = [...known.actors, actor];
	};
	for (const { actor, trail, effect, held, at, made, isEnd } of followed.steps) {
		if (!isLost(held) || isEnd || at === null) continue;
		const kind = held === 'elsewhere' ? 'elsewhere' : 'gone';
		add(actor, trail, { kind, effect, at, made: placed(made) });
	}
	for (const { actor, trail, effect, at, made } of followed.added)
		add(actor, trail, { kind: 'added', effect, at, made: placed(made) });
	return [...found.values()];
}

type Rest = Omit<Difference, 'actors' | 'path' | 'line'>;

function placed(place: Place | null): Difference['made'] {
	return place === null ? null : { path: place.path, line: place.line };
}

/** One line: the adversary's place, the kernel's, and what differs. */
export function differenceText({ actors, path, line, kind, effect, at, made }: Difference): string {
	const does = effectText(effect);
	const where = `${at.path}:${made?.path === at.path ? made.line : at.line}: ${at.function}()`;
	const what =
		kind === 'gone'
			? `no longer ${does}`
			: kind === 'elsewhere'
				? `${does}, but not on every way between the steps around it`
				: `${does} behind it, and the adversary does not`;
	return `${path}:${line}: ${where} ${what} [${actors.join(', ')}]`;
}
