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
		if (kind !== 'define') return `#${kind}`;
		if (!BUILT.test(name)) return `#define ${name}`;
	}
	return plain.slice(from).trim() === '' ? null : 'text that is no directive';
}

/** Kconfig's, kernel/bounds.c's, kernel/time/timeconst.bc's, the top Makefile's with those of distributions. */
const BUILT =
	/^(?:CONFIG_\w+|AUTOCONF_INCLUDED|(?:MAX_)?NR_\w+|SPINLOCK_SIZE|_*LRU_\w+|(?:HZ|[MUN]SEC)_TO_\w+|(?:LINUX|KERNEL|RHEL|SLE|UTS)_\w+)$/;

function nameOf(rest: string): string {
	return /^[A-Za-z_$][\w$]*/.exec(rest)?.[0] ?? '';
}
