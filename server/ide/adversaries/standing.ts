/**
 * The kernel functions of a file that adversaries stand for, and what of each the file does not do.
 *
 * Invariant: a function stands for an adversary because a step of that adversary cites it and was looked for in it.
 */
import { type Effect, effectText, isProtective, type Place } from '../../lower/skeleton/effect.js';
import { type HeldStep, isLost } from '../../lower/skeleton/hold.js';

/** What a function does not do that its adversary does to keep from harm. */
export interface Lack {
	readonly effect: Effect;
	readonly actors: readonly string[];
	/** 1-based: where the function does it, though not on every way; else where it is defined. */
	readonly line: number;
	readonly kind: 'gone' | 'elsewhere';
}

export interface Standing {
	readonly name: string;
	/** 1-based line of its definition. */
	readonly line: number;
	readonly actors: readonly string[];
	readonly lacks: readonly Lack[];
	/** Steps of which it is not known whether the function makes them: sentences. */
	readonly unknown: readonly string[];
}

/** By function of the file at `path`, in the order of the file. */
export function standingIn(path: string, steps: readonly HeldStep[]): readonly Standing[] {
	const own = steps.filter(({ at }) => at?.path === path);
	const names = [...new Set(own.map(({ at }) => at?.function ?? ''))];
	return names
		.map((name) =>
			standing(
				name,
				own.filter(({ at }) => at?.function === name),
			),
		)
		.sort((a, b) => a.line - b.line);
}

function standing(name: string, steps: readonly HeldStep[]): Standing {
	const line = steps[0]?.at?.line ?? 1;
	const lost = steps.filter((s) => isProtective(s.effect) && isLost(s.held) && !s.isEnd);
	const effects = [...new Set(lost.map(({ effect }) => effect))];
	return {
		...{ name, line },
		actors: [...new Set(steps.map(({ actor }) => actor))].sort(),
		lacks: effects.map((effect) =>
			lackOf(
				lost.filter((s) => s.effect === effect),
				line,
			),
		),
		unknown: [
			...new Set(
				steps
					.filter((s) => s.held === 'unknown' && isProtective(s.effect) && !s.isEnd)
					.map(
						({ actor, effect }) =>
							`${name}() was not read to its end: that it ${effectText(effect)} is taken from the adversary ${actor}`,
					),
			),
		],
	};
}

function lackOf(steps: readonly HeldStep[], line: number): Lack {
	const [first] = steps as readonly [HeldStep, ...HeldStep[]];
	const made: Place | null = first.held === 'elsewhere' ? first.made : null;
	return {
		effect: first.effect,
		actors: [...new Set(steps.map(({ actor }) => actor))],
		line: made !== null && made.path === first.at?.path ? made.line : line,
		kind: first.held === 'elsewhere' ? 'elsewhere' : 'gone',
	};
}

/** `collapse_huge_page() does not wait for an IPI`: the sentence a finding begins with. */
export function lackText(name: string, { effect, kind }: Pick<Lack, 'effect' | 'kind'>): string {
	return kind === 'gone'
		? `${name}() no longer ${effectText(effect)}`
		: `${name}() ${effectText(effect)}, but not on every way`;
}
