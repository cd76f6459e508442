/** What documents of a run are made from. */
import { traceContent } from '../../ide/trace_content.js';
import type { TracePanelContent } from '../../protocol.js';
import type { Replayed, Shown } from './replaying.js';

/** A run that was replayed. */
export type Exported = Replayed & { readonly run: Shown };

/** The run as the panel shows it; paths stay relative to the tree. */
export function contentOf(shown: Exported): TracePanelContent {
	const { trace, finding, verdict } = shown.run;
	const subject = { uri: shown.made.path, function: shown.made.function, finding, trace };
	return traceContent({ ...subject, verdict: verdict ?? null }, (path) => path);
}
