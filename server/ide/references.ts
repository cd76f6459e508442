/**
 * Who touches what an access touches: the walk's own accesses to the same locations, and the kernel functions in which adversaries
 * write them.
 */
import { type Analysis, covers, type Place } from './analysis/analysis.js';

/** Places at which the locations of the access at a 1-based position are touched; none where there is no access. */
export function locationReferences(
	analysis: Analysis,
	at: { readonly line: number; readonly column: number },
): readonly Place[] {
	const here = analysis.sites.filter(
		({ place, locations }) =>
			place.path === analysis.path && locations.length > 0 && covers(place, at.line, at.column),
	);
	const innermost = here.sort((a, b) => lengthOf(a.place) - lengthOf(b.place))[0];
	if (innermost === undefined) return [];
	const locations = new Set(innermost.locations);
	const own = analysis.sites
		.filter((site) => site.locations.some((location) => locations.has(location)))
		.map(({ place }) => place);
	const writers = innermost.writers.map(({ cites, place }) =>
		cites?.line == null
			? place
			: { path: cites.path, line: cites.line, column: 1, endLine: cites.line, endColumn: 1 },
	);
	const seen = new Set<string>();
	return [...own, ...writers].filter(({ path, line, column }) => {
		const key = `${path}:${line}:${column}`;
		const isNew = !seen.has(key);
		seen.add(key);
		return isNew;
	});
}

function lengthOf(place: Place): number {
	return (place.endLine - place.line) * 1000 + place.endColumn - place.column;
}
