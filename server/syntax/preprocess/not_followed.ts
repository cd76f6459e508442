/**
 * Directives after which the text means something else than it reads as here, and which are not followed: keywords that become macros,
 * lines that are renumbered, configuration symbols that somebody sets beside the configuration.
 *
 * Invariant: what a directive of this list stands before never holds.
 */
import type { Directive } from './logical_lines.js';
import type { UnitRequest } from './translation_unit.js';

/** Where the configuration stands as macros. */
const CONFIGURATION = 'include/generated/autoconf.h';

/** Words of C11 and GNU's, and questions that the lowering answers itself. `inline` is not among them: what a kernel makes of it are attributes. */
const KEYWORDS: ReadonlySet<string> = new Set([
	...['if', 'else', 'while', 'do', 'for', 'switch', 'case', 'default', 'return', 'goto', 'break'],
	...['continue', 'int', 'char', 'short', 'long', 'float', 'double', 'void', 'signed', 'unsigned'],
	...['struct', 'union', 'enum', 'typedef', 'extern', 'static', 'auto', 'register', 'const'],
	...[
		'volatile',
		'restrict',
		'sizeof',
		'asm',
		'typeof',
		'_Alignof',
		'_Atomic',
		'_Bool',
		'_Complex',
	],
	...[
		'_Generic',
		'_Static_assert',
		'_Thread_local',
		'__attribute',
		'__attribute__',
		'__extension__',
	],
	...['__asm', '__asm__', '__volatile', '__volatile__', '__typeof', '__typeof__', '__auto_type'],
	...['__const', '__const__', '__signed', '__signed__', '__alignof', '__alignof__', '__label__'],
	...['__restrict', '__restrict__', '__thread', '__real__', '__imag__', '__int128', 'defined'],
	...['__builtin_expect', '__builtin_constant_p', '__builtin_choose_expr', '__builtin_offsetof'],
	...['__builtin_unreachable', '__builtin_types_compatible_p', '__builtin_trap'],
	...['__func__', '__FUNCTION__', '__PRETTY_FUNCTION__', '__VA_ARGS__', '_Pragma', '__has_include'],
]);

/** A macro of that name is not followed, wherever it is defined. */
export function isKeyword(word: string): boolean {
	return KEYWORDS.has(word);
}

/** What a keyword may stand for: C23's `auto`, in include/linux/compiler_types.h since 6.1. */
const SPELLINGS: Readonly<Record<string, string>> = { auto: '__auto_type' };

/** Why what stands behind the directive is not what it reads as; null: it is, as far as the directive goes. */
export function notFollowed(
	{ kind, rest }: Directive,
	path: string,
	{ decides }: Pick<UnitRequest, 'decides'>,
): string | null {
	switch (kind) {
		case 'line':
			return '#line is not followed';
		case '?':
			return /^[0-9]/.test(rest)
				? `the line marker # ${rest.slice(0, 40)} is not followed`
				: `# ${rest.slice(0, 20)} is no directive`;
		case 'define':
		case 'undef': {
			const [name = ''] = /^[A-Za-z_$][\w$]*/.exec(rest) ?? [];
			if (name.startsWith('CONFIG_') && path !== CONFIGURATION && decides?.(name) === true)
				return `#${kind} ${name} beside the configuration is not followed`;
			if (kind === 'undef' || !KEYWORDS.has(name)) return null;
			const body = rest.slice(name.length).trim();
			if (body === SPELLINGS[name] || plain(body) === plain(name)) return null;
			return `#define ${name}, a word of C, is not followed`;
		}
		default:
			return null;
	}
}

/** `__volatile__` and `volatile` are one word. */
function plain(name: string): string {
	return /^_*([a-z]+?)_*$/.exec(name)?.[1] ?? name;
}
