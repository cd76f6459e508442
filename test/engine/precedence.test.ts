/**
 * Which of several broken rules is the finding: what another one explains is not listed, and what is true by itself at
 * another place is.
 */
import { describe, expect, it } from 'vitest';
import type { FunctionIndex, SiteIndex } from '../../engine/program/op.js';
import { type BrokenRule, explained } from '../../engine/rules/precedence.js';

/** `rule@function:site adversary,adversary < explaining rule`. */
function broken(text: string): BrokenRule & { readonly text: string } {
	const match = /^([\w-]+)@(\d+):(\d+) ?([\w+,]*)(?: < ([\w-]+))?$/.exec(text);
	if (match === null) throw new Error(`not understood: ${text}`);
	const [, rule = '', fn, site, actors = '', by] = match;
	return {
		rule,
		function: Number(fn) as FunctionIndex,
		site: Number(site) as SiteIndex,
		actors: new Set(actors.split(',').filter((name) => name !== '')),
		...(by === undefined ? {} : { explainedBy: by }),
		text,
	};
}

describe('findings that remain', () => {
	it.each<readonly [string, readonly string[], readonly string[]]>([
		[
			'what is wrong with a stale page where it is handed out is the stale pin',
			['stale-pin@1:10 zap,fork', 'permission@1:10 zap'],
			['stale-pin@1:10 zap,fork'],
		],
		[
			'a count that runs over elsewhere in the function is no stale pin',
			['stale-pin@1:10 zap', 'reference-overflow@1:5 zap'],
			['stale-pin@1:10 zap', 'reference-overflow@1:5 zap'],
		],
		[
			'nor is what another adversary does',
			['stale-pin@1:10 zap', 'permission@1:10 mprotect'],
			['stale-pin@1:10 zap', 'permission@1:10 mprotect'],
		],
		[
			'nor what happens with nobody about',
			['stale-pin@1:10 zap', 'misplaced-page@1:10'],
			['stale-pin@1:10 zap', 'misplaced-page@1:10'],
		],
		[
			'nor what stands in another function',
			['stale-pin@1:10 zap', 'permission@2:10 zap'],
			['stale-pin@1:10 zap', 'permission@2:10 zap'],
		],
		[
			'a pair counts as each of the two',
			['stale-pin@1:10 zap', 'permission@1:10 zap+reuse'],
			['stale-pin@1:10 zap'],
		],
		[
			'a rule that names its cause goes with it',
			['stale-pin@1:10 zap', 'racing-mapping@1:7 zap < stale-pin'],
			['stale-pin@1:10 zap'],
		],
		[
			'and stays without it',
			['stale-pin@1:10 zap', 'racing-mapping@1:7 zap < secretmem-pin'],
			['stale-pin@1:10 zap', 'racing-mapping@1:7 zap < secretmem-pin'],
		],
	])('%s', (_, found, expected) => {
		const all = found.map(broken);
		const gone = explained(all);
		expect(all.filter((one) => !gone.has(one)).map(({ text }) => text)).toEqual(expected);
	});
});
