/** The comment that the editor writes is one that racewalk reads, with the user's reason. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { suppressionComment, whyNoReason } from '../../client/suppression_comment.js';
import { suppressions } from '../../server/ide/analysis/suppression.js';

test.each([
	['', 'with a reason only'],
	['  ', 'with a reason only'],
	['a\nb', 'one line'],
	['a */ b', 'cannot have */'],
])('%j is no reason', (text, why) => {
	expect(whyNoReason(text)).toContain(why);
});

test('a reason that is one is read again as it was written', () => {
	fc.assert(
		fc.property(fc.string({ minLength: 1 }), (reason) => {
			fc.pre(whyNoReason(reason) === null && /\w/.test(reason) && !/[\u2028\u2029]/.test(reason));
			const text = `${suppressionComment({ rule: 'stale-pin', reason, indent: '\t' })}\tx();\n`;
			const [found] = suppressions(text);
			expect(found?.rules).toEqual(['stale-pin']);
			expect(found?.target).toBe(2);
			expect(found?.reason).toBe(reason.trim());
		}),
	);
});
