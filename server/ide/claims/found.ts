/**
 * The claims that the comments of a walk's functions make, with their places, before anything is decided; and how much of what
 * they say is no claim of a form that is decided.
 */
import type { Claim } from '../../../engine/questions/claims/claim.js';
import { splitLines } from '../../tree/source_lines.js';
import type { Place } from '../analysis/analysis.js';
import { type Comment, commentsOf, type FunctionLines, functionOf } from './comments.js';
import { type Context, claimsIn } from './grammar.js';

/** A claim as it stands in the text. */
export interface FoundClaim {
	/** Finds it again in the same text: line and column of its sentence, and which of its claims. */
	readonly id: string;
	readonly claim: Claim;
	/** The sentence. */
	readonly text: string;
	readonly place: Omit<Place, 'path'>;
	/** The function whose comment it is in. */
	readonly function: string;
	/** Lines of the comment, and whether it stands inside of the function. */
	readonly beginLine: number;
	readonly endLine: number;
	readonly inside: boolean;
}

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
	const claims: FoundClaim[] = [];
	let sentences = 0;
	let own = 0;
	for (const comment of comments) {
		const fn = functionOf(comment, functions, lines, comments);
		if (fn === null) continue;
		own++;
		sentences += comment.sentences.length;
		claims.push(...claimsOfComment(comment, fn));
	}
	const recognised = new Set(claims.map((c) => c.id.replace(/\.\d+$/, ''))).size;
	return { claims, comments: own, sentences, recognised };
}

function claimsOfComment(comment: Comment, fn: FunctionLines): readonly FoundClaim[] {
	const claims: FoundClaim[] = [];
	let context: Context = { scope: null };
	for (const { text, place } of comment.sentences) {
		const understood = claimsIn(text, context);
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
