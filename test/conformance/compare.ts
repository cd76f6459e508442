/** Random programs against gcc: how many agree, are refused, are wrong. */
import { compiledResults } from './compiler.js';

import { loweredResults } from './machine.js';
import { type RandomProgram, randomProgram } from './program.js';

export interface Tally {
	agree: number;
	readonly refused: Map<string, number>;
	readonly wrong: { readonly program: RandomProgram; readonly what: string }[];
}

/** Compares the programs of the seeds `from` to `from + count - 1`. */
export function compare({
	from,
	count,
	bits,
}: {
	readonly from: number;
	readonly count: number;
	readonly bits: 32 | 64;
}): Tally {
	const programs = Array.from({ length: count }, (_, i) => randomProgram(from + i));
	const plain = compiledResults(programs, { bits, optimise: '-O0' });
	const optimised = compiledResults(programs, { bits, optimise: '-O2' });
	const lowered = loweredResults(programs, bits);
	const tally: Tally = { agree: 0, refused: new Map(), wrong: [] };
	for (const [i, program] of programs.entries()) {
		const [expected, other, got] = [plain[i] ?? [], optimised[i] ?? [], lowered[i] ?? []];
		if (expected.join() !== other.join()) throw new Error(`not defined:\n${program.text}`);
		const wrong = got.findIndex((o, n) => o.kind === 'value' && o.value !== expected[n]);
		const refusal = got.find((o) => o.kind === 'refused');
		if (wrong >= 0)
			tally.wrong.push({
				program,
				what: `${program.name}(${program.calls[wrong]?.join(', ')}) is ${expected[wrong]}, lowered ${JSON.stringify(got[wrong])}`,
			});
		else if (refusal?.kind === 'refused')
			tally.refused.set(refusal.why, (tally.refused.get(refusal.why) ?? 0) + 1);
		else tally.agree++;
	}
	return tally;
}
