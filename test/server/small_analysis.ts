/** An analysis in a few lines, for what is made of analyses. */
import type {
	AnalysedFinding,
	AnalysedSite,
	Analysis,
	Place,
} from '../../server/ide/analysis/analysis.js';

/** A walk without an engine. */
export const TEXT =
	'static int walk(pte_t *ptep)\n{\n\tpte_t pte = READ_ONCE(*ptep);\n\tif (!pte)\n\t\treturn 0;\n}\n';

/** A place of one line. */
export function at(line: number, column: number, endColumn: number): Place {
	return { path: 'a.c', line, column, endLine: line, endColumn };
}

/** A read of the entry. */
export function siteAt(place: Place): AnalysedSite {
	return {
		place,
		function: 'walk',
		kinds: ['load'],
		locations: ['pte[0]'],
		values: ['none'],
		visits: 1,
		sections: ['irq'],
		reference: 'never',
		writers: [],
		rechecks: [],
		counts: null,
		taken: null,
	};
}

export function findingAt(place: Place): AnalysedFinding {
	return {
		rule: 'stale-pin',
		severity: 'error',
		message: 'gone wrong',
		function: 'walk',
		root: 'walk',
		place,
		related: [],
		actors: ['zap'],
		scenario: 'anon',
		memory: 'sc',
		trace: {
			id: 't',
			scenario: 'anon',
			threads: ['walk', 'zap'],
			steps: [],
			initial: [],
			relations: [],
			spans: [],
		},
	};
}

/** What a check might say of it. */
export const ANALYSIS: Analysis = {
	path: 'a.c',
	arch: 'x86_64',
	memory: 'sc',
	dialect: 'unknown',
	functions: [
		{
			name: 'walk',
			place: at(1, 12, 16),
			endLine: 6,
			root: 'walk',
			verdict: 'holds',
			why: null,
			byActor: [{ actor: 'zap', verdict: 'holds' }],
			bounds: {
				pagesMax: 1,
				loopMax: 8,
				statesMax: 9,
				actorsAtOnceMax: 1,
				worlds: ['anon'],
				flags: [],
			},
			assumptions: [{ what: 'interrupts are off', line: null }],
			explored: { states: 5, executions: 2 },
			witness: 'w',
		},
	],
	findings: [],
	suppressed: [],
	unsupported: [{ reason: 'inline assembly', place: at(5, 3, 9), function: 'walk' }],
	sites: [siteAt(at(3, 14, 30)), siteAt(at(3, 24, 29))],
	actors: ['zap'],
	cancelled: false,
	milliseconds: { lower: 1, check: 1 },
};
