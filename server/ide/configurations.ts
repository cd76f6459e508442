/**
 * What several configurations say about one function, as Markdown: the part of a hover that tells where a finding exists.
 */
import {
	code,
	item,
	lines,
	type Markdown,
	md,
	type Said,
	strong,
} from '../../engine/escape/markdown.js';
import {
	type Analysis,
	functionAt,
	type Variant,
	type VariantAnalysis,
} from './analysis/analysis.js';
import { sharedFindings, variantName, whereFound } from './variants.js';

/** The function a line lies in, under each configuration; null where no configuration has it in a walk. */
export function configurationsMarkdown(
	analyses: readonly VariantAnalysis[],
	line: number,
): Markdown | null {
	const name = analyses.map(({ analysis }) => functionAt(analysis, line)?.name).find((n) => n);
	if (name === undefined) return null;
	const verdicts = new Map<string, string[]>();
	for (const { analysis, variant } of analyses) {
		const verdict =
			analysis.functions.find((f) => f.name === name)?.verdict ?? 'not part of the walk';
		verdicts.set(verdict, [...(verdicts.get(verdict) ?? []), variantName(variant)]);
	}
	const each = [...verdicts].map(([verdict, on]) => `${verdict} on ${on.join(', ')}`).join('; ');
	const said: Said[] = [md`${strong('Configurations')} of ${code(`${name}()`)}: ${each}.`];
	for (const shared of sharedFindings(analyses)) {
		if (shared.finding.function !== name) continue;
		const { rule, place } = shared.finding;
		said.push(item(md`${code(rule)} (line ${place.line}): ${whereFound(shared) ?? ''}`));
	}
	return lines(said);
}

/**
 * The same for a hover: on the function's name, and on a line with a finding that does not exist everywhere. Null
 * elsewhere, and where all configurations agree.
 */
export function configurationsAt(analysis: Analysis, own: Variant, line: number): Markdown | null {
	if (analysis.elsewhere === undefined) return null;
	const analyses = [{ variant: own, analysis }, ...analysis.elsewhere];
	const places = analyses.flatMap((a) => {
		const inside = functionAt(a.analysis, line);
		return inside === null ? [] : [{ name: inside.name, line: inside.place.line }];
	});
	const [here] = places;
	if (here === undefined) return null;
	const partial = sharedFindings(analyses).filter(
		(s) => s.finding.function === here.name && s.others.length > 0,
	);
	const verdicts = new Set(
		analyses.map((a) => a.analysis.functions.find((f) => f.name === here.name)?.verdict),
	);
	const isFinding = partial.some(
		({ finding: { place } }) => place.line <= line && line <= place.endLine,
	);
	const isName = line === here.line && (partial.length > 0 || verdicts.size > 1);
	return isFinding || isName ? configurationsMarkdown(analyses, line) : null;
}
