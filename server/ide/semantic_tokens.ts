/**
 * What runs show of the walk's reads, as semantic tokens: one that another CPU makes stale afterwards (racy), one that is racy and
 * looked at again, one that nobody changes while interrupts are off or a reference is held (protected).
 *
 * Left out: what writes too, such as a call that takes a reference.
 *
 * Invariant: tokens are in order, on one line each, and do not overlap.
 */
import type { AnalysedSite, Analysis } from './analysis/analysis.js';

/** In the order in which the protocol numbers them. */
export const TOKEN_TYPES = ['racyRead', 'recheckedRead', 'protectedRead'] as const;
export type TokenType = (typeof TOKEN_TYPES)[number];

export interface ShownToken {
	/** 1-based. */
	readonly line: number;
	readonly column: number;
	readonly length: number;
	readonly type: TokenType;
}

/** The tokens of the analysed file; `lines`: of its text. */
export function semanticTokens(
	{ sites, path }: Pick<Analysis, 'sites' | 'path'>,
	lines: readonly string[],
): readonly ShownToken[] {
	const found = sites
		.filter(({ place }) => place.path === path)
		.flatMap((site): readonly ShownToken[] => {
			const type = typeOf(site);
			return type === null ? [] : [{ ...headOf(site, lines), type }];
		})
		.filter(({ length }) => length > 0)
		.sort((a, b) => a.line - b.line || a.column - b.column || b.length - a.length);
	// of reads in one another, and of one read by several ways, the weakest inner one is shown
	const shown: ShownToken[] = [];
	for (const token of found) {
		const last = shown.at(-1);
		if (last === undefined || last.line < token.line || last.column + last.length <= token.column)
			shown.push(token);
		else if (last.column === token.column && isWeaker(token, last))
			shown[shown.length - 1] = { ...last, type: token.type };
	}
	return shown;
}

function isWeaker(a: ShownToken, b: ShownToken): boolean {
	return TOKEN_TYPES.indexOf(a.type) < TOKEN_TYPES.indexOf(b.type);
}

function typeOf(site: AnalysedSite): TokenType | null {
	const onlyReads = site.kinds.every((kind) => kind === 'load' || kind === 'branch');
	if (!onlyReads || !site.kinds.includes('load') || site.locations.length === 0) return null;
	if (site.writers.some(({ after }) => after > 0))
		return site.rechecks.length > 0 ? 'recheckedRead' : 'racyRead';
	const isGuarded = site.sections.length > 0 || site.reference === 'always';
	return isGuarded ? 'protectedRead' : null;
}

/** The name that is called at the begin of a site, else its first line. */
function headOf(
	{ place }: AnalysedSite,
	lines: readonly string[],
): Pick<ShownToken, 'line' | 'column' | 'length'> {
	const { line, column } = place;
	const text = lines[line - 1] ?? '';
	const end = place.endLine === line ? place.endColumn - 1 : text.length;
	const written = text.slice(column - 1, end).trimEnd();
	const called = /^\w+(?=\()/.exec(written)?.[0];
	return { line, column, length: (called ?? written).length };
}
