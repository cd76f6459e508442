/**
 * CONFIG_ symbols that decide about more than the text that asks for them: what the world is like, what a primitive does, what else is
 * compiled. A header or a file that sets one beside the configuration is not understood.
 */
import { foldersThatSet } from '../tree/arch_profiles.js';
import type { SourceText } from './primitive_sources.js';

const symbol = /\bCONFIG_\w+/g;
const known = new Map<string, ReadonlySet<string>>();
const knownMax = 500;

/** Whether a symbol is one of the configuration's, one of an architecture's, or one that racewalk's own C asks for. */
export function decidingSymbols(
	config: ReadonlyMap<string, string>,
	own: readonly SourceText[],
): (name: string) => boolean {
	return (name) =>
		config.has(name) ||
		foldersThatSet(name).size > 0 ||
		own.some(({ text }) => symbolsIn(text).has(name));
}

function symbolsIn(text: string): ReadonlySet<string> {
	let symbols = known.get(text);
	if (symbols === undefined) {
		if (known.size >= knownMax) known.clear();
		symbols = new Set(text.match(symbol) ?? []);
		known.set(text, symbols);
	}
	return symbols;
}
