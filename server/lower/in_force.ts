/**
 * Whether what a name reads as is what it is: declarations of the checked file that stand in the way of the tree's, and definitions in
 * whose place another may stand.
 */
import { declaredIn } from '../syntax/declared_names.js';
import type { OutlineItem } from '../syntax/outline.js';
import { isAbi } from '../syntax/preprocess/header_text.js';
import { codeOnly } from '../syntax/preprocess/logical_lines.js';
import { declarationsOf, type Source } from '../syntax/source.js';
import { entryMembers, entryNames } from './entry_names.js';

interface Own {
	readonly source: Source;
}

/** Why nothing of the file is what it reads as; null: it is. `own`: racewalk's, which types of the kernel are read from. */
export function insteadIn(source: Source, own: readonly Own[]): string | null {
	const { types, hasAssembly, unread } = declaredIn(source);
	if (unread !== null) return unread;
	if (hasAssembly) return 'the file has assembly outside of its functions';
	for (const name of types)
		if (isOther(source, name, own)) return `the file has a type ${name} of its own`;
	return null;
}

/** Whether a type of the kernel's is declared, and as another. */
function isOther(source: Source, name: string, own: readonly Own[]): boolean {
	if (entryNames.has(name)) return !isEntry(source, name);
	if (own.some((u) => u.source.aggregates.has(name))) return true;
	const kernels = own.find((u) => u.source.typedefs.has(name));
	return kernels !== undefined && spelled(kernels.source, name) !== spelled(source, name);
}

/** The specifier and the shape of a typedef, without places. */
function spelled(source: Source, name: string): string | null {
	const item = source.typedefs.get(name);
	if (item === undefined) return null;
	for (const { specifier, declarators } of declarationsOf(source.piece(item).text)) {
		const declarator = declarators.find((d) => d.name === name);
		if (declarator !== undefined && specifier.kind === 'named')
			return `${specifier.name} ${declarator.shape.map(({ kind }) => kind).join(' ')}`;
	}
	return null;
}

/** `typedef struct { unsigned long pte; } pte_t`. */
function isEntry(source: Source, name: string): boolean {
	const item = source.typedefs.get(name);
	if (item === undefined) return false;
	return declarationsOf(source.piece(item).text).every(({ specifier, declarators }) => {
		const [only, ...more] = specifier.kind === 'aggregate' ? (specifier.members ?? []) : [];
		const [member] = only?.declarators ?? [];
		return (
			declarators.every((d) => d.shape.length === 0) &&
			more.length === 0 &&
			only?.specifier.kind === 'named' &&
			only.specifier.name === 'unsigned long' &&
			member?.shape.length === 0 &&
			entryMembers.has(member.name)
		);
	});
}

/** Whether headers are not there that could define anything. */
export function lacksHeaders({ preprocessed }: Source): boolean {
	return (preprocessed.unit?.missing.length ?? 0) > 0;
}

/** Why a name of the table may be another's: no header that was read has it, and one that is not there may. */
export function onlyElsewhere(name: string, { preprocessed }: Source): string | null {
	const { unit } = preprocessed;
	const missing = unit?.missing.find(({ message }) => !isAbi(message));
	if (unit === null || missing === undefined || unit.isMentioned(name)) return null;
	return `no header that was read has ${name}, and ${missing.message} is not found`;
}

/** A static function of the file, which implements nothing for others. */
export function isOwn(source: Source, name: string): boolean {
	const [item] = source.functions.get(name) ?? [];
	if (item === undefined) return false;
	const { text } = source.piece(item);
	return /\bstatic\b/.test(text.slice(0, text.indexOf('{')));
}

/** A function of a tree's file with the words before it that were blanked. */
export function writtenOf({ original }: Source, { start, end }: OutlineItem): string {
	const line = original.lastIndexOf('\n', start - 1);
	const above = original.lastIndexOf('\n', line - 1);
	const isHead = /^[\w\s(),"]*$/.test(original.slice(above + 1, line + 1));
	return codeOnly(original.slice((isHead ? above : line) + 1, end));
}

/** Whether a definition is one that only the compiler may put in the place of another. */
export function isExternInline(text: string): boolean {
	const head = text.slice(0, text.indexOf('{'));
	return /\bextern\b/.test(head) && /\b(?:__)?inline(?:__)?\b/.test(head);
}
