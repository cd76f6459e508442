/**
 * Finds an edit that removes a finding: candidates made from the function's shape and the finding's run are tried in
 * turn, each explored against the same adversaries, until one leaves the finding gone and nothing new in its place.
 *
 * Invariant: an edit called `verified` was explored.
 */
import { attempted } from '../../../engine/base/budget.js';
import { treeSitter } from '../../syntax/tree_sitter.js';
import { definitionEnd, definitionLine, splitLines } from '../../tree/source_lines.js';
import { analyse } from '../analysis/analyse.js';
import type {
	AnalysedFinding,
	Analysis,
	AnalysisObserver,
	AnalysisRequest,
} from '../analysis/analysis.js';
import type { EnginePort } from '../analysis/engine_port.js';
import type { ResultCache } from '../analysis/result_cache.js';
import { barrierCandidates } from './barrier.js';
import type { FixOutcome, FixRequest } from './fix_kinds.js';
import { functionSyntax } from './function_syntax.js';
import { giveBackCandidates } from './give_back.js';
import { nullCheckCandidates, readOnceCandidates } from './mapping.js';
import { recheckCandidates } from './recheck.js';
import { applyChanges, type TextChange } from './text_change.js';
import { grabOf } from './walk_shape.js';

/** Edits tried before giving up. */
const CANDIDATES_MAX = 8;

export function searchFix(
	engine: EnginePort,
	request: AnalysisRequest,
	wanted: FixRequest,
	context: { readonly observer: AnalysisObserver; readonly cache: ResultCache | null },
): FixOutcome {
	const candidates = fixCandidates(request, wanted).slice(0, CANDIDATES_MAX);
	const [first] = candidates;
	if (first === undefined) return { kind: 'none', why: 'no edit of this kind fits the function' };
	const observer: AnalysisObserver = { cancelled: () => context.observer.cancelled() };
	for (const changes of candidates) {
		if (observer.cancelled()) return { kind: 'unverified', changes: first };
		const text = applyChanges(request.text, changes);
		const actors = wanted.finding.actors;
		const tried = attempted(() =>
			analyse(engine, { ...request, text, actors }, { observer, cache: context.cache }),
		);
		if (tried.kind === 'gave-up' && tried.met !== null) continue;
		if (tried.kind === 'gave-up' || tried.result.cancelled)
			return { kind: 'unverified', changes: first };
		if (cures(tried.result, wanted)) return { kind: 'verified', changes };
	}
	return { kind: 'none', why: 'every edit tried leaves a run that goes wrong' };
}

function cures(analysis: Analysis, wanted: FixRequest): boolean {
	if (!analysis.functions.some((f) => f.name === wanted.finding.function)) return false;
	if (
		analysis.unsupported.length > 0 &&
		analysis.functions.some((f) => f.verdict === 'unsupported')
	) {
		return false;
	}
	const { rule, function: where } = wanted.finding;
	return analysis.findings.every(
		(f) =>
			!(f.rule === rule && f.function === where) &&
			wanted.known.some((k) => k.rule === f.rule && k.function === f.function),
	);
}

/** Candidate edits, likeliest first: in the finding's function, then in those that were on the stack. */
export function fixCandidates(
	request: AnalysisRequest,
	wanted: FixRequest,
): readonly (readonly TextChange[])[] {
	const { finding } = wanted;
	const context = {
		text: request.text,
		path: request.path,
		trace: finding.trace,
		place: finding.place,
	};
	const lines = splitLines(request.text);
	const parser = treeSitter();
	const candidates: (readonly TextChange[])[] = [];
	for (const name of functionsInvolved(finding, request.path)) {
		const line = definitionLine(lines, name);
		if (line === null) continue;
		const endLine = definitionEnd(lines, line);
		const syntax = functionSyntax(parser, request.text, { name, line, endLine });
		if (syntax === null) continue;
		const grab = grabOf(syntax, context);
		switch (wanted.kind) {
			case 'recheck':
				if (grab !== null) candidates.push(...recheckCandidates(syntax, grab, request.text));
				break;
			case 'give-back':
				if (grab !== null) candidates.push(...giveBackCandidates(syntax, grab, request.text));
				break;
			case 'barrier':
				candidates.push(...barrierCandidates(syntax, { ...context, finding }));
				break;
			case 'read-once':
				candidates.push(...readOnceCandidates(syntax, context));
				break;
			case 'null-check':
				candidates.push(...nullCheckCandidates(syntax, context));
				break;
		}
	}
	return candidates;
}

function functionsInvolved(finding: AnalysedFinding, path: string): readonly string[] {
	const names = new Set([finding.function]);
	for (const step of [...finding.trace.steps].reverse()) {
		if (step.cpu !== 0) continue;
		for (const frame of step.frames) if (frame.place.path === path) names.add(frame.function);
	}
	return [...names].slice(0, 12);
}
