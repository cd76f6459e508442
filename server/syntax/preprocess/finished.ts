/** What the run of a file's directives says of the file as a whole. */
import { activeText, countBelow } from './active_text.js';
import type { LogicalLines } from './logical_lines.js';
import type { Base } from './progress.js';
import { Remarks } from './remarks.js';
import { hasName } from './token.js';
import type { TranslationUnit, UnitRequest } from './translation_unit.js';
import { doubtsOfText, includesOf, reaching } from './unread_text.js';

export function finished(
	{ history, state, texts }: Base,
	{ path, text, fallback }: UnitRequest,
	lines: LogicalLines,
): TranslationUnit {
	const { after, stack, ownTimes, headers } = state;
	const { directives } = lines;
	const remarks = new Remarks(path, state.remarked);
	for (const { offset } of stack)
		remarks.note('unbalanced', '#if without #endif', { path, offset });
	if (lines.unfinished !== null)
		remarks.note('error', lines.unfinished, { path, offset: text.length });
	const times = after.map((a) => a.time);
	const starts = directives.map((d) => d.start);
	const timeAt = (offset: number): number => times[countBelow(starts, offset) - 1] ?? state.start;
	const { notes, doubts, missing } = remarks.all;
	const plain = lines.plain();
	let byPath: ReadonlyMap<string, ReadHeaders> | null = null;
	const active = activeText(plain, directives, after);
	return {
		path,
		text: active,
		own: state.own,
		includes: state.includes,
		unbalanced: state.unbalanced || stack.length > 0,
		notes,
		doubts: [
			...reaching(plain, active, doubts),
			...doubtsOfText(text, active, includesOf(directives, after)),
		],
		missing,
		files: state.files,
		definitionsOf: (name) => history.all(name),
		macros() {
			const { base, changes } = history.sinceBase();
			return base === null ? null : { headers: base, changes };
		},
		headers: () => {
			const behind = new Map(headers.map((h) => [h.path, h.behind]));
			return [...texts].map(([at, read]) => ({
				path: at,
				text: read,
				behind: behind.get(at) ?? 0,
			}));
		},
		isMentioned: (name) => [...texts.values()].some((header) => hasName(header, name)),
		declaredIn: (name) => headers.find((h) => h.ending.declares.has(name))?.path ?? null,
		readings(at) {
			byPath ??= groupedByPath(headers);
			return (byPath.get(at) ?? []).map(({ ending, directives: own, after: then, entered }) => {
				const places = own.map((d) => d.start);
				const time = (offset: number) => then[countBelow(places, offset) - 1]?.time ?? entered;
				const macroAt = (name: string, offset: number) => history.at(name, time(offset)) ?? null;
				return { text: ending.text, macroAt };
			});
		},
		macroAt(name, offset) {
			const found = history.at(name, timeAt(offset));
			return found === undefined ? (fallback?.(name) ?? null) : found;
		},
		undefinedAt(name, offset) {
			const time = ownTimes.get(name);
			if (time === undefined || time > timeAt(offset)) return null;
			if (history.at(name, timeAt(offset)) !== null) return null;
			return history.at(name, time - 1) ?? null;
		},
	};
}

type ReadHeaders = Base['state']['headers'];

function groupedByPath(headers: ReadHeaders): ReadonlyMap<string, ReadHeaders> {
	const found = new Map<string, ReadHeaders[number][]>();
	for (const header of headers) {
		const before = found.get(header.path);
		if (before === undefined) found.set(header.path, [header]);
		else before.push(header);
	}
	return found;
}
