/**
 * What exploration said about a program, kept by the content of the program without its positions: an edit that only
 * moves lines (a comment, another function) finds its answer here and only has its places resolved anew.
 */
import type { CheckRequest } from '../../../engine/check/request.js';
import type { CheckResult } from '../../../engine/check/result.js';
import { type ContentStore, contentKey, plainKey } from './content_store.js';

export type ResultCache = ContentStore<CheckResult>;

/** Two requests with one key have one answer, up to the positions of sites. */
export function resultKey(request: CheckRequest): string {
	const { sites, functions, ...program } = request.program;
	const code = plainKey({ functions, files: sites.map((site) => site.path) });
	// absent and `deep` are the same
	const depth = request.depth ?? 'deep';
	return contentKey({ ...request, depth, program, code });
}
