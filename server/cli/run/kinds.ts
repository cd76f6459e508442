/** What a run can be exported as. */
import type { ReplayOptions } from './replaying.js';

export const EXPORTS = ['mail', 'markdown', 'svg', 'litmus', 'dot', 'html', 'repro'] as const;

export interface ExportOptions extends ReplayOptions {
	readonly as: (typeof EXPORTS)[number];
}
