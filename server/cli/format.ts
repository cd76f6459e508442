/**
 * The report of a check in the format asked for.
 */

import { githubCommands } from './github.js';
import { checkJson } from './json.js';
import type { CommonOptions } from './options.js';
import { type Paint, paint } from './paint.js';
import type { FileReport } from './report.js';
import { sarifLog } from './sarif.js';
import { checkText } from './text.js';
import { print, printCommands, printJson } from './write.js';

/** `part`: what the report of the whole is made from, where this is one of several. */
export function printReport(
	files: readonly FileReport[],
	options: Pick<CommonOptions, 'format' | 'color' | 'coverage'>,
	part?: object,
): void {
	switch (options.format) {
		case 'json':
			printJson({ ...checkJson(files), ...(part === undefined ? {} : { part }) });
			return;
		case 'sarif':
			printJson(sarifLog(files, part));
			return;
		case 'github':
			printCommands(githubCommands(files));
			return;
		case 'text':
			print(checkText(files, colours(options), { coverage: options.coverage === true }));
			return;
	}
}

/** Colours when asked for, or on a terminal that has them and did not say NO_COLOR. */
export function colours(options: Pick<CommonOptions, 'color'>): Paint {
	if (options.color !== 'auto') return paint(options.color === 'always');
	const refused = (process.env['NO_COLOR'] ?? '') !== '';
	return paint(process.stdout.isTTY === true && !refused && process.env['TERM'] !== 'dumb');
}
