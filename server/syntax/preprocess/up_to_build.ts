/**
 * Names that are predefined, and whose values another compiler or another file would have otherwise: what decides by one of them is not
 * understood, as it would be decided for one of them.
 *
 * Model: headers of the tree may ask for them all the same, and are answered as gcc 12 would be.
 */

import type { UnitRequest } from './translation_unit.js';

const ofCompiler =
	/^__(?:GNUC|GNUG|clang|apple_build|VERSION__|STDC_VERSION|STDC_HOSTED|STDC_UTF|CHAR_UNSIGNED|OPTIMIZE|NO_INLINE|GXX_ABI|INTEL|ICC|INTEGRITY|GCC_|has_)/;
const ofFile = /^_*KBUILD_MOD(?:FILE|NAME)$|^KBUILD_BASENAME$/;

export function isUpToBuild(name: string): boolean {
	return ofCompiler.test(name) || ofFile.test(name);
}

/** What gcc always has without a directive. */
export const BUILTIN: ReadonlySet<string> = new Set([
	...['__FILE__', '__LINE__', '__COUNTER__', '__INCLUDE_LEVEL__', '__BASE_FILE__'],
	...['__FILE_NAME__', '__DATE__', '__TIME__', '__TIMESTAMP__'],
]);

/** Who may have defined a name that nobody has: a compiler, or a header that is not there; null: nobody. */
export function mayDefine(
	name: string,
	{ mayBePredefined }: Pick<UnitRequest, 'mayBePredefined'>,
	made: ReadonlyMap<string, RegExp>,
): string | null {
	if (mayBePredefined?.(name) === true) return 'a compiler';
	for (const [path, names] of made) if (names.test(name)) return `${path} (made by a build)`;
	return null;
}
