/** Tags of ->mapping that no world has and the code asks for: the folio of a KSM page, a driver's movable page. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { analysisOf } from '../analysis.js';
import { withoutCarets } from '../carets.js';
import { repositoryRoot } from '../trees.js';

const FIXTURE = withoutCarets(
	readFileSync(join(repositoryRoot, 'test/fixtures/holds/racing-mapping-tagged.c'), 'utf8'),
);
const ASKED = '\tif ((unsigned long)mapping & PAGE_MAPPING_FLAGS)\n\t\treturn 1;\n';

function verdict(put: string) {
	expect(FIXTURE.split(ASKED)).toHaveLength(2);
	const { functions } = analysisOf({ text: FIXTURE.replace(ASKED, put) });
	return functions.find((f) => f.name === 'allowed');
}

describe('tags of ->mapping', () => {
	it('each case of a switch is explored', () => {
		const given = verdict(
			`	switch ((unsigned long)mapping & PAGE_MAPPING_FLAGS) {
	case PAGE_MAPPING_ANON:
	case PAGE_MAPPING_KSM:
		return 1;
	case PAGE_MAPPING_MOVABLE:
		return 0;
	}
`,
		);
		expect(given?.verdict).toBe('holds');
	});

	it('a case that follows the pointer all the same is found', () => {
		const given = verdict(
			`	switch ((unsigned long)mapping & PAGE_MAPPING_FLAGS) {
	case PAGE_MAPPING_ANON:
		return 1;
	case PAGE_MAPPING_KSM:
		break;
	}
`,
		);
		expect(given?.verdict).toBe('violated');
	});
});
