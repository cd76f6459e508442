/**
 * Fixes against the real engine: for fixtures that lack one guard, an edit is found that exploration accepts.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { ownActors } from '../../server/actors/sources.js';
import { analyse } from '../../server/ide/analysis/analyse.js';
import type { AnalysisRequest } from '../../server/ide/analysis/analysis.js';
import type { FixKind } from '../../server/ide/quick_fix/fix_kinds.js';
import { searchFix } from '../../server/ide/quick_fix/fix_search.js';
import { applyChanges } from '../../server/ide/quick_fix/text_change.js';
import { configuration } from '../../server/tree/configuration.js';
import { realEngine } from '../../server/worker/engine.js';

const folder = fileURLToPath(new URL('../fixtures/violated', import.meta.url));
const context = { observer: { cancelled: () => false }, cache: null };

function requestOf(name: string): AnalysisRequest {
	return {
		path: name,
		text: readFileSync(join(folder, name), 'utf8'),
		tree: null,
		arch: 'x86_64',
		config: configuration({ arch: 'x86_64', dotConfig: null, set: new Map() }),
		actorSources: ownActors(),
		actors: [],
		memory: 'sc',
		functions: [],
		statesMax: 100_000,
	};
}

/** What is left of a rule in a fixture after the fix of a kind. */
function fixOf(name: string, rule: string, kind: FixKind): string {
	const request = requestOf(name);
	const before = analyse(realEngine, request, context);
	const finding = before.findings.find((f) => f.rule === rule);
	if (finding === undefined)
		return `no ${rule} in ${before.findings.map((f) => f.rule).join(', ')}`;
	const known = before.findings.map((f) => ({ rule: f.rule, function: f.function }));
	const outcome = searchFix(realEngine, request, { kind, finding, known }, context);
	if (outcome.kind !== 'verified') return outcome.kind;
	const text = applyChanges(request.text, outcome.changes);
	const after = analyse(realEngine, { ...request, text }, context);
	const left = after.findings.filter((f) => f.rule === rule);
	return left.length === 0 ? 'gone' : `still ${rule}`;
}

describe('an edit that exploration accepts', () => {
	test.each<[string, string, FixKind]>([
		['stale-pin.c', 'stale-pin', 'recheck'],
		['stale-pin-early-recheck.c', 'stale-pin', 'recheck'],
		['stale-pin-huge.c', 'stale-pin', 'recheck'],
		['stale-pin-pmd-unchecked.c', 'stale-pin', 'recheck'],
		['stale-pin-wrong-entry.c', 'stale-pin', 'recheck'],
		['stale-pin-old-generation.c', 'stale-pin', 'recheck'],
		['racing-mapping-null.c', 'racing-mapping', 'null-check'],
		['racing-mapping-plain.c', 'racing-mapping', 'read-once'],
		['racing-mapping-early.c', 'racing-mapping', 'recheck'],
		['reference-leak.c', 'reference-leak', 'give-back'],
		['reference-leak-late.c', 'reference-leak', 'give-back'],
		['reference-leak-huge.c', 'reference-leak', 'give-back'],
	])('%s: %s goes with %s', (name, rule, kind) => {
		expect(fixOf(name, rule, kind)).toBe('gone');
	});

	test('is not invented: no re-check cures a missing policy', () => {
		expect(fixOf('secretmem-pin.c', 'secretmem-pin', 'recheck')).toBe('none');
	});
});
