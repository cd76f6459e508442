/**
 * From the engine's site indexes to places in source: findings, traces, facts. The only reader of `Program.sites`
 * above the engine.
 */
import type { SiteFacts } from '../../../engine/check/site_facts.js';
import type { SiteIndex } from '../../../engine/program/op.js';
import type { Citation, Program, Site } from '../../../engine/program/program.js';
import type { Finding } from '../../../engine/rules/verdict.js';
import type { Trace, TraceFrame } from '../../../engine/trace/trace.js';
import type { SourceLines } from '../../tree/source_lines.js';
import type {
	AnalysedFinding,
	AnalysedFrame,
	AnalysedSite,
	AnalysedTrace,
	CitedPlace,
	Place,
} from './analysis.js';

const NOWHERE: Site = {
	path: 'racewalk:unknown',
	line: 1,
	column: 1,
	endLine: 1,
	endColumn: 1,
	cites: null,
};

export interface Resolver {
	place(site: SiteIndex): Place;
	cited(site: SiteIndex): CitedPlace | null;
	text(site: SiteIndex): string;
	trace(trace: Trace): AnalysedTrace;
	frame(frame: TraceFrame): AnalysedFrame;
	finding(finding: Finding, root: string): AnalysedFinding;
	site(facts: SiteFacts): AnalysedSite;
}

export function resolver(program: Program, sources: SourceLines): Resolver {
	const siteOf = (index: SiteIndex): Site => program.sites[index] ?? NOWHERE;
	function place(index: SiteIndex): Place {
		const { path, line, column, endLine, endColumn } = siteOf(index);
		return { path, line, column, endLine, endColumn };
	}
	function citedPlace(cites: Citation): CitedPlace {
		for (const one of [cites, ...(cites.otherwise ?? [])]) {
			const line = sources.definition(one.path, one.function);
			if (line !== null) return { path: one.path, function: one.function, line };
		}
		return { path: cites.path, function: cites.function, line: null };
	}
	function cited(index: SiteIndex): CitedPlace | null {
		const { cites } = siteOf(index);
		return cites === null ? null : citedPlace(cites);
	}
	function text(index: SiteIndex): string {
		const site = siteOf(index);
		return sources.line(site.path, site.line);
	}
	function frame(from: TraceFrame): AnalysedFrame {
		return { function: from.function, place: place(from.site), cites: cited(from.site) };
	}
	function trace(from: Trace): AnalysedTrace {
		const steps = from.steps.map((step) => {
			const [first, ...rest] = step.frames;
			const innermost: AnalysedFrame =
				first === undefined
					? { function: step.thread, place: place(-1 as SiteIndex), cites: null }
					: frame(first);
			return {
				cpu: step.cpu,
				thread: step.thread,
				frames: [innermost, ...rest.map(frame)] as const,
				text: first === undefined ? '' : text(first.site),
				what: step.what,
				effects: step.effects,
				violation: step.violation,
			};
		});
		const { id, scenario, threads, initial, relations, spans } = from;
		return { id, scenario, threads, steps, initial, relations, spans };
	}
	return {
		place,
		cited,
		text,
		trace,
		frame,
		finding: (from, root) => ({
			rule: from.rule,
			severity: from.severity,
			message: from.message,
			function: from.function,
			root,
			place: place(from.site),
			related: from.related.map((r) => ({ place: place(r.site), message: r.message })),
			actors: from.actors,
			scenario: from.scenario,
			memory: from.memory,
			trace: trace(from.trace),
			...(from.litmus === undefined ? {} : { litmus: from.litmus }),
			...(from.barrier === undefined ? {} : { barrier: from.barrier }),
			...(from.drawing === undefined ? {} : { drawing: from.drawing }),
		}),
		site: (from) => ({
			place: place(from.site),
			function: from.function,
			kinds: from.kinds,
			locations: from.locations,
			values: from.values,
			visits: from.visits,
			sections: from.sections,
			reference: from.reference,
			counts: from.counts,
			writers: from.writers.map((w) => ({
				actor: w.actor,
				location: w.location,
				wrote: w.wrote,
				text: text(w.site),
				place: place(w.site),
				cites: cited(w.site),
				after: w.after,
				before: w.before,
			})),
			rechecks: from.rechecks.map((r) => ({
				place: place(r.site),
				text: text(r.site),
				same: r.same,
				differed: r.differed,
				rejected: r.rejected,
			})),
			taken: from.taken,
		}),
	};
}
