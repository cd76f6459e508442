/**
 * What a text asks of the configuration and nobody decided is an assumption of each verdict: a re-check under an option that is off
 * here may be missing elsewhere, and the other way round.
 */
import { describe, expect, test } from 'vitest';
import { configuration, saidIn } from '../../server/tree/configuration.js';
import { unsetOptions } from '../../server/tree/unset_options.js';
import { analysisOf } from '../analysis.js';
import { CHECKED, edited, RIGHT } from './review_tree.js';

const [, checked] = CHECKED;

/** The walk with its second look at the entry under an option. */
function under(directive: string): string {
	const looks = `#${directive}\n\tif (pmd_val(pmd) != pmd_val(*pmdp) || pte_val(pte) != pte_val(*ptep)) {\n`;
	const looksNot = `#else\n\tif (pmd_val(pmd) != pmd_val(*pmdp)) {\n#endif\n`;
	return edited(RIGHT, [[`\t${checked}\n`, looks + looksNot]]);
}

function asked(text: string, given: { readonly set?: string; readonly isConfig?: boolean } = {}) {
	const set = new Map(given.set === undefined ? [] : [[given.set, 'n'] as const]);
	const dotConfig = given.isConfig === true ? new Map([['CONFIG_MMU', 'y']]) : null;
	const arch = 'x86_64';
	const config = configuration({ arch, dotConfig, set });
	const request = { text, tree: null, arch, config, said: saidIn({ dotConfig, set }) } as const;
	return unsetOptions(request).map(({ what, line }) => [what.split(',')[0], line]);
}

describe('an option that nobody decided', () => {
	test('is an assumption of the verdict that rests on it', () => {
		const text = under('ifndef CONFIG_TRUST_ENTRIES');
		const line = text.slice(0, text.indexOf('CONFIG_')).split('\n').length;
		const { functions } = analysisOf({ text });
		const [walk] = functions;
		expect(walk?.verdict).toBe('holds');
		expect(walk?.assumptions).toContainEqual({
			what: 'CONFIG_TRUST_ENTRIES, which the file asks for, is taken not to be set: no .config says what it is',
			line,
		});
	});

	test('is one where the finding rests on it, too', () => {
		const [walk] = analysisOf({ text: under('ifdef CONFIG_TRUST_ENTRIES') }).functions;
		expect(walk?.verdict).toBe('violated');
		expect(walk?.assumptions.map(({ what }) => what).join()).toContain('CONFIG_TRUST_ENTRIES');
	});

	test('is told once, where it is asked for first, whoever asks', () => {
		const text =
			'int x;\n#if IS_ENABLED(CONFIG_A)\n#elif defined(CONFIG_B)\n#endif\n#ifdef CONFIG_A\n#endif\n';
		expect(asked(text)).toEqual([
			['CONFIG_A', 2],
			['CONFIG_B', 3],
		]);
	});

	test('is told where other architectures are taken to have it', () => {
		const given = { text: '#ifdef CONFIG_COMPAT\n#endif\n', tree: null, said: [] };
		const onArch = (arch: 's390x' | 'x86_64') =>
			unsetOptions({
				...given,
				arch,
				config: configuration({ arch, dotConfig: null, set: new Map() }),
			});
		expect(onArch('s390x').map(({ line }) => line)).toEqual([1]);
		expect(onArch('x86_64')).toEqual([]);
	});

	test.each([
		['in a comment', '/* CONFIG_A */ // CONFIG_B\n', {}],
		['that the user unset', '#ifdef CONFIG_A\n#endif\n', { set: 'CONFIG_A' }],
		['that a .config leaves out', '#ifdef CONFIG_A\n#endif\n', { isConfig: true }],
		['that is set', '#ifdef CONFIG_MMU\n#endif\n', {}],
		['of another architecture', '#ifdef CONFIG_S390\n#endif\n', {}],
	])('is not one %s', (_, text, given) => {
		expect(asked(text, given)).toEqual([]);
	});
});
