/**
 * What a workspace can and cannot do to a verdict by what it brings: its adversaries take the place of racewalk's by being
 * defined and in no other way, are named in every verdict that they take part in, and make nothing hold by themselves.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { asPlain, paragraphs } from '../../engine/escape/markdown.js';
import type { ActorSource } from '../../server/actors/sources.js';
import { analyse } from '../../server/ide/analysis/analyse.js';
import type { AnalysedFunction, AnalysisRequest } from '../../server/ide/analysis/analysis.js';
import { explain } from '../../server/ide/explain.js';
import { verdictSentence, verdictTitle } from '../../server/ide/verdict_words.js';
import { realEngine } from '../../server/worker/engine.js';
import { requestOf } from '../analysis.js';
import { repositoryRoot } from '../trees.js';

const VIOLATED = readFileSync(join(repositoryRoot, 'test/fixtures/violated/stale-pin.c'), 'utf8');
const HOLDS = readFileSync(join(repositoryRoot, 'test/fixtures/holds/stale-pin.c'), 'utf8');

const IDLE = 'void actor_zap(void)\n{\n}\n';

function actor(text: string, name = 'theirs'): ActorSource {
	return { path: `.racewalk/actors/${name}.c`, text };
}

/** Only against zap, to be quick. */
function check(text: string, actors: readonly ActorSource[], more: Partial<AnalysisRequest> = {}) {
	const request = { ...requestOf({ text, actors: ['zap'], moreActors: actors }), ...more };
	const observer = { cancelled: () => false };
	const analysis = analyse(realEngine, request, { observer, cache: null });
	const [f] = analysis.functions;
	if (f === undefined) throw new Error('no function');
	return { f, analysis, said: f.assumptions.map((a) => a.what) };
}

function verdictOf({ verdict, byActor }: AnalysedFunction): object {
	return { verdict, zap: byActor.find((a) => a.actor === 'zap')?.verdict };
}

describe('an adversary of the workspace by the name of one of racewalk’s', () => {
	const file = '.racewalk/actors/zap.c';

	test.each([
		['untrusted', { verdict: 'inconclusive', zap: 'inconclusive' }],
		['trusted', { verdict: 'holds', zap: 'holds' }],
		['ignored', { verdict: 'violated', zap: 'violated' }],
	] as const)('%s: what a walk without its re-check is', (replacements, expected) => {
		const { f, said } = check(VIOLATED, [actor(IDLE, 'zap')], { replacements });
		expect(verdictOf(f)).toEqual(expected);
		expect(said[0]).toBe(
			replacements === 'ignored'
				? `${file} would replace the built-in adversary zap and is ignored: the workspace is not trusted`
				: `${file} of the workspace acts in the place of the built-in adversary zap`,
		);
		expect(f.assumptions[0]?.workspace).toBe(true);
	});

	test('that nobody said anything about is not trusted, and the reason says what to do', () => {
		const { f } = check(VIOLATED, [actor(IDLE, 'zap')]);
		expect(f.verdict).toBe('inconclusive');
		expect(f.why).toMatch(/replaces the built-in adversary zap: --trust-workspace-actors/);
	});

	test.each([
		['behind a mark of byte order', '\ufeffvoid actor_zap(void)\n{\n}\n'],
		['with an attribute', '__attribute__((weak)) void actor_zap(void)\n{\n}\n'],
		['static', 'static void actor_zap(void)\n{\n}\n'],
		['with a comment in its head', 'void/**/actor_zap(void)\n{\n}\n'],
		['that says to be ours', '#line 1 "racewalk:actors/zap.c"\nvoid actor_zap(void)\n{\n}\n'],
		['whose name is a macro', '#define actor_zap actor_mine\nvoid actor_zap(void)\n{\n}\n'],
	])('%s is told', (_, text) => {
		const { f, said } = check(VIOLATED, [actor(text)]);
		expect(f.verdict).toBe('inconclusive');
		expect(said[0]).toMatch(/^\.racewalk\/actors\/theirs\.c of the workspace acts in the place of/);
	});

	test('in a file of another name is the same', () => {
		const { f, said } = check(VIOLATED, [actor(IDLE, 'innocent')]);
		expect(f.verdict).toBe('inconclusive');
		expect(said[0]).toMatch(
			/^\.racewalk\/actors\/innocent\.c of the workspace acts in the place of/,
		);
	});

	test('that is not understood makes nothing hold', () => {
		const broken = actor('void actor_zap(void)\n{\n\t__rw_nothing_of_that_name();\n}\n');
		const { f } = check(HOLDS, [broken], { replacements: 'trusted' });
		expect(verdictOf(f)).toEqual({ verdict: 'unsupported', zap: 'unsupported' });
		expect(f.why).toMatch(/^the adversary zap is not understood: /);
	});

	test('is named by the title, the sentence and the hover', () => {
		const { f, analysis } = check(VIOLATED, [actor(IDLE)], { replacements: 'trusted' });
		expect(verdictTitle(f, analysis)).toContain('(of the workspace: zap)');
		expect(verdictSentence(f, analysis)).toContain('(of the workspace: zap)');
		const at = { line: f.place.line, column: null };
		const told = explain(analysis, at, { link: () => null, spanText: () => '' });
		expect(asPlain(told === null ? '' : paragraphs([told.head, ...told.parts]))).toMatch(
			/Assumes: \.racewalk\/actors\/theirs\.c of the workspace/,
		);
		expect(asPlain(told?.details ?? '')).toMatch(
			/Assumes:\n\n- \.racewalk\/actors\/theirs\.c of the workspace/,
		);
	});
});

