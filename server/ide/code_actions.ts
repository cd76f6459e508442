/**
 * What can be done about a place: simulate the run that shows a finding, simulate against one adversary, fix it, or
 * suppress it with a reason. Edits of fixes are looked for only when asked (`fix_search.ts`).
 */

import { WHAT_IF_WORDS, type WhatIf } from '../../engine/check/what_ifs.js';
import { readingOf } from '../../engine/questions/claims/claim_words.js';
import type { Rule } from '../../engine/rules/verdict.js';
import {
	type AnalysedFinding,
	type AnalysedFunction,
	type Analysis,
	type FoundClaim,
	functionAt,
} from './analysis/analysis.js';
import { whatIfsAt } from './analysis/what_if.js';
import { guardsAt } from './guard_words.js';
import type { AnalysedGuard } from './guards.js';
import type { FixKind } from './quick_fix/fix_kinds.js';

export type ShownAction =
	| {
			readonly kind: 'simulate';
			readonly title: string;
			readonly function: string;
			readonly actor: string | null;
			readonly trace: string | null;
			/** Protections to take away; absent: none. */
			readonly whatIf?: readonly WhatIf[];
			/** Id of a claim of a comment to decide instead; absent: none. */
			readonly claim?: string;
			/** The finding it is about, or null: about the function. */
			readonly finding: AnalysedFinding | null;
	  }
	| {
			/** Its user picks the adversary. */
			readonly kind: 'against';
			readonly title: string;
			readonly function: string;
			/** Those that break it come first. */
			readonly choices: AnalysedFunction['byActor'];
	  }
	| {
			readonly kind: 'fix';
			readonly title: string;
			readonly fix: FixKind;
			readonly finding: AnalysedFinding;
	  }
	| {
			readonly kind: 'suppress';
			readonly title: string;
			readonly finding: AnalysedFinding;
			/** The comment goes above this 1-based line, indented like it. */
			readonly line: number;
			readonly indent: string;
	  };

const FIX_TITLES: Readonly<Record<FixKind, string>> = {
	recheck: 'Re-check the entry after taking the reference',
	'read-once': 'Read it once, with READ_ONCE()',
	'null-check': 'Reject NULL',
	'give-back': 'Give the reference back on the bail-out',
	barrier: 'Put the barrier between the two accesses',
};

/** Fixes worth trying for a rule, likeliest first. */
const FIXES: Readonly<Partial<Record<Rule, readonly FixKind[]>>> = {
	'stale-pin': ['recheck'],
	'use-after-free': ['recheck', 'null-check'],
	'wrong-folio': ['recheck'],
	'bad-entry': ['recheck'],
	permission: ['recheck'],
	'racing-mapping': ['read-once', 'null-check', 'recheck'],
	'double-fetch': ['read-once'],
	'torn-entry': ['read-once'],
	'data-race': ['read-once'],
	'reference-leak': ['give-back'],
	'reference-underflow': ['give-back'],
};

/** Actions for the 1-based lines `[from, to]`. */
export function codeActions(
	analysis: Analysis,
	range: { readonly from: number; readonly to: number },
	indentOf: (line: number) => string,
): readonly ShownAction[] {
	const actions: ShownAction[] = [];
	const here = analysis.findings.filter(
		(f) =>
			f.place.path === analysis.path &&
			f.place.line <= range.to &&
			range.from <= Math.max(f.place.line, f.place.endLine),
	);
	for (const finding of here) {
		// what breaks for memory order alone needs an order, not another check
		const fixes = finding.barrier === undefined ? FIXES[finding.rule] : (['barrier'] as const);
		for (const fix of fixes ?? []) {
			const title = fix === 'barrier' ? `Insert ${finding.barrier};` : FIX_TITLES[fix];
			actions.push({ kind: 'fix', title, fix, finding });
		}
	}
	for (const finding of here) {
		actions.push({
			kind: 'simulate',
			title: 'Simulate this path',
			function: finding.function,
			actor: null,
			trace: finding.trace.id,
			finding,
		});
	}
	for (const finding of here) {
		const { line } = finding.place;
		actions.push({
			kind: 'suppress',
			title: `Suppress ${finding.rule} here with a reason …`,
			finding,
			line,
			indent: indentOf(line),
		});
	}
	return [
		...actions,
		...againstActors(analysis, range.from, here),
		...whatIfActions(analysis, range.from),
	];
}

/** *See what breaks without this line*: the easiest run of the walk without each of the line's guards. */
export function guardActions(
	guards: readonly AnalysedGuard[],
	line: number,
): readonly ShownAction[] {
	return guardsAt(guards, { line, column: null }).flatMap((guard): readonly ShownAction[] => {
		const [easiest] = guard.needs;
		if (easiest === undefined) return [];
		const title = `See what breaks without \`${guard.text}\``;
		return [{ ...simulateAction(title, guard.function, null), trace: easiest.trace }];
	});
}

/** *Simulate against …*: one entry for all adversaries. */
function againstActors(
	analysis: Analysis,
	line: number,
	here: readonly AnalysedFinding[],
): readonly ShownAction[] {
	const inside = functionAt(analysis, line);
	if (inside === null) return [];
	const order = ['violated', 'unsupported', 'inconclusive', 'holds'];
	const choices = [...inside.byActor].sort(
		(a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict),
	);
	const general: readonly ShownAction[] =
		here.length > 0 ? [] : [simulateAction(`Simulate ${inside.name}()`, inside.name, null)];
	if (choices.length === 0) return general;
	const title = `Simulate ${inside.name}() against …`;
	return [...general, { kind: 'against', title, function: inside.name, choices }];
}

/** *What if …?*: on a function's name, and on the lines of the walk at which a protection stands. */
function whatIfActions(analysis: Analysis, line: number): readonly ShownAction[] {
	const inside = functionAt(analysis, line);
	if (inside === null) return [];
	return whatIfsAt(analysis, line).map((name) => ({
		...simulateAction(WHAT_IF_WORDS[name].question, inside.name, null),
		whatIf: [name],
	}));
}

function simulateAction(
	title: string,
	name: string,
	actor: string | null,
): ShownAction & { readonly kind: 'simulate' } {
	return { kind: 'simulate', title, function: name, actor, trace: null, finding: null };
}

/** *Check what this comment claims*: one action per claim of the comment at a 1-based line. */
export function claimActions(claims: readonly FoundClaim[], line: number): readonly ShownAction[] {
	return claims
		.filter((c) => c.beginLine <= line && line <= c.endLine)
		.map((found) => ({
			...simulateAction(
				`Check what this comment claims: ${readingOf(found.claim)}`,
				found.function,
				null,
			),
			claim: found.id,
		}));
}
