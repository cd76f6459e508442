/** Random programs of C: what the lowering makes of them is what gcc makes of them, or it is refused. */
import { describe, expect, it } from 'vitest';
import { compare } from './compare.js';
import { compilesFor } from './compiler.js';

const from = Number(process.env['CONFORMANCE_FROM'] ?? 1);
const count = Number(process.env['CONFORMANCE_COUNT'] ?? 2000);
const batch = 200;
/** Share of the programs that must be decided. */
const decidedLeast = 0.8;

/** Programs of 32 bits are made where gcc has what they need (gcc-multilib). */
const widths = ([64, 32] as const).filter((bits) => bits === 64 || compilesFor(bits));

describe.each(widths)('random programs, -m%i', (bits) => {
	it('are what gcc says', () => {
		const wrong: string[] = [];
		const refused = new Map<string, number>();
		let agree = 0;
		for (let at = from; at < from + count; at += batch) {
			const tally = compare({ from: at, count: Math.min(batch, from + count - at), bits });
			agree += tally.agree;
			for (const [why, n] of tally.refused) refused.set(why, (refused.get(why) ?? 0) + n);
			wrong.push(...tally.wrong.map((w) => `${w.what}\n${w.program.text}`));
		}
		const reasons = [...refused].sort((a, b) => b[1] - a[1]).slice(0, 30);
		console.log(
			`-m${bits}: ${agree} agree, ${count - agree - wrong.length} refused, ${wrong.length} wrong\n${reasons.map(([why, n]) => `${n} ${why}`).join('\n')}`,
		);
		expect(wrong.slice(0, 2)).toEqual([]);
		expect(agree / count).toBeGreaterThanOrEqual(decidedLeast);
	}, 3_600_000);
});
