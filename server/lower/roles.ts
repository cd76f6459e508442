/** Which functions of a file are lockless walks. */
import type { Definition, Names, Unit } from './names.js';

type FunctionDefinition = Definition & { kind: 'function' };

export function findWalks(
	file: Unit,
	names: Names,
	also: readonly string[],
): readonly { readonly root: FunctionDefinition }[] {
	const roots: { root: FunctionDefinition }[] = [];
	for (const name of ['gup_fast', 'lockless_pages_from_mm', ...also]) {
		const found = names.value(name, file, 'without-macros');
		if (found?.kind === 'function' && found.unit.checked) roots.push({ root: found });
	}
	return roots;
}

export function dialectOf(file: Unit): string {
	for (const name of ['gup_fast', 'lockless_pages_from_mm', 'internal_get_user_pages_fast', 'get_user_pages_fast']) {
		if (file.source.functions.has(name)) return name;
	}
	return 'unknown';
}
