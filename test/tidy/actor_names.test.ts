/**
 * The adversaries are what their C says of itself: code that must know which of them do something reads it in their headers
 * (server/lower/actor_header.ts) and names none. Worlds name those that act in them.
 */
import { describe, expect, it } from 'vitest';
import { allFiles, read, withoutComments } from './sources.js';

/** Words that are also something else's, and whose. */
const OTHERS: Readonly<Record<string, string>> = {
	fault: 'a kind of event: engine/memory/thread/event.ts',
	split: 'what a claim can say of a folio: engine/questions/claims/claim.ts',
	ksm: "the tag of a reader's mapping: engine/mm/model/reader_spec.ts",
};

const files = allFiles();
const actors = files
	.filter((path) => /^engine\/mm\/actors\/\w+\.c$/.test(path))
	.flatMap((path) =>
		[...read(path).matchAll(/\bvoid actor_(\w+)\(/g)].map(([, name = '']) => name),
	);
const product = files.filter(
	(path) => /^(?:engine|server)\/.*\.ts$/.test(path) && !path.startsWith('engine/mm/worlds/'),
);

describe('no adversary', () => {
	it('is missed below: they are found', () => {
		expect(actors.length).toBeGreaterThan(20);
		expect(actors).toContain('zap');
	});

	it('is named in the code of the engine or the server', () => {
		const names = actors.filter((name) => OTHERS[name] === undefined).join('|');
		const named = new RegExp(
			`(['"\`])(?:actor_)?(?:${names})\\1|\\bactor_(?:${actors.join('|')})\\b`,
		);
		const found = product.flatMap((path) =>
			withoutComments(read(path))
				.split('\n')
				.flatMap((line, i) => (named.test(line) ? [`${path}:${i + 1}: ${line.trim()}`] : [])),
		);
		expect(found).toEqual([]);
	});
});
