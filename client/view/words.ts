/**
 * The client's words in the reader's language: VS Code has them from English to translation, and the host hands them over to the panel.
 *
 * Invariant: every text of the client goes through `t` (`test/tidy/l10n.test.ts`).
 */
let bundle: Readonly<Record<string, string>> = {};

export function setWords(words: Readonly<Record<string, string>>): void {
	bundle = words;
}

/** A text in the reader's language, `{0}`, `{1}` … in it replaced by the arguments. */
export function t(text: string, ...values: readonly (string | number)[]): string {
	const said = Object.hasOwn(bundle, text) ? bundle[text] : undefined;
	return (said ?? text).replace(/\{(\d+)\}/g, (whole, index: string) => {
		const value = values[Number(index)];
		return value === undefined ? whole : String(value);
	});
}
