/**
 * Text that is right for one target as a type of its own: a string cannot be put where it is wanted, and in its templates a
 * string is escaped.
 *
 * Invariant: only the files of this folder make a value of it.
 */

declare const TARGET: unique symbol;

/** Text in the syntax of `Target`, to be given to nothing else. */
export interface Escaped<Target extends string> {
	readonly text: string;
	readonly [TARGET]: Target;
}

/** What stands in a template: text of others, or a part that is made already. */
export type Part<Target extends string> = string | number | Escaped<Target>;

/** A template of a target: what the program says stands as it is, strings that are put in are escaped. */
export interface Template<Target extends string> {
	(said: TemplateStringsArray, ...values: readonly Part<Target>[]): Escaped<Target>;
	/** Parts in a row. */
	join(parts: readonly Part<Target>[], between: string): Escaped<Target>;
}

/** Text that its target's file has made. Of this folder only. */
export function made<Target extends string>(text: string): Escaped<Target> {
	return { text } as Escaped<Target>;
}

/** The template of a target whose strings `safe` escapes. Of this folder only. */
export function template<Target extends string>(safe: (text: string) => string): Template<Target> {
	const part = (value: Part<Target> | undefined): string =>
		typeof value === 'object' ? value.text : safe(String(value ?? ''));
	return Object.assign(
		(said: TemplateStringsArray, ...values: readonly Part<Target>[]) =>
			made<Target>(said.map((own, i) => own + (i < values.length ? part(values[i]) : '')).join('')),
		{
			join: (parts: readonly Part<Target>[], between: string) =>
				made<Target>(parts.map(part).join(between)),
		},
	);
}
