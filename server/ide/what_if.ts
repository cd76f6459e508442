/**
 * Analyses in which protections are taken away: their configuration, and how what is found is told, so that it is never taken
 * for a finding about the code.
 *
 * Invariant: a finding under a what-if is `information` and its message begins with the what-if.
 */
import type { CheckResult } from '../../engine/check.js';
import { configUnder, phraseOf, takenFromConfig, variedId } from '../../engine/what_ifs.js';
import type {
	AnalysedFinding,
	AnalysedFunction,
	AnalysedTrace,
	AnalysedWhatIf,
	AnalysisRequest,
} from './analysis.js';
import type { Resolver } from './resolve.js';

/** The configuration to lower and explore under. */
export function configOf(request: AnalysisRequest): AnalysisRequest['config'] {
	return configUnder(request.config, request.whatIf ?? []);
}

/** What was taken away, in source places; null without any what-if. */
export function takenAway(
	request: AnalysisRequest,
	taken: readonly NonNullable<CheckResult['taken']>[],
	resolve: Resolver,
): AnalysedWhatIf | null {
	const { whatIf: names = [] } = request;
	if (names.length === 0) return null;
	const placed = taken.flat().map((t) => ({
		...t,
		place: t.place === null ? null : resolve.place(t.place),
	}));
	const all = [...takenFromConfig(request.config, names), ...placed];
	const keys = all.map((t) => JSON.stringify([t.whatIf, t.what, t.place]));
	const once = all.filter((_, i) => keys.indexOf(keys[i] as string) === i);
	return { names, taken: once.sort((a, b) => (a.place?.line ?? 0) - (b.place?.line ?? 0)) };
}

/** What makes a finding the same with and without the what-if. */
export function findingKey(finding: Pick<AnalysedFinding, 'rule' | 'function'>): string {
	return `${finding.rule}@${finding.function}`;
}

/** A finding as it is told under the request's what-ifs; `without`: keys of those the code has anyway. */
export function findingUnder(
	finding: AnalysedFinding,
	request: AnalysisRequest,
	without: ReadonlySet<string>,
): AnalysedFinding {
	const { whatIf: names = [] } = request;
	if (names.length === 0) return finding;
	const alsoWithout = without.has(findingKey(finding));
	const also = alsoWithout ? ' (found without that, too)' : '';
	return {
		...finding,
		severity: 'information',
		message: `what if ${phraseOf(names)}: ${finding.message}${also}`,
		trace: traceUnder(finding.trace, request),
		whatIf: { names, alsoWithout },
	};
}

/** A run whose id says what was taken away. */
export function traceUnder(trace: AnalysedTrace, request: AnalysisRequest): AnalysedTrace {
	return { ...trace, id: variedId(trace.id, request.whatIf ?? []) };
}

/** A function's verdict, its witness named as above. */
export function functionUnder(f: AnalysedFunction, request: AnalysisRequest): AnalysedFunction {
	const { whatIf: names = [] } = request;
	if (names.length === 0) return f;
	return {
		...f,
		why: f.why === null ? null : `what if ${phraseOf(names)}: ${f.why}`,
		witness: f.witness === null ? null : variedId(f.witness, names),
	};
}
