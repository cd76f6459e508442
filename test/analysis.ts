/**
 * The one way tests get an analysis: text in, everything said about it out, by the real front end and engine.
 */

import type { WhatIf } from '../engine/check/what_ifs.js';
import type { ArchName } from '../engine/program/arch.js';
import type { Memory } from '../engine/rules/verdict.js';
import { type ActorSource, ownActors } from '../server/actors/sources.js';
import { analyse } from '../server/ide/analysis/analyse.js';
import type {
	AnalysedFinding,
	Analysis,
	AnalysisRequest,
} from '../server/ide/analysis/analysis.js';
import { twoColumn } from '../server/ide/two_column.js';
import { attachedLitmus } from '../server/litmus/attached.js';
import { configuration } from '../server/tree/configuration.js';
import { openTree } from '../server/tree/workspace.js';
import { realEngine } from '../server/worker/engine.js';

export interface Given {
	readonly text: string;
	/** Path the text stands for. */
	readonly path?: string;
	/** Root of a kernel tree; none: the text stands alone. */
	readonly tree?: string;
	readonly arch?: ArchName;
	/** CONFIG_ symbols set (`y`) or unset (`n`) on top of the architecture's. */
	readonly set?: Readonly<Record<string, string>>;
	readonly actors?: readonly string[];
	/** `sc` when not given. */
	readonly memory?: Memory;
	readonly statesMax?: number;
	/** Which scenarios are explored; all when not given. */
	readonly depth?: 'core';
	/** Text of a litmus test whose threads are the adversary. */
	readonly scenario?: string;
	/** Protections to take away. */
	readonly whatIf?: readonly WhatIf[];
	/** Adversaries beside racewalk's own, as a workspace would bring them. */
	readonly moreActors?: readonly ActorSource[];
}

/** What the command line would ask for. */
export function requestOf(given: Given): AnalysisRequest {
	const arch = given.arch ?? 'x86_64';
	return {
		path: given.path ?? 'walk.c',
		text: given.text,
		tree: given.tree === undefined ? null : openTree(given.tree),
		arch,
		config: configuration({
			arch,
			dotConfig: null,
			set: new Map(Object.entries(given.set ?? {})),
		}),
		said: Object.keys(given.set ?? {}),
		actorSources: [...ownActors(), ...(given.moreActors ?? [])],
		actors: given.actors ?? [],
		memory: given.memory ?? 'sc',
		functions: [],
		statesMax: given.statesMax ?? 500_000,
		...(given.whatIf === undefined ? {} : { whatIf: given.whatIf }),
		...(given.depth === undefined ? {} : { depth: given.depth }),
		...(given.scenario === undefined ? {} : { attached: attachedTo(given.scenario) }),
	};
}

function attachedTo(text: string): NonNullable<AnalysisRequest['attached']> {
	const read = attachedLitmus('test.litmus', text);
	if (read.test === null) throw new Error(read.why);
	return read.test;
}

/** Analyses a text as the command line does. */
export function analysisOf(given: Given): Analysis {
	const observer = { cancelled: () => false };
	return analyse(realEngine, requestOf(given), { observer, cache: null });
}

/** `rule@function`, sorted: what was found where, without the runs. */
export function foundIn(analysis: Analysis): readonly string[] {
	return analysis.findings.map((f) => `${f.rule}@${f.function}`).sort();
}

/** A finding as people read it: what, where, in which scenario, and the run with a column per CPU. */
export function runOf(finding: AnalysedFinding): string {
	const { place, message, rule, scenario, trace } = finding;
	const head = `${place.path}:${place.line}: ${finding.severity}: ${message} [${rule}]`;
	return `${head}\n${scenario}; run ${trace.id}\n\n${twoColumn(trace, { width: 100 })}\n`;
}
