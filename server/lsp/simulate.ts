/**
 * The command `racewalk.simulate`: a run as the trace panel wants it. For editors without a panel the run is also
 * written as Markdown and shown as a document, where the client can show one.
 */
import type { CancellationToken } from 'vscode-languageserver';
import { whatIfNamed } from '../../engine/check/what_ifs.js';
import { label } from '../../engine/escape/label.js';
import { whatIfNote } from '../ide/analysis/what_if.js';
import type { Simulation } from '../ide/simulation.js';
import { type TraceSubject, traceContent } from '../ide/trace_content.js';
import type { SimulateParams, TracePanelContent } from '../protocol.js';
import type { DocumentRequest } from '../worker/worker_protocol.js';
import { addressesOf, documentRequest } from './document_request.js';
import { absolutePath } from './encode.js';
import type { WalkSession } from './session.js';
import { gaveUp, tell } from './tell.js';
import type { TraceDocuments } from './trace_documents.js';

/** Null when the arguments make no sense or there is no run to show (the user is told why). */
export async function simulate(
	session: WalkSession,
	argument: unknown,
	context: { readonly token: CancellationToken; readonly documents: TraceDocuments },
): Promise<TracePanelContent | null> {
	const params = simulateParams(argument);
	const document = params === null ? undefined : session.documents.get(params.uri);
	if (params === null || document === undefined) {
		tell(session.connection, 'error', 'racewalk: nothing to simulate: open the file first');
		return null;
	}
	session.explorer.prefer(params.uri);
	const content = known(session, params) ?? (await searched(session, params, context.token));
	if (content !== null && !session.client.tracePanel && session.client.showDocument) {
		const uri = context.documents.write(content);
		await session.connection.window.showDocument({ uri, takeFocus: true });
	}
	return content;
}

function simulateParams(value: unknown): SimulateParams | null {
	if (typeof value !== 'object' || value === null) return null;
	const {
		uri,
		function: name,
		actor,
		trace,
		whatIf,
		claim,
		nearest,
	} = value as Partial<Record<keyof SimulateParams, unknown>>;
	if (typeof uri !== 'string' || typeof name !== 'string') return null;
	return {
		uri,
		function: name,
		actor: typeof actor === 'string' ? actor : null,
		trace: typeof trace === 'string' ? trace : null,
		...(typeof claim === 'string' ? { claim } : {}),
		...(nearest === true ? { nearest: true as const } : {}),
		...(Array.isArray(whatIf) ? { whatIf: whatIf.filter((n) => typeof n === 'string') } : {}),
	};
}

/** A finding of the current text has its run already. */
function known(session: WalkSession, params: SimulateParams): TracePanelContent | null {
	const state = session.checks.state(params.uri);
	if (params.nearest === true) return null;
	if (params.trace === null || state?.done == null || state.done.version !== state.version)
		return null;
	const { analysis, request } = state.done;
	const finding = analysis.findings.find((f) => f.trace.id === params.trace);
	if (finding === undefined) return null;
	return contentOf(params, request, { finding, trace: finding.trace });
}

function contentOf(
	params: SimulateParams,
	request: DocumentRequest,
	run: Pick<TraceSubject, 'finding' | 'trace' | 'saved' | 'supposed'>,
): TracePanelContent {
	const addresses = addressesOf(params.uri, request);
	return traceContent(
		{
			uri: params.uri,
			function: run.finding?.function ?? params.function,
			finding: run.finding,
			trace: run.trace,
			verdict: run.finding === null ? null : 'violated',
			...(run.saved === undefined ? {} : { saved: run.saved }),
			...(run.supposed === undefined ? {} : { supposed: run.supposed }),
		},
		(path) => absolutePath(path, addresses),
	);
}

async function searched(
	session: WalkSession,
	params: SimulateParams,
	token: CancellationToken,
): Promise<TracePanelContent | null> {
	const text = session.documents.get(params.uri)?.getText() ?? '';
	const settings = await session.settings(params.uri);
	const base = await documentRequest(params.uri, text, settings, session.workspace);
	const whatIf = (params.whatIf ?? []).flatMap((name) => whatIfNamed(name) ?? []);
	const request = {
		...base,
		...(params.actor === null ? {} : { actors: [params.actor] }),
		...(whatIf.length === 0 ? {} : { whatIf }),
	};
	// what is known to hold needs a run to look at, and not to be explored once more down to the rarest scenario
	const isSearch =
		whatIf.length > 0 ||
		params.claim !== undefined ||
		verdictOf(session, params) === 'violated' ||
		params.actor?.includes('+') === true;
	const running = session.explorer.run(
		`simulate ${params.uri} ${params.function} ${params.actor} ${params.trace} ${whatIf} ${params.claim} ${params.nearest}`,
		{
			kind: 'simulate',
			document: isSearch ? request : { ...request, depth: 'core' },
			wanted: {
				function: params.function,
				rule: null,
				trace: params.trace,
				...(params.claim === undefined ? {} : { claim: params.claim }),
				...(params.nearest === undefined ? {} : { nearest: params.nearest }),
			},
		},
		{},
	);
	token.onCancellationRequested(() => running.cancel());
	const outcome = await running.outcome;
	if (outcome.kind === 'failed') session.report('racewalk.simulate', outcome.message);
	if (outcome.kind === 'ended')
		tell(session.connection, 'information', gaveUp('the search for a run', outcome.why));
	if (outcome.kind !== 'done') return null;
	return shown(session, params, request, outcome.result);
}

function shown(
	session: WalkSession,
	params: SimulateParams,
	request: DocumentRequest,
	simulation: Simulation,
): TracePanelContent | null {
	if (simulation.trace === null) {
		tell(session.connection, 'information', `racewalk: ${simulation.why}`);
		return null;
	}
	if (
		params.actor !== null &&
		!params.actor.split('+').every((name) => simulation.trace.threads.includes(name))
	) {
		const where = `${params.function}()`;
		const what = `no modelled world lets ${params.actor} act while ${where} runs; this run is without it`;
		tell(session.connection, 'information', `racewalk: ${what}`);
	}
	const verdict = verdictOf(session, params);
	const content = contentOf(params, request, simulation);
	if (simulation.claim !== undefined) {
		const { verdict: said } = simulation.claim;
		const note = label(simulation.claim.note);
		const title = label(`${params.function}: a claim is ${said}`);
		return said === 'false'
			? {
					...content,
					title,
					claim: said,
					finding: { rule: 'claim', message: note },
					verdict: 'violated',
				}
			: { ...content, title, claim: said, note, verdict: verdict ?? null };
	}
	if (simulation.whatIf !== undefined) {
		const own = simulation.finding === null ? (simulation.verdict ?? null) : content.verdict;
		const note = whatIfNote(simulation.whatIf, own);
		return { ...content, note, verdict: own };
	}
	return simulation.finding === null && verdict !== undefined ? { ...content, verdict } : content;
}

function verdictOf(session: WalkSession, params: SimulateParams) {
	const done = session.checks.state(params.uri)?.done ?? null;
	return done?.analysis.functions.find((f) => f.name === params.function)?.verdict;
}
