/**
 * Lowers the arguments of calls whose result nothing here rests on (text for people, counters, hints to the processor): what an
 * argument does is done, what it only reads is left out. Which expressions do something is decided in `has_effect.ts`.
 *
 * Model: an argument that only computes (no call, no assignment, no `++`) changes nothing that a run shows, and is not lowered.
 */
import type { Expression } from '../syntax/ast.js';
import { constant, type FunctionState, type Piece, type Rvalue, siteOf } from './context.js';
import { lowerEffect } from './expression.js';
import { hasEffect } from './has_effect.js';
import { int32 } from './types.js';

type Call = Expression & { kind: 'call' };

/** `always`: every time; `once`: the first time only, which may be now or long ago. */
export function lowerEffects(
	state: FunctionState,
	piece: Piece,
	call: Call,
	when: 'always' | 'once',
): Rvalue {
	const effective = call.arguments.filter(hasEffect);
	const { builder } = state;
	if (effective.length === 0) return constant(0, int32);
	const site = siteOf(state, piece, call);
	const end = builder.label();
	if (when === 'once') {
		const begin = builder.label();
		const isFirst = builder.register(null);
		builder.emit({ kind: 'choose', dst: isFirst, alternatives: 2 }, site);
		builder.branch({ kind: 'register', register: isFirst }, begin, end, site);
		builder.place(begin);
	}
	for (const argument of effective) lowerEffect(state, piece, argument);
	builder.place(end);
	return constant(0, int32);
}
