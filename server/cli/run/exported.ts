/** What documents of a run are made from. */
import { traceContent } from '../../ide/trace_content.js';
import type { TracePanelContent } from '../../protocol.js';
import type { Replayed, Shown } from './replaying.js';

/** A run that was replayed. */
export type Exported = Replayed & { readonly run: Shown };

/** The run as the panel shows it; paths stay relative to the tree. */
export function contentOf(shown: Exported): TracePanelContent {
	return contentOfRun(shown, shown.run);
}

/** The run beside it, likewise; null: there is none. */
export function neighbourOf(shown: Exported): TracePanelContent | null {
	return shown.neighbour === undefined ? null : contentOfRun(shown, shown.neighbour);
}

function contentOfRun({ made }: Exported, run: Shown): TracePanelContent {
	const { trace, finding, verdict, saved, supposed } = run;
	const subject = { uri: made.path, function: made.function, finding, trace };
	const more = {
		...(saved === undefined ? {} : { saved }),
		...(supposed === undefined ? {} : { supposed }),
	};
	return traceContent({ ...subject, ...more, verdict: verdict ?? null }, (path) => path);
}
