/**
 * The sample to learn with (`samples/gup_fast.c`): its mistakes are macros that are 0 or 1, one in a line, with a comment.
 */

export interface Mistake {
	readonly name: string;
	/** 0-based. */
	readonly line: number;
	/** Where the digit stands. */
	readonly column: number;
	readonly isOn: boolean;
	/** What is wrong with it, from its comment. */
	readonly what: string;
}

const MISTAKE = /^(#define ([A-Z_]+) )([01])\s+\/\* (.*) \*\/$/;

/** The mistakes of a text in its order. */
export function mistakesIn(text: string): readonly Mistake[] {
	return text.split(/\r?\n/).flatMap((written, line): readonly Mistake[] => {
		const [, before = '', name = '', digit, what = ''] = MISTAKE.exec(written) ?? [];
		if (digit === undefined) return [];
		return [{ name, line, column: before.length, isOn: digit === '1', what }];
	});
}

/** The digits to write so that a mistake changes and every other one is off. */
export function switching(
	mistakes: readonly Mistake[],
	name: string,
): readonly (Pick<Mistake, 'line' | 'column'> & { readonly digit: '0' | '1' })[] {
	return mistakes.flatMap(({ name: each, line, column, isOn }) => {
		const wanted = each === name && !isOn;
		return wanted === isOn ? [] : [{ line, column, digit: wanted ? '1' : '0' } as const];
	});
}
