/**
 * A stand-in for the front end and the engine: text in, a program of sites out, and "exploration" that looks for words
 * in the text. It lets the server's own machinery (workers, versions, edits, formats) be tested alone and made to
 * misbehave on demand: a walk that calls `slow()` explores until it is stopped, `boom()` throws, `crash()` ends the
 * worker, `hang()` asks nobody whether to go on, `grow()` takes memory outside of the heap, `strange()` is unsupported;
 * `half()` does not parse, `stuck()` asks nobody while the text is lowered, whatever was asked of it.
 */

import type { CheckObserver, CheckRequest } from '../../../engine/check/request.js';
import type { CheckResult } from '../../../engine/check/result.js';
import type { SiteFacts } from '../../../engine/check/site_facts.js';
import type { FunctionIndex, SiteIndex } from '../../../engine/program/op.js';
import type { Program, ProgramFunction, Site } from '../../../engine/program/program.js';
import type { GuardResult } from '../../../engine/questions/guards/guard_result.js';
import type {
	Bounds,
	Finding,
	FunctionVerdict,
	VerdictKind,
} from '../../../engine/rules/verdict.js';
import type { Trace } from '../../../engine/trace/trace.js';
import type { EnginePort } from '../../../server/ide/analysis/engine_port.js';
import type { Lowered, LowerRequest } from '../../../server/lower/request.js';

interface Found {
	readonly name: string;
	/** 0-based. */
	readonly line: number;
	readonly end: number;
}

