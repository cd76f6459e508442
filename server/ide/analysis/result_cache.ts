/**
 * What exploration said about a program, kept by the content of the program without its positions: an edit that only
 * moves lines (a comment, another function) finds its answer here and only has its places resolved anew.
 *
 * Invariant: never more than `entriesMax` results; the least recently used one goes first.
 */
import { createHash } from 'node:crypto';
import type { CheckRequest } from '../../../engine/check/request.js';
import type { CheckResult } from '../../../engine/check/result.js';

export interface ResultCache {
	get(key: string): CheckResult | undefined;
	set(key: string, result: CheckResult): void;
}

/** Two requests with one key have one answer, up to the positions of sites. */
export function resultKey(request: CheckRequest): string {
	const { sites: _, ...program } = request.program;
	const hash = createHash('sha256');
	hash.update(JSON.stringify(program));
	hash.update(JSON.stringify(request.program.sites.map((site) => site.path)));
	const { root, functions, actors, arch, memory, statesMax, depth = 'deep', whatIf } = request;
	const config = [...request.config].sort();
	const explored = [root, functions, actors, arch, memory, statesMax, depth, config, whatIf];
	hash.update(JSON.stringify(explored));
	return hash.digest('base64');
}

export function resultCache(options: { readonly entriesMax: number }): ResultCache {
	const entries = new Map<string, CheckResult>();
	return {
		get(key) {
			const found = entries.get(key);
			if (found !== undefined) {
				entries.delete(key);
				entries.set(key, found);
			}
			return found;
		},
		set(key, result) {
			entries.delete(key);
			entries.set(key, result);
			for (const oldest of entries.keys()) {
				if (entries.size <= options.entriesMax) break;
				entries.delete(oldest);
			}
		},
	};
}
