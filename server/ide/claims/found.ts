/**
 * The claims that the comments of a walk's functions make, with their places, before anything is decided; and how much of what
 * they say is no claim of a form that is decided.
 */
import { splitLines } from '../../tree/source_lines.js';
import type { FoundClaim } from '../analysis/analysis.js';
import { contentStore } from '../analysis/content_store.js';
import { type Comment, commentsOf, type FunctionLines, functionsOfComments } from './comments.js';
import { type Context, claimsIn, type Understood } from './grammar.js';

export interface FoundClaims {
	readonly claims: readonly FoundClaim[];
	/** Comments of the functions, sentences in them, and sentences of which a claim was read. */
	readonly comments: number;
	readonly sentences: number;
	readonly recognised: number;
}

/** The claims in and above these functions, in order. */
export function claimsOfText(text: string, functions: readonly FunctionLines[]): FoundClaims {
	const lines = splitLines(text);
	const comments = commentsOf(text);
	const owner = functionsOfComments(functions, lines, comments);
	const claims: FoundClaim[] = [];
	let sentences = 0;
	let own = 0;
	for (const comment of comments) {
		const fn = owner(comment);
		if (fn === null) continue;
		own++;
		sentences += comment.sentences.length;
		claims.push(...claimsOfComment(comment, fn));
	}
	const recognised = new Set(claims.map((c) => c.id.replace(/\.\d+$/, ''))).size;
	return { claims, comments: own, sentences, recognised };
}

/** Sentences are read once, as long as they stay: nothing but their words and what is open before them decides. */
const understoodBefore = contentStore<Understood>({ entriesMax: 4000 });

function understoodIn(sentence: string, context: Context): Understood {
	const key = `${context.scope ?? ''}\n${sentence}`;
	const known = understoodBefore.get(key);
	if (known !== undefined) return known;
	const made = claimsIn(sentence, context);
	understoodBefore.set(key, made);
	return made;
}

function claimsOfComment(comment: Comment, fn: FunctionLines): readonly FoundClaim[] {
	const claims: FoundClaim[] = [];
	let context: Context = { scope: null };
	for (const { text, place } of comment.sentences) {
		const understood = understoodIn(text, context);
		context = understood.context;
		understood.claims.forEach((claim, i) => {
			claims.push({
				id: `${place.line}:${place.column}.${i}`,
				claim,
				text,
				place,
				function: fn.name,
				beginLine: comment.line,
				endLine: comment.endLine,
				inside: comment.line > fn.line,
			});
		});
	}
	return claims;
}
