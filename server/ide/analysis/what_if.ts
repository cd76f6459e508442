/**
 * Analyses in which protections are taken away: their configuration, and how what is found is told, so that it is never taken
 * for a finding about the code.
 *
 * Invariant: a finding under a what-if is `information` and its message begins with the what-if.
 */
import type { CheckResult } from '../../../engine/check/result.js';
import {
	configUnder,
	phraseOf,
	takenFromConfig,
	variedId,
	WHAT_IF_NAMES,
	type WhatIf,
} from '../../../engine/check/what_ifs.js';
import type { VerdictKind } from '../../../engine/rules/verdict.js';
import { configurationIn } from '../../tree/configuration.js';
import type {
	AnalysedFinding,
	AnalysedFunction,
	AnalysedTrace,
	AnalysedWhatIf,
	Analysis,
	AnalysisRequest,
} from './analysis.js';
import type { Resolver } from './resolve.js';

/** The configuration to lower and explore under. */
export function configOf(request: AnalysisRequest): AnalysisRequest['config'] {
	return configUnder(configurationIn(request), request.whatIf ?? []);
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
	const also = alsoWithout ? ' (also found without the what-if)' : '';
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

/** What the run of a what-if answers, in a sentence or two. */
export function whatIfNote(whatIf: AnalysedWhatIf, verdict: VerdictKind | null): string {
	const what = `What if ${phraseOf(whatIf.names)}:`;
	const idle = whatIf.names.filter((name) => whatIf.taken.every((t) => t.whatIf !== name));
	if (idle.length === whatIf.names.length)
		return `${what} the code has no such protection; this is a run of the code as it is.`;
	switch (verdict) {
		case 'violated':
			return `${what} a rule is violated in this run. This is no finding about the code as it is.`;
		case 'holds':
			return `${what} it still holds within the bounds of the check; this is one of its runs.`;
		case 'inconclusive':
		case 'unsupported':
			return `${what} undecided (${verdict}); this run violates no rule.`;
		case null:
			return `${what} the function has no verdict; this run violates no rule.`;
	}
}

/** On a function's name: of the whole walk. The others stand where their protection does. */
const OF_THE_WALK: readonly WhatIf[] = [
	'interrupts-on',
	'rcu-read-lock',
	'no-ipi',
	'no-rcu-table-free',
	'no-rcu-inode-free',
	'no-recheck',
];

/** The protections that can be asked about on a 1-based line: a function's name, a section's begin, a re-check. */
export function whatIfsAt(analysis: Analysis, line: number): readonly WhatIf[] {
	const names = new Set<WhatIf>();
	if (analysis.functions.some((f) => f.place.path === analysis.path && f.place.line === line))
		for (const name of OF_THE_WALK) names.add(name);
	for (const site of analysis.sites) {
		const begins = site.place.line === line && site.kinds.includes('section');
		if (begins && site.sections.includes('rcu')) names.add('no-rcu-read-lock');
		else if (begins && site.sections.includes('irq'))
			names.add('interrupts-on').add('rcu-read-lock').add('preempt-disable');
		const isEntry = site.locations.some((l) => ENTRY_LOCATION.test(l));
		if (isEntry && site.rechecks.some((r) => r.place.line === line)) names.add('no-recheck');
	}
	return WHAT_IF_NAMES.filter((name) => names.has(name));
}

const ENTRY_LOCATION = /^p(te|md|ud|4d|gd)2?\[/;
