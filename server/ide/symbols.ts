/**
 * The functions of the file's walks as document symbols, each with its verdict as detail.
 */
import type { Analysis, Place } from './analysis/analysis.js';
import { verdictTitle } from './verdict_words.js';

export interface ShownSymbol {
	readonly name: string;
	readonly detail: string;
	readonly place: Place;
	/** Last line of the definition. */
	readonly endLine: number;
}

export function documentSymbols(analysis: Analysis): readonly ShownSymbol[] {
	return analysis.functions
		.filter((f) => f.place.path === analysis.path)
		.map((f) => ({
			name: f.name,
			detail: verdictTitle(f, analysis),
			place: f.place,
			endLine: f.endLine,
		}));
}
