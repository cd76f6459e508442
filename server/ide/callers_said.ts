/**
 * What a comment says of the locks of a function's callers ("must be called with the page table lock held"), for functions that are
 * listed and not explored: it is told, with its line, beside what is missing.
 *
 * Leaves out: which lock is meant, and whether callers hold it.
 *
 * Invariant: no verdict rests on it: it is added to words about a function that has no verdict.
 */
import { shortened } from '../../engine/base/shortened.js';
import { splitLines } from '../tree/source_lines.js';
import type { Analysis } from './analysis/analysis.js';
import { commentsOf, functionsOfComments } from './claims/comments.js';

/** Sentences in the kernel's words for such a duty; they have a bounded length. */
const DUTIES: readonly RegExp[] = [
	/\b(?:must|should|shall|may only|can only|has to|needs to|to) be (?:called|used|invoked) (?:only )?(?:with|under|while|inside|from)\b/i,
	/\b(?:is|are)? ?(?:always )?called (?:with|under)\b/i,
	/\bcallers? (?:must|should|shall|has to|have to|needs? to|is expected to|are expected to|hold|holds|takes?|already)\b/i,
	/^context:/i,
];
/** What a lock is called. */
const LOCKED =
	/\b(?:held|hold|holds|holding|lock|locks|locked|locking|mutex|semaphore|rcu|mmap_sem|ptl|interrupts|irqs?|preemption|reference|refcount|pinned)\b|_lock\b|_sem\b|_mutex\b/i;
const SENTENCE_MAX = 300;

/** What the comments of a text say of the callers of its functions, by function. */
export function callersSaid(
	text: string,
	functions: readonly { readonly name: string; readonly line: number; readonly endLine: number }[],
): ReadonlyMap<string, { readonly text: string; readonly line: number }> {
	const comments = commentsOf(text);
	const owner = functionsOfComments(functions, splitLines(text), comments);
	const said = new Map<string, { text: string; line: number }>();
	for (const comment of comments) {
		const fn = owner(comment);
		if (fn === null || said.has(fn.name)) continue;
		const found = comment.sentences.find((s) => isDuty(s.text));
		if (found !== undefined) said.set(fn.name, { text: found.text, line: found.place.line });
	}
	return said;
}

function isDuty(sentence: string): boolean {
	if (sentence.length > SENTENCE_MAX) return false;
	return LOCKED.test(sentence) && DUTIES.some((duty) => duty.test(sentence));
}

/** The analysis with what is said of callers beside what is missing for a verdict on listed functions. */
export function withCallersSaid(analysis: Analysis, text: string): Analysis {
	const listed = analysis.unsupported.filter((u) => u.isListed === true && u.function !== null);
	if (listed.length === 0) return analysis;
	const names = new Set(listed.map((u) => u.function));
	const functions = analysis.functions
		.filter((f) => f.place.path === analysis.path && names.has(f.name))
		.map((f) => ({ name: f.name, line: f.place.line, endLine: f.endLine }));
	const said = callersSaid(text, functions);
	if (said.size === 0) return analysis;
	const told = (name: string | null, reason: string): string => {
		const found = name === null ? undefined : said.get(name);
		if (found === undefined) return reason;
		return `${reason}; its comment says "${shortened(found.text)}" (line ${found.line}), on which nothing rests here`;
	};
	const reasons = new Map(listed.map((u) => [u.function, u.reason]));
	return {
		...analysis,
		unsupported: analysis.unsupported.map((u) =>
			listed.includes(u) ? { ...u, reason: told(u.function, u.reason) } : u,
		),
		functions: analysis.functions.map((f) =>
			f.why !== null && reasons.get(f.name) === f.why ? { ...f, why: told(f.name, f.why) } : f,
		),
	};
}
