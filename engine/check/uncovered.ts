/**
 * What coverage says against `holds`: the first line that no run reached, or the first code that could not be lowered.
 */

import type { FunctionIndex, SiteIndex } from '../program/op.js';
import type { Assumption, Program } from '../program/program.js';
import { type FunctionCoverage, type Never, neverMet } from '../rules/verdict.js';
import type { CheckRequest } from './request.js';

type Coverage = ReadonlyMap<FunctionIndex, FunctionCoverage> | null;

/** All scenarios were asked for: what none of them reaches is not reached later either. */
export function isWhole({ depth = 'deep' }: CheckRequest): boolean {
	return depth === 'deep';
}

/**
 * True where an arm that no run took counts against `holds`: all adversaries were asked for, of the code as it stands.
 * Elsewhere it is named with the verdict.
 */
export function isDecisive(request: CheckRequest): boolean {
	const { actors, whatIf = [] } = request;
	return isWhole(request) && actors.length === 0 && whatIf.length === 0;
}

/** What the verdicts on the functions take for granted of code that no run reached. */
export function grantedIn(
	request: CheckRequest,
	functions: ReadonlySet<FunctionIndex>,
	coverage: Coverage,
): readonly Assumption[] {
	if (!isWhole(request)) return [];
	return [...functions].flatMap((fn) => {
		const { granted = [], never = [] } = coverage?.get(fn) ?? {};
		return [...granted, ...(isDecisive(request) ? [] : never)].map((each) => ({
			what: neverWords(request, fn, each),
			site: each.site,
			function: null,
		}));
	});
}

/** Whether the configuration keeps every run out of a function: there is nothing to give a verdict on. */
export function isConstant(fn: FunctionIndex, coverage: Coverage): boolean {
	return coverage?.get(fn)?.isConstant === true;
}

/** Said with the verdicts on the functions that would call such a one of the checked file. */
export function constantIn(
	{ program, functions: own }: CheckRequest,
	functions: ReadonlySet<FunctionIndex>,
	coverage: Coverage,
): readonly Assumption[] {
	return [...functions].flatMap((fn) => {
		const { name, site } = program.functions[fn] ?? { name: '', site: null };
		if (!own.includes(fn) || !isConstant(fn, coverage)) return [];
		return [{ what: `${name}() is never entered: ${CONSTANT}`, site, function: null }];
	});
}

const CONSTANT = 'under this configuration the conditions of its calls are constant';

/** Why the functions cannot hold by what no run reached; null: they can. */
export function neverIn(
	request: CheckRequest,
	functions: ReadonlySet<FunctionIndex>,
	coverage: Coverage,
): string | null {
	if (!isDecisive(request)) return null;
	for (const fn of functions) {
		const first = coverage?.get(fn)?.never[0];
		if (first !== undefined) return neverWords(request, fn, first);
	}
	return null;
}

/** Why the functions cannot hold by code that could not be lowered, reached or not. */
export function unloweredIn(
	{ program, root }: CheckRequest,
	functions: ReadonlySet<FunctionIndex>,
	coverage: Coverage,
): string | null {
	for (const fn of functions) {
		const first = coverage?.get(fn)?.unlowered[0];
		if (first !== undefined)
			return `${placeWords(program, first.site, program.functions[root]?.path ?? null)}: ${first.reason}`;
	}
	return null;
}

/**
 * `line 3016 is never reached: folio_order(folio) == 9 is false in every explored run`; of another file with the function: `include/linux/mm.h:2003
 * in folio_is_longterm_pinnable() is never reached: …`.
 */
function neverWords({ program, root }: CheckRequest, fn: FunctionIndex, never: Never): string {
	const path = program.functions[root]?.path ?? null;
	const place = placeWords(program, never.site, path);
	const name = program.functions[fn]?.name;
	const isOwn = program.sites[never.site]?.path === path || name === undefined;
	const isReached = never.site === never.condition;
	return `${place}${isOwn ? '' : ` in ${name}()`}${isReached ? '' : ' is never reached'}: ${neverMet(never)}`;
}

/** `line 12` of the checked file, `mm/internal.h:12` of another. */
export function placeWords(program: Program, index: SiteIndex, path: string | null): string {
	const site = program.sites[index];
	if (site === undefined) return 'a line';
	return site.path === path ? `line ${site.line}` : `${site.path}:${site.line}`;
}
