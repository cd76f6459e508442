/** Calls that are code only for the compiler, and its questions about the configuration. */

export const compileTimeAssertions: ReadonlySet<string> = new Set([
	'BUILD_BUG',
	'BUILD_BUG_ON',
	'BUILD_BUG_ON_MSG',
	'BUILD_BUG_ON_ZERO',
	'BUILD_BUG_ON_INVALID',
	'BUILD_BUG_ON_NOT_POWER_OF_2',
	'static_assert',
	'_Static_assert',
	'compiletime_assert',
	'compiletime_assert_atomic_type',
	'MAYBE_BUILD_BUG_ON',
]);
