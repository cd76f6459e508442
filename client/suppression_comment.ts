/** The comment that allows a finding, with the user's reason in it. */
import { t } from './view/words.js';

/** What is wrong with a reason, as a sentence; null: nothing. */
export function whyNoReason(text: string): string | null {
	if (text.trim() === '') return t('A finding is suppressed with a reason only.');
	if (/[\r\n]/.test(text)) return t('The reason is one line.');
	return text.includes('*/') ? t('The reason stands in a comment: it cannot have */ in it.') : null;
}

/** One line, indented like the one below it. */
export function suppressionComment(of: {
	readonly rule: string;
	readonly reason: string;
	readonly indent: string;
}): string {
	return `${of.indent}/* racewalk: allow(${of.rule}): ${of.reason.trim()} */\n`;
}