function functionsOf(lines: readonly string[]): readonly Found[] {
	const found: Found[] = [];
	for (const [line, text] of lines.entries()) {
		const name = /^static \w+ (\w+)\(/.exec(text)?.[1];
		if (name === undefined) continue;
		let end = line;
		while (end < lines.length && !lines[end]?.startsWith('}')) end++;
		found.push({ name, line, end });
	}
	return found;
}

function site(path: string, line: number, text: string, word: string): Site {
	const column = Math.max(0, text.indexOf(word)) + 1;
	return {
		path,
		line: line + 1,
		column,
		endLine: line + 1,
		endColumn: column + word.length,
		cites: null,
	};
}

/** One op per line of the walk, so that equal bodies are equal programs wherever they stand. */
function lower(request: LowerRequest): Lowered {
	while (request.text.includes('stuck(')) wait();
	const lines = request.text.split(/\r?\n/);
	const sites: Site[] = [];
	const functions: ProgramFunction[] = [];
	const unsupported: Program['unsupported'][number][] = [];
	const names = functionsOf(lines).map(({ name }) => name);
	for (const { name, line, end } of functionsOf(lines)) {
		const first = sites.length as SiteIndex;
		sites.push(site(request.path, line, lines[line] ?? '', name));
		const ops: ProgramFunction['ops'][number][] = [];
		for (let at = line + 1; at < end; at++) {
			const text = (lines[at] ?? '').trim();
			if (text === '' || text.startsWith('/*')) continue;
			const index = sites.length as SiteIndex;
			sites.push(site(request.path, at, lines[at] ?? '', text));
			ops.push({ kind: 'bug', severity: 'warn', what: text, site: index });
			const callee = names.findIndex((other) => text.includes(`${other}(`)) as FunctionIndex;
			if (callee >= 0) ops.push({ kind: 'call', dst: null, callee, arguments: [], site: index });
			if (/strange\(|half\(/.test(text)) {
				unsupported.push({ reason: 'strange() has no meaning', site: index, function: name });
			}
		}
		functions.push({
			name,
			path: request.path,
			site: first,
			parameters: [],
			registers: 0,
			registerNames: [],
			slots: [],
			ops,
			origin: 'walk',
		});
	}
	sites.push({
		path: 'racewalk:actors/zap.c',
		line: 1,
		column: 1,
		endLine: 1,
		endColumn: 5,
		cites: { path: 'mm/memory.c', function: 'zap_pte_range' },
	});
	const program: Program = {
		functions,
		fields: [],
		symbols: [],
		sites,
		assumptions: [{ what: 'the fake tells the truth', site: null, function: null }],
		unsupported,
	};
	const walk = functions.map((_, index) => index as FunctionIndex);
	const root = walk[0];
	return {
		program,
		walks: root === undefined ? [] : [{ root, functions: walk }],
		undecided: [],
		workspaceActors: [],
		untold: [],
		facts: [],
		isFollowing: true,
		isCompared: true,
		unparsed: unsupported.flatMap(({ function: name, site: at }) =>
			name !== null && /\bhalf\(/.test(lines[(sites[at]?.line ?? 1) - 1] ?? '')
				? [{ function: name, site: at }]
				: [],
		),
		dialect: 'fake',
	};
}

const BOUNDS: Bounds = {
	pagesMax: 2,
	loopMax: 4,
	statesMax: 1000,
	actorsAtOnceMax: 1,
	worlds: ['anonymous'],
	flags: ['FOLL_PIN'],
};

function wait(): void {
	Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
}

function words(f: ProgramFunction): string {
	return f.ops.map((op) => (op.kind === 'bug' ? op.what : '')).join('\n');
}

function siteOfWord(f: ProgramFunction, word: string): SiteIndex {
	return f.ops.find((op) => op.kind === 'bug' && op.what.includes(word))?.site ?? f.site;
}

function trace(program: Program, f: ProgramFunction, violation: string | null): Trace {
	const read = { function: f.name, site: siteOfWord(f, 'pte_t pte') };
	const grab = { function: f.name, site: siteOfWord(f, 'grab(') };
	const zap = { function: 'zap', site: (program.sites.length - 1) as SiteIndex };
	return {
		id: `fake-${f.name}-${violation === null ? 'fine' : 'bad'}`,
		scenario: 'anonymous page, FOLL_PIN',
		threads: [f.name, 'zap'],
		initial: [{ location: 'pte[0]', value: 'present frame 1' }],
		steps: [
			{
				cpu: 0,
				thread: f.name,
				frames: [read],
				what: 'read pte[0]',
				effects: [{ location: 'pte[0]', read: 'present frame 1', wrote: null }],
				violation: null,
			},
			{
				cpu: 1,
				thread: 'zap',
				frames: [zap],
				what: 'pte[0] cleared',
				effects: [{ location: 'pte[0]', read: null, wrote: 'none' }],
				violation: null,
			},
			{
				cpu: 0,
				thread: f.name,
				frames: [grab],
				what: '_refcount 1 → 2',
				effects: [{ location: 'folio#1._refcount', read: '1', wrote: '2' }],
				violation,
			},
		],
		relations: [
			{ kind: 'rf', location: 'pte[0]', from: null, to: 0 },
			{ kind: 'fr', location: 'pte[0]', from: 0, to: 1 },
		],
		spans: [{ cpu: 0, kind: 'reference', what: 'folio#1', from: 2, to: null }],
	};
}

function findingOf(
	program: Program,
	f: ProgramFunction,
	how: { readonly rare: boolean } = { rare: false },
): Finding | null {
	const text = words(f);
	const isChecked = /pte_val\(pte\) != pte_val\(/.test(text);
	if (how.rare ? !text.includes('rare(') : !text.includes('grab(') || isChecked) return null;
	return {
		rule: 'stale-pin',
		severity: 'error',
		message: 'the page was handed out, but pte[0] no longer maps it',
		function: f.name,
		site: siteOfWord(f, 'grab('),
		related: [],
		actors: ['zap'],
		scenario: 'anonymous page, FOLL_PIN',
		memory: 'sc',
		trace: trace(program, f, 'the page was handed out'),
	};
}

function check(request: CheckRequest, observer: CheckObserver): CheckResult {
	const { program } = request;
	const all = program.functions.map(words).join('\n');
	if (all.includes('boom(')) throw new Error('the engine met boom()');
	if (all.includes('crash(')) process.exit(3);
	while (all.includes('hang(')) wait();
	const held: Buffer[] = [];
	while (all.includes('grow(')) held.push(Buffer.alloc(16 * 1024 * 1024, held.length));
	let stopped = false;
	if (all.includes('slow(')) {
		for (let done = 0; !stopped; done++) {
			observer.progress(done % 100, 100, 'anonymous page');
			Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
			stopped = observer.cancelled();
		}
	}
	// stuck_elsewhere() never ends on other architectures, and cannot be stopped
	while (request.arch !== 'x86_64' && all.includes('stuck_elsewhere(')) {
		Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
	}
	// rare() goes wrong in the rarer scenarios only, slow_rare() makes them last until they are stopped
	const isCore = request.depth === 'first' || request.depth === 'core';
	const hasRare = all.includes('rare(');
	while (!isCore && !stopped && all.includes('slow_rare(')) {
		Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
		stopped = observer.cancelled();
	}
	const findings = program.functions.flatMap(
		(f) => findingOf(program, f, { rare: hasRare && !isCore }) ?? [],
	);
	for (const finding of findings) observer.found?.(finding);
	const functions = program.functions.map((f): FunctionVerdict => {
		const isWrong = findings.some((finding) => finding.function === f.name);
		const verdict = isWrong ? 'violated' : verdictOf(program, f, { stopped });
		return {
			name: f.name,
			site: f.site,
			root: program.functions[request.root]?.name ?? '',
			verdict,
			why: verdict === 'unsupported' ? 'strange() has no meaning' : null,
			byActor: [{ actor: 'zap', verdict }],
			bounds: BOUNDS,
			assumptions: program.assumptions,
			explored: { states: 12, executions: 3 },
			witness: 'fake-witness',
		};
	});
	return {
		functions,
		findings,
		scenarios: [],
		...(isCore && hasRare ? { left: request.depth === 'first' ? 5 : 3 } : {}),
	};
}

function verdictOf(
	program: Program,
	f: ProgramFunction,
	how: { readonly stopped: boolean },
): VerdictKind {
	if (findingOf(program, f) !== null) return 'violated';
	if (/strange\(|half\(/.test(words(f))) return 'unsupported';
	return how.stopped ? 'inconclusive' : 'holds';
}

function factsOf(program: Program): readonly SiteFacts[] {
	return program.functions
		.filter((f) => words(f).includes('pte_t pte'))
		.map((f) => ({
			site: siteOfWord(f, 'pte_t pte'),
			function: f.name,
			kinds: ['load'] as const,
			locations: ['pte[0]'],
			values: ['present frame 1', 'none'],
			visits: 4,
			sections: ['irq'] as const,
			reference: 'never' as const,
			writers: [
				{
					actor: 'zap',
					site: (program.sites.length - 1) as SiteIndex,
					location: 'pte[0]',
					wrote: 'none',
					after: 2,
					before: 1,
				},
			],
			rechecks: [],
			counts: null,
			taken: null,
		}));
}

/** A guard at each function's name, which zap needs. */
function guardsOf(program: Program): readonly GuardResult[] {
	return program.functions.map(({ name, site }) => ({
		...{ id: `${name}.0`, function: name, site, kind: 'check', givesUpWhen: true },
		...{ verdict: 'needed', reason: null, detail: null, covered: [] },
		scenarios: { acting: 1, all: 2 },
		reached: true,
		ends: [],
		needs: [
			{
				...{ actor: 'zap', rule: 'stale-pin', message: 'it is gone', scenario: 'a page; zap' },
				...{ memory: 'sc', steps: 3, switches: 2, trace: `fake-${name}-without` },
			},
		],
	}));
}

export const fakeEngine: EnginePort = {
	lower,
	check,
	sites: (request) => factsOf(request.program),
	guards(request, observer) {
		const results = guardsOf(request.program);
		for (const result of results) observer.found?.(result);
		return results;
	},
	simulate(request) {
		const f = request.program.functions[request.function];
		if (f === undefined) return { finding: null, trace: null };
		const finding = findingOf(request.program, f);
		return { finding, trace: finding?.trace ?? trace(request.program, f, null) };
	},
	debug: () => ({ trace: null, why: 'nothing is run here' }),
	nearestGood: () => null,
	savedBy: () => null,
	meeting: () => ({
		...{ locations: [], walkFirst: null, adversaryFirst: null, warned: null, behind: null },
		...{ isReached: false, isActing: false, runs: 0, isComplete: false },
	}),
	decideClaim: () => ({
		verdict: 'undecided',
		reading: 'a claim',
		why: 'nothing is explored here',
		trace: null,
		assumptions: [],
		explored: { scenarios: 0, states: 0, actors: [] },
	}),
	replay(request, id) {
		const f = request.program.functions.find((g) => id.startsWith(`fake-${g.name}-`));
		return f === undefined
			? { trace: null, why: 'no such run' }
			: { trace: trace(request.program, f, null) };
	},
};
