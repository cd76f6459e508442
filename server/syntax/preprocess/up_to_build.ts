/**
 * Names that are predefined, and whose values another compiler or another file would have otherwise: what decides by one of them is not
 * understood, as it would be decided for one of them.
 *
 * Model: headers of the tree may ask for them all the same, and are answered as gcc 12 would be.
 */

import type { UnitRequest } from './translation_unit.js';

const ofCompiler =
	/^__(?:GNUC|GNUG|clang|apple_build|VERSION__|OPTIMIZE_|NO_INLINE|GXX_ABI|INTEL|ICC|INTEGRITY|GCC_|has_)/;
/** Every compiler of the kernel has them, each with a value of its own. */
const ofAll = /^__(?:GNUC(?:_MINOR|_PATCHLEVEL)?|VERSION|GXX_ABI_VERSION)(?:__)?$/;
const ofFile = /^_*KBUILD_MOD(?:FILE|NAME)$|^KBUILD_BASENAME$/;

/** Whether the value of a name is. */
export function isUpToBuild(name: string): boolean {
	return ofCompiler.test(name) || ofFile.test(name);
}

/** Whether it is up to them that the name is defined. */
export function isDefinedByBuild(name: string): boolean {
	return ofCompiler.test(name) && !ofAll.test(name);
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
