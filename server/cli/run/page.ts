/** A run as one page of HTML: the trace panel with the run in it, which asks nobody for anything. */
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { type Page, page } from '../../../engine/escape/page.js';
import { readNamed } from '../../reading/named.js';
import { UsageError } from '../options.js';
import { contentOf, type Exported, neighbourOf } from './exported.js';
import { sameness } from './show.js';

export function runPage(shown: Exported): Page {
	const script = asset('run_page.js');
	const style = asset('run_page.css');
	const content = contentOf(shown);
	const note = [sameness(shown), ...shown.differs, `racewalk show '${shown.id}'`].join(' · ');
	const { function: name } = shown.made;
	const params = { uri: content.uri, function: name, actor: null, trace: content.id };
	const beside = neighbourOf(shown);
	const run = {
		...{ params, content: { ...content, note }, step: 0, showing: 1, moves: 0 },
		...(beside === null ? {} : { neighbour: beside }),
	};
	const digests = { scriptDigest: digest(script), styleDigest: digest(style) };
	return page({
		script,
		style,
		...digests,
		data: run,
		text: `${content.title}\n\n${content.twoColumn}\n\n${note}`,
	});
}

/** What the build puts beside the command. */
function asset(name: string): string {
	const read = readNamed(fileURLToPath(new URL(`./view/${name}`, import.meta.url)));
	if (read.kind === 'text') return read.text;
	throw new UsageError(`racewalk is not complete: view/${name} is missing beside it; reinstall it`);
}

function digest(text: string): string {
	return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
