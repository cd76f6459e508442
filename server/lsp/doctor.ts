/**
 * What racewalk has to work with: versions, a worker that parses and explores, the kernel tree of a file, what is known of it; what
 * is missing, and how to mend it.
 */
import { ownActors } from '../actors/sources.js';
import { looksLikeWalk, whyTooLong } from '../ide/recognise.js';
import type { DoctorAnswer } from '../protocol.js';
import { configuration } from '../tree/configuration.js';
import { placeLater } from '../tree/workspace.js';
import type { DocumentRequest } from '../worker/worker_protocol.js';
import { filePath } from './document_address.js';
import type { WalkSession } from './session.js';

type Finding = DoctorAnswer['findings'][number];

/** `uri`: the document the user looks at; null: none. */
export async function examine(
	session: WalkSession,
	uri: string | null,
	version: string,
): Promise<DoctorAnswer> {
	const { platform, arch, version: node } = process;
	const findings: Finding[] = [
		{ what: 'language server', state: 'right', detail: `racewalk ${version}` },
		{ what: 'Node', state: 'right', detail: `${node} on ${platform} ${arch}` },
		await worker(session),
	];
	if (uri === null) {
		const mend = 'open a file of a kernel, or racewalk: Open the Sample';
		findings.push({ what: 'file', state: 'note', detail: 'none is open', mend });
		return { findings };
	}
	findings.push(await treeOf(session, uri), await settingsOf(session, uri), fileOf(session, uri));
	return { findings };
}

/** A walk of a few lines that every worker can tell. */
const PROBE = `static int probe(pte_t *ptep, struct page **pages, int *nr)
{
	pte_t pte = ptep_get_lockless(ptep);
	struct page *page = pte_page(pte);

	if (!get_page_unless_zero(page))
		return 0;
	pages[(*nr)++] = page;
	return 1;
}
`;
/** Seconds it may take. */
const PROBE_SECONDS = 20;

async function worker({ explorer }: WalkSession): Promise<Finding> {
	const what = 'parser and workers';
	const document: DocumentRequest = {
		...{ path: 'probe.c', text: PROBE, tree: null, arch: 'x86_64', memory: 'sc' },
		config: [...configuration({ arch: 'x86_64', dotConfig: null, set: new Map() })],
		...{ actorSources: ownActors(), replacements: 'ignored', actors: [] },
		...{ statesMax: 100_000, budgetSeconds: PROBE_SECONDS, depth: 'first' },
	};
	const started = performance.now();
	const wanted = { function: 'probe', rule: null, trace: null };
	// a question: who asks does not wait for the checks of documents
	const task = { kind: 'simulate', document, wanted } as const;
	const outcome = await explorer.run('doctor', task, {}).outcome;
	const milliseconds = Math.round(performance.now() - started);
	if (outcome.kind === 'done' && outcome.result.trace !== null)
		return { what, state: 'right', detail: `a small walk was run in ${milliseconds} ms` };
	const detail =
		outcome.kind === 'done'
			? 'a small walk has no run'
			: 'message' in outcome
				? outcome.message
				: `the run of a small walk was ${outcome.kind}`;
	const mend =
		outcome.kind === 'failed'
			? 'install the extension again: its native parser may not fit this machine'
			: 'ask again when the machine is idle';
	return { what, state: 'wrong', detail, mend };
}

async function treeOf(session: WalkSession, uri: string): Promise<Finding> {
	const what = 'kernel tree';
	const { kernelTree } = await session.settings(uri);
	const { folders } = session.workspace;
	const place = await placeLater(filePath(uri) ?? 'untitled.c', {
		...{ tree: kernelTree, as: null, folders },
	});
	if (place.tree === null) {
		const mend = 'open the folder of the kernel, or set racewalk.kernelTree to its path';
		const detail = "none above this file: what headers define is racewalk's own, and listed";
		return { what, state: 'note', detail, mend };
	}
	return { what, state: 'right', detail: `${place.tree}, this file is ${place.path} in it` };
}

async function settingsOf(session: WalkSession, uri: string): Promise<Finding> {
	const what = 'configuration';
	const { arch, memory, enable, budgetSeconds } = await session.settings(uri);
	if (!enable) {
		const mend = 'set racewalk.enable';
		return { what, state: 'wrong', detail: 'racewalk is switched off for this file', mend };
	}
	const detail = `${arch} as Debian configures it, ${memory}, ${budgetSeconds} s a check`;
	return { what, state: 'right', detail };
}

function fileOf({ checks, documents }: WalkSession, uri: string): Finding {
	const what = 'file';
	const state = checks.state(uri);
	const text = documents.get(uri)?.getText() ?? '';
	if (state === null || !looksLikeWalk(text))
		return {
			...{ what, state: 'note', detail: 'it has no word of page tables, folios or mappings' },
			mend: 'mm/gup.c of a kernel has a walk',
		};
	const tooLong = whyTooLong(text);
	if (tooLong !== null)
		return { what, state: 'wrong', detail: tooLong, mend: 'check it on the command line' };
	const { done, freshness, unparsed } = state;
	const [broken] = unparsed ?? done?.analysis.unparsed ?? [];
	if (broken !== undefined)
		return {
			...{ what, state: 'wrong', detail: `line ${broken.place.line} does not parse` },
			mend: 'verdicts are those of the text before, if there was one',
		};
	const functions = done?.analysis.functions.length ?? 0;
	const found = `${functions} functions of walks, readers or adversaries`;
	return { what, state: functions > 0 ? 'right' : 'note', detail: `${found} (${freshness})` };
}
