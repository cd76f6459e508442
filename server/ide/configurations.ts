/**
 * What several configurations say about one function, as Markdown: the part of a hover that tells where a finding exists.
 */
import { functionAt } from './analysis.js';
import { sharedFindings, type VariantAnalysis, variantName, whereFound } from './variants.js';

/** The function a line lies in, under each configuration; null where no configuration has it in a walk. */
export function configurationsMarkdown(
	analyses: readonly VariantAnalysis[],
	line: number,
): string | null {
	const name = analyses.map(({ analysis }) => functionAt(analysis, line)?.name).find((n) => n);
	if (name === undefined) return null;
	const verdicts = new Map<string, string[]>();
	for (const { analysis, variant } of analyses) {
		const verdict =
			analysis.functions.find((f) => f.name === name)?.verdict ?? 'not part of the walk';
		verdicts.set(verdict, [...(verdicts.get(verdict) ?? []), variantName(variant)]);
	}
	const lines = [
		`**Configurations** of \`${name}()\`: ${[...verdicts]
			.map(([verdict, on]) => `${verdict} on ${on.join(', ')}`)
			.join('; ')}.`,
	];
	for (const shared of sharedFindings(analyses)) {
		if (shared.finding.function !== name) continue;
		const { rule, place } = shared.finding;
		lines.push(`- \`${rule}\` (line ${place.line}): ${whereFound(shared) ?? ''}`);
	}
	return lines.join('\n');
}
