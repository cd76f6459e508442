/**
 * Lines of a text on which its walks access what other CPUs see: known from lowering alone, before anything is explored. For
 * lines that say nothing, so that whoever asks about one is told where to ask.
 */
import type { Op } from '../../engine/program/op.js';
import type { Program } from '../../engine/program/program.js';
import { reachable } from '../../engine/program/reach.js';
import { logicalLines } from '../syntax/preprocess/logical_lines.js';
import { splitLines } from '../tree/source_lines.js';
import { prepare, wantedWalks } from './analysis/analyse.js';
import type { AnalysisObserver, AnalysisRequest } from './analysis/analysis.js';
import type { EnginePort } from './analysis/engine_port.js';

const SHARED: readonly Op['kind'][] = ['load', 'store', 'rmw', 'fence', 'section', 'intrinsic'];

/** 1-based, in order. */
export function accessLines(
	engine: EnginePort,
	request: AnalysisRequest,
	options: { readonly observer: AnalysisObserver; readonly preparedBy?: typeof prepare },
): readonly number[] {
	const { lowered, resolve } = (options.preparedBy ?? prepare)(
		engine,
		request,
		null,
		options.observer,
	);
	const { program } = lowered;
	const functions = new Set(wantedWalks(lowered, request.functions).flatMap((w) => w.functions));
	const lines = new Set<number>();
	for (const index of functions) {
		for (const op of program.functions[index]?.ops ?? []) {
			if (!isShared(program, op)) continue;
			const { path, line } = resolve.place(op.site);
			if (path === request.path) lines.add(line);
		}
	}
	return [...lines].sort((a, b) => a - b);
}

function isShared(program: Program, op: Op): boolean {
	if (op.kind !== 'call') return SHARED.includes(op.kind);
	return [...reachable(program, op.callee)].some((f) =>
		program.functions[f]?.ops.some((inner) => SHARED.includes(inner.kind)),
	);
}

const CONTROL: readonly string[] = ['return', 'goto', 'else', 'case', 'break', 'continue', 'do'];

/** True for a 1-based line with nothing on it but blanks, comments, or declarations that set nothing. */
export function saysNothing(text: string, line: number): boolean {
	const own = (splitLines(logicalLines(text).plain())[line - 1] ?? '').trim();
	if (own === '') return true;
	const words = own.split(/[^\w]+/).filter((word) => word !== '');
	return /^[\w\s*,[\]]+;$/.test(own) && words.length > 1 && !CONTROL.includes(words[0] ?? '');
}
