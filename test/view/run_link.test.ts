/** Links to runs: what is written is read again, and nothing outside of an open folder is named. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { linkedRun, runLink } from '../../client/run_link.js';
import { outcomeOf } from '../../client/test_outcome.js';
import type { DocumentVerdicts } from '../../client/verdict_lines.js';

function parsed(link: string) {
	const { pathname, search } = new URL(link);
	return linkedRun({ path: pathname, query: search.slice(1) });
}

const OF = { scheme: 'vscode', id: 'racewalk.racewalk' };

test('a link is read as it was written', () => {
	const part = fc.stringMatching(/^[\w &=+%#?-]{1,8}$/);
	const runs = fc.record({
		file: fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
		function: fc.stringMatching(/^[A-Za-z_]\w{0,8}$/),
		trace: fc.stringMatching(/^[\w.:*,-]{1,30}$/),
	});
	fc.assert(
		fc.property(runs, (run) => {
			expect(parsed(runLink(run, OF))).toEqual(run);
		}),
	);
});

test.each([
	['another path', 'vscode://racewalk.racewalk/other?file=a.c&function=f&trace=t'],
	['no trace', 'vscode://racewalk.racewalk/run?file=a.c&function=f'],
	['a file above', 'vscode://racewalk.racewalk/run?file=../a.c&function=f&trace=t'],
	[
		'a file above, encoded',
		'vscode://racewalk.racewalk/run?file=a%2F%2e%2e%2Fb.c&function=f&trace=t',
	],
	[
		'a file from the root',
		'vscode://racewalk.racewalk/run?file=%2Fetc%2Fpasswd&function=f&trace=t',
	],
	['a file of another system', 'vscode://racewalk.racewalk/run?file=c%3A%5Ca.c&function=f&trace=t'],
	['no function', 'vscode://racewalk.racewalk/run?file=a.c&function=f()&trace=t'],
])('%s is none', (_, link) => {
	expect(parsed(link)).toBeNull();
});

const VERDICTS: DocumentVerdicts = {
	functions: [
		{
			...{ name: 'walk', line: 3, verdict: 'violated', why: 'it is gone' },
			against: [
				{ actor: 'zap', verdict: 'violated' },
				{ actor: 'fork', verdict: 'holds' },
				{ actor: 'ksm', verdict: 'unsupported' },
				{ actor: 'migrate', verdict: 'inconclusive' },
			],
		},
	],
	...{ unreached: [], findings: 1, elsewhere: [], unparsed: null, isOpen: false },
	...{ freshness: 'fresh', arch: 'x86_64', memory: 'sc', milliseconds: 1 },
};

test('in the Testing view only what holds passes', () => {
	const of = (actor: string) => outcomeOf(VERDICTS, 'walk', actor)?.outcome;
	expect(['zap', 'fork', 'ksm', 'migrate', 'nobody'].map(of)).toEqual([
		...['failed', 'passed', 'errored', 'errored', undefined],
	]);
	expect(outcomeOf(VERDICTS, 'walk', 'zap')).toEqual({
		...{ outcome: 'failed', message: 'walk() against zap: violated: it is gone', line: 3 },
	});
});

test.each([
	['a text that is newer', { freshness: 'checking' as const }],
	['a check that failed', { freshness: 'failed' as const }],
	['a text that does not parse', { unparsed: 5 }],
])('of %s nothing is known', (_, change) => {
	expect(outcomeOf({ ...VERDICTS, ...change }, 'walk', 'fork')).toBeNull();
});
