/**
 * Checks an edited text against the unmodified one. A bug is found when a finding with one of its rules and a run is new;
 * a benign edit passes when no finding is new and no verdict is weaker.
 */

import type { ArchName } from '../../engine/program/arch.js';
import { actorSources } from '../../server/actors/sources.js';
import { analyse } from '../../server/ide/analysis/analyse.js';
import type { Analysis } from '../../server/ide/analysis/analysis.js';
import { configuration } from '../../server/tree/configuration.js';
import { openTree } from '../../server/tree/workspace.js';
import { realEngine } from '../../server/worker/engine.js';
import type { Mutant } from './mutant.js';

export interface Judgement {
	readonly mutant: Mutant;
	readonly ok: boolean;
	/** `found`, `missed`, `false alarm`, `holds`, `out of reach`, with what was reported. */
	readonly outcome: string;
	readonly milliseconds: number;
}

/** Checks texts that stand for one file of a tree. */
export interface Judge {
	judge(mutant: Mutant): Judgement;
	analyse(text: string, arch: ArchName): Analysis;
}

const STATES_MAX = 2_000_000;

/** A judge for edits of `path` in the tree at `root`, whose text is `original`. */
export function judgeOf(root: string, path: string, original: string): Judge {
	const tree = openTree(root);
	const actors = actorSources(null);
	const bases = new Map<ArchName, Analysis>();
	const run = (text: string, arch: ArchName, depth?: 'core'): Analysis =>
		analyse(
			realEngine,
			{
				path,
				text,
				tree,
				arch,
				config: configuration({ arch, dotConfig: null, set: new Map() }),
				actorSources: actors,
				actors: [],
				memory: 'sc',
				functions: [],
				statesMax: STATES_MAX,
				...(depth === undefined ? {} : { depth }),
			},
			{ observer: { cancelled: () => false }, cache: null },
		);
	const base = (arch: ArchName): Analysis => {
		const known = bases.get(arch) ?? run(original, arch);
		bases.set(arch, known);
		return known;
	};
	return {
		analyse: run,
		judge(mutant) {
			const arch = mutant.arch ?? 'x86_64';
			const text = mutant.edit(original);
			if (text === original) throw new Error(`${mutant.id} changes nothing`);
			const started = performance.now();
			// a bug that the common scenarios show is not looked for in rarer ones; a benign edit must pass them all
			const early = mutant.kind === 'bug' ? run(text, arch, 'core') : null;
			const first = early === null ? null : outcomeOf(mutant, base(arch), early);
			const outcome = first?.ok ? first : outcomeOf(mutant, base(arch), run(text, arch));
			return { mutant, ...outcome, milliseconds: performance.now() - started };
		},
	};
}

function outcomeOf(
	mutant: Mutant,
	before: Analysis,
	now: Analysis,
): { readonly ok: boolean; readonly outcome: string } {
	const known = new Set(before.findings.map(keyOf));
	const fresh = now.findings.filter((f) => !known.has(keyOf(f)) && f.trace.steps.length > 0);
	const listed = fresh.map(keyOf).join(', ');
	if (mutant.kind === 'bug') {
		const hit = fresh.some((f) => mutant.rules.includes(f.rule));
		if (hit) return { ok: mutant.outOfReach !== true, outcome: `found ${listed}` };
		if (mutant.outOfReach) return { ok: true, outcome: 'out of reach' };
		return {
			ok: false,
			outcome: `MISSED${listed === '' ? '' : ` (instead: ${listed})`}${weaker(before, now)}`,
		};
	}
	if (fresh.length > 0) return { ok: false, outcome: `FALSE ALARM ${listed}` };
	if (now.functions.length === 0) return { ok: false, outcome: 'LOST: no walk is found any more' };
	const weak = weaker(before, now);
	if (mutant.undecided !== undefined)
		return { ok: weak.includes('unsupported'), outcome: `undecided${weak}` };
	return weak === '' ? { ok: true, outcome: 'holds' } : { ok: false, outcome: `WEAKER${weak}` };
}

function keyOf(f: { readonly rule: string; readonly function: string }): string {
	return `${f.rule}@${f.function}`;
}

function weaker(before: Analysis, now: Analysis): string {
	const rank = { holds: 0, violated: 0, inconclusive: 1, unsupported: 2 } as const;
	const was = new Map(before.functions.map((f) => [f.name, f.verdict]));
	const list = now.functions.filter((f) => rank[f.verdict] > rank[was.get(f.name) ?? 'holds']);
	return list
		.slice(0, 2)
		.map((f) => `; ${f.name} ${f.verdict}: ${f.why}`)
		.join('');
}
