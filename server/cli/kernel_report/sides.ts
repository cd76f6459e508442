/**
 * The frames of a report in a tree: where each stands, and which adversaries stand for it. Paths may be printed as a build had them
 * (`/build/linux/mm/gup.c`); a symbol without a place is looked up in the tree's mm/.
 */
import { type Actor, actorsOf, candidatesOf } from '../../actors/catalog.js';
import type { ActorSource } from '../../actors/sources.js';
import type { AskedFrame } from '../../ide/meeting.js';
import type { ReportFrame, ReportStack } from '../../kernel_report/report.js';
import type { KernelTree } from '../../tree/kernel_tree.js';
import { definedOn, definitionEnd, definitionLine, splitLines } from '../../tree/source_lines.js';

/** Leading folders that a printed path may have too many. */
const STRIPPED_MAX = 30;

/** A stack whose frames were found in the tree, innermost first; frames of files that it does not have are left out. */
export interface Side {
	readonly stack: ReportStack;
	readonly frames: readonly AskedFrame[];
	/** Who stands for most of its functions, and who stands for any. */
	readonly best: Standing;
	readonly any: Standing;
}

/** Adversaries, with the kernel functions that they cite. */
export interface Standing {
	readonly adversaries: readonly string[];
	readonly cited: readonly string[];
}

export class Sides {
	readonly #tree: KernelTree;
	readonly #actors: readonly Actor[];
	readonly #texts = new Map<string, readonly string[] | null>();

	/** `only`: adversaries that the user names; empty: all. */
	constructor(tree: KernelTree, sources: readonly ActorSource[], only: readonly string[]) {
		this.#tree = tree;
		const isAsked = (name: string): boolean =>
			only.length === 0 || only.some((one) => one.split('+').includes(name));
		this.#actors = actorsOf(sources).filter(({ name }) => isAsked(name));
	}

	of(stack: ReportStack): Side {
		const frames = stack.frames.flatMap((frame) => this.#frame(frame));
		return { stack, frames, ...this.#adversaries(frames) };
	}

	#frame(frame: ReportFrame): readonly AskedFrame[] {
		const path = frame.path === null ? this.#defining(frame.function) : this.#path(frame.path);
		if (path === null) return [];
		const line = frame.path === null ? null : frame.line;
		const name = frame.function ?? (line === null ? null : this.#functionAt(path, line));
		return name === null ? [] : [{ function: name, path, line }];
	}

	/** The printed path as the tree has it. */
	#path(printed: string): string | null {
		let rest = printed.replace(/^\.?\//, '');
		for (let i = 0; i < STRIPPED_MAX; i++) {
			if (!rest.split('/').includes('..') && this.#lines(rest) !== null) return rest;
			const slash = rest.indexOf('/');
			if (slash < 0) return null;
			rest = rest.slice(slash + 1);
		}
		return null;
	}

	/** The file of mm/ that defines a function, the walk's own first. */
	#defining(name: string | null): string | null {
		if (name === null) return null;
		const files = this.#tree.list('mm').filter((path) => path.endsWith('.c'));
		return (
			['mm/gup.c', ...files].find((path) => {
				const lines = this.#lines(path);
				// most files do not even name it
				return (
					lines?.some((l) => l.includes(`${name}(`)) === true &&
					definitionLine(lines, name) !== null
				);
			}) ?? null
		);
	}

	#functionAt(path: string, line: number): string | null {
		const lines = this.#lines(path) ?? [];
		for (let at = Math.min(line, lines.length); at > 0; at--) {
			const text = lines[at - 1] ?? '';
			if (at < line && text.startsWith('}')) return null;
			const name = definedOn(lines, at);
			if (name === null) continue;
			return line <= definitionEnd(lines, at) ? name : null;
		}
		return null;
	}

	#lines(path: string): readonly string[] | null {
		const known = this.#texts.get(path);
		if (known !== undefined) return known;
		const text = this.#tree.read(path);
		const lines = text === null ? null : splitLines(text);
		this.#texts.set(path, lines);
		return lines;
	}

	/** Those that stand for most of its functions: a function that many do says little of who it is. */
	#adversaries(frames: readonly AskedFrame[]): Pick<Side, 'best' | 'any'> {
		const all = this.#actors.map((actor) => {
			const cited = actor.steps.flatMap((step) =>
				candidatesOf(step.cites)
					.filter((one) => frames.some((f) => f.function === one.function && f.path === one.path))
					.map((one) => one.function),
			);
			return { name: actor.name, cited: new Set(cited) };
		});
		const most = Math.max(1, ...all.map(({ cited }) => cited.size));
		const least = (count: number): Standing => {
			const kept = all.filter(({ cited }) => cited.size >= count);
			return {
				adversaries: kept.map(({ name }) => name).sort(),
				cited: [...new Set(kept.flatMap(({ cited }) => [...cited]))].sort(),
			};
		};
		return { best: least(most), any: least(1) };
	}
}

/** Several stacks as one. */
export function together(first: Standing, second: Standing): Standing {
	const of = (key: keyof Standing): readonly string[] =>
		[...new Set([...first[key], ...second[key]])].sort();
	return { adversaries: of('adversaries'), cited: of('cited') };
}