describe('a file of the workspace that defines something else', () => {
	const plain = verdictOf(check(VIOLATED, []).f);

	test.each([
		['nothing, by the name of a built-in', '/* nothing */\n', 'zap'],
		['the helper that takes the page away', 'static void unmap_victim(void)\n{\n}\n', 'common'],
		['it as a macro', '#define unmap_victim() do { } while (0)\n', 'aaa'],
		[
			'a primitive',
			'#define ptep_get_and_clear(mm, a, p) (*(p))\n#define pte_clear(m, a, p)\n',
			'aaa',
		],
		['a primitive as a function', 'void folio_put(struct folio *f)\n{\n}\n', 'aaa'],
		['a type', 'struct page { int nothing; };\ntypedef int pte_t;\n', 'aaa'],
		[
			'what is said of it alone',
			'/*\n * zap: idle\n *\n * Needs: CONFIG_NOBODY\n * Left to callers: pins\n */\n#if 0\nvoid actor_zap(void)\n{\n}\n#endif\n',
			'aaa',
		],
		['a mention', 'void other(void)\n{\n\tactor_zap();\n}\n', 'aaa'],
		['another case of letters', 'void actor_Zap(void)\n{\n}\n', 'zap'],
		['a letter that looks like it', 'void actor_z\u0430p(void)\n{\n}\n', 'zap'],
		['a wide letter', 'void actor_\uff5aap(void)\n{\n}\n', 'zap'],
		['a joiner that nobody sees', 'void actor_zap\u200d(void)\n{\n}\n', 'zap'],
		['an escaped letter', 'void actor_z\\u0061p(void)\n{\n}\n', 'zap'],
		['its name put together', '#define N(x) actor_##x\nvoid N(zap)(void)\n{\n}\n', 'aaa'],
		['its name on two lines', 'void actor_\\\nzap(void)\n{\n}\n', 'aaa'],
		['its name by a macro', '#define actor_mine actor_zap\nvoid actor_mine(void)\n{\n}\n', 'aaa'],
		['its name alone', 'void actor_zap(void);\nenum { actor_zap };\nint actor_zap;\n', 'aaa'],
	])('%s: changes nothing', (_, text, name) => {
		const { f, said } = check(VIOLATED, [actor(text, name)]);
		expect(verdictOf(f)).toEqual(plain);
		expect(said.filter((what) => what.includes('.racewalk'))).toEqual([]);
	});

	test('an adversary of a new name is named where it takes part, and nowhere else', () => {
		const mine = actor('void actor_mine(void)\n{\n\tpte_clear(victim_mm, 0, victim_ptep);\n}\n');
		const { said, f } = check(HOLDS, [mine], { actors: ['zap', 'mine'] });
		expect(f.verdict).toBe('holds');
		expect(said[0]).toBe("the adversary mine is the workspace's own (.racewalk/actors/theirs.c)");
		expect(check(HOLDS, [mine]).said.join()).not.toContain('mine');
	});
});

describe('everything else that decides', () => {
	test.each<[string, Partial<AnalysisRequest>, string]>([
		['fewer adversaries', {}, 'only the adversary zap took part, as was asked for'],
		[
			'what the caller says',
			{ conditions: [{ what: 'set on the command line: CONFIG_KSM=n', line: null }] },
			'set on the command line: CONFIG_KSM=n',
		],
	])('%s', (_, more, what) => {
		expect(check(HOLDS, [], more).said).toContain(what);
	});

	test('adversaries that there are not are not said to take part', () => {
		const { said, f } = check(HOLDS, [], { actors: ['gremlin', 'zap+gremlin'] });
		expect(said.join()).not.toContain('gremlin');
		expect(f.byActor.length).toBeGreaterThan(10);
	});

	test('comments that allow findings: counted, with their line, and the verdict stays', () => {
		const [line] = check(VIOLATED, []).analysis.findings.map((f) => f.place.line);
		const lines = VIOLATED.split('\n');
		lines.splice((line ?? 1) - 1, 0, '\t/* racewalk: allow(stale-pin): it is fine */');
		const { f, analysis } = check(lines.join('\n'), []);
		expect(analysis.suppressed).toMatchObject([{ reason: 'it is fine', line }]);
		expect(f.verdict).toBe('violated');
		expect(f.assumptions).toContainEqual({
			what: '1 finding (stale-pin) allowed by a comment',
			line,
			workspace: true,
		});
	});
});
