/**
 * Headers that a build left in the tree and that racewalk makes itself, as the configuration has them (`generated_headers.ts`): the
 * compiler reads the tree's. One that does more than give values to the names that a build defines is not followed, and said so.
 */
import { logicalLines } from '../syntax/preprocess/logical_lines.js';

export const BUILT_HEADERS: readonly string[] = [
	...['autoconf.h', 'bounds.h', 'timeconst.h', 'uapi/linux/version.h'].map(
		(name) => `include/generated/${name}`,
	),
];

/** What a header of the tree does beside that; null: nothing. */
export function beside(text: string): string | null {
	const lines = logicalLines(text);
	const { directives, guard } = lines;
	const plain = lines.plain();
	let from = 0;
	for (const [index, { kind, rest, start, end }] of directives.entries()) {
		if (plain.slice(from, start).trim() !== '') return 'text that is no directive';
		from = end;
		const name = nameOf(rest);
		const isGuard = guard !== null && (index === 0 || name === guard || kind === 'endif');
		if (isGuard || kind === '') continue;
		if (kind === 'include' && INCLUDED.test(rest.trim())) continue;
		// #if HZ != 250, #error, #endif: the end of each conditional is passed over above
		const [opens, refuses] = kind === 'if' ? [index, index + 1] : [index - 1, index];
		if (isRate(directives[opens]) && directives[refuses]?.kind === 'error') continue;
		if (kind !== 'define') return `#${kind}`;
		if (!BUILT.test(name)) return `#define ${name}`;
	}
	return plain.slice(from).trim() === '' ? null : 'text that is no directive';
}

/** Kconfig's, kernel/bounds.c's, kernel/time/timeconst.bc's, the top Makefile's with those of distributions. */
const BUILT =
	/^(?:CONFIG_\w+|AUTOCONF_INCLUDED|(?:MAX_)?NR_\w+|SPINLOCK_SIZE|_*LRU_\w+|(?:HZ|[MUN]SEC)_TO_\w+|(?:LINUX|KERNEL|RHEL|SLE|UTS)_\w+)$/;

/** What timeconst.h includes. */
const INCLUDED = /^<linux\/(?:param|types)\.h>$/;

/** timeconst.h asks whether it was made for this configuration. */
function isRate(directive: { readonly kind: string; readonly rest: string } | undefined): boolean {
	return directive?.kind === 'if' && /^HZ\s{0,20}!=\s{0,20}\d{1,6}$/.test(directive.rest.trim());
}

function nameOf(rest: string): string {
	return /^[A-Za-z_$][\w$]*/.exec(rest)?.[0] ?? '';
}
