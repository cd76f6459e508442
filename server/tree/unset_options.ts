/**
 * What a text asks of the configuration that nobody decided: `#ifdef CONFIG_X`, `IS_ENABLED(CONFIG_X)`. It is taken as not set,
 * as in a kernel that was configured without it, and each verdict says so.
 */
import { logicalLines } from '../syntax/preprocess/logical_lines.js';
import { type ConfigurationRequest, selectionsAssumed, unsetSymbols } from './configuration.js';

const symbols = /\bCONFIG_\w+/g;
/** Symbols that are told one by one. */
const TOLD_MAX = 20;

interface Assumed {
	readonly what: string;
	readonly line: number | null;
}

/** All that is assumed of the configuration that a text is checked under. */
export function configurationAssumed(
	request: ConfigurationRequest & { readonly text: string },
): readonly Assumed[] {
	const selected = selectionsAssumed(request).map((what) => ({ what, line: null }));
	return [...selected, ...unsetOptions(request)];
}

/** The sentences, each with the line that asks first. */
export function unsetOptions(
	request: ConfigurationRequest & { readonly text: string },
): readonly Assumed[] {
	const { text } = request;
	const named = [...new Set(text.match(symbols) ?? [])];
	if (unsetSymbols(request, named).length === 0) return [];
	// only now without comments
	const plain = logicalLines(text).plain();
	const at = new Map<string, number>();
	for (const { 0: name, index } of plain.matchAll(symbols)) if (!at.has(name)) at.set(name, index);
	const unset = unsetSymbols(request, [...at.keys()]);
	const told = unset.slice(0, TOLD_MAX).map((name) => ({
		what: `${name}, which the file asks for, is taken not to be set: no .config says what it is`,
		line: plain.slice(0, at.get(name)).split('\n').length,
	}));
	const more = unset.length - told.length;
	return more === 0
		? told
		: [...told, { what: `${more} more options are taken not to be set`, line: null }];
}
