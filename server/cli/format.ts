/**
 * A report in the format that was asked for.
 */
import { formatGithub } from './github.js';
import { formatJson } from './json.js';
import type { CommonOptions } from './options.js';
import { type Paint, paint } from './paint.js';
import type { FileReport } from './report.js';
import { formatSarif } from './sarif.js';
import { formatText } from './text.js';

export function formatReport(files: readonly FileReport[], options: CommonOptions): string {
	switch (options.format) {
		case 'json':
			return formatJson(files);
		case 'sarif':
			return formatSarif(files);
		case 'github':
			return formatGithub(files);
		case 'text':
			return formatText(files, colours(options));
	}
}

/** Colours when asked for, or on a terminal that did not say NO_COLOR. */
export function colours(options: CommonOptions<string>): Paint {
	if (options.color !== 'auto') return paint(options.color === 'always');
	const refused = (process.env['NO_COLOR'] ?? '') !== '';
	return paint(process.stdout.isTTY === true && !refused);
}
