/**
 * A document's verdicts in the few words of a status bar and its tooltip.
 */
import {
	code,
	icon,
	item,
	lines,
	type Markdown,
	md,
	paragraphs,
	prose,
	strong,
} from '../engine/escape/markdown.js';
import type { Verdict } from '../server/protocol.js';
import type { DocumentVerdicts } from './verdict_lines.js';

export interface VerdictSummary {
	/** With VS Code's `$(icon)` notation. */
	readonly text: string;
	readonly tooltip: Markdown;
	readonly severity: 'none' | 'warning' | 'error';
}

/** VS Code's own drawing for a verdict. */
export const VERDICT_ICONS: Readonly<Record<Verdict, string>> = {
	violated: 'error',
	unsupported: 'circle-slash',
	inconclusive: 'question',
	holds: 'pass',
};

const WEAKEST_FIRST: readonly Verdict[] = ['violated', 'unsupported', 'inconclusive', 'holds'];

/**
 * The verdicts to show: those of the active editor's document and of no other; while the panel has the focus, and no editor,
 * those of the document it shows a run of.
 */
export function shownFor<Uri>(
	active: Uri | null,
	beside: Uri | null,
	verdictsOf: (uri: Uri) => DocumentVerdicts | null,
): DocumentVerdicts | null {
	const uri = active ?? beside;
	return uri === null ? null : verdictsOf(uri);
}

/** The summary of a document with at least one verdict. */
export function summarise(verdicts: DocumentVerdicts): VerdictSummary {
	const counts = WEAKEST_FIRST.map((kind) => ({
		kind,
		count: verdicts.functions.filter((f) => f.verdict === kind).length,
	})).filter(({ count }) => count > 0);
	const weakest = counts[0]?.kind ?? 'holds';
	const words = counts.map(({ kind, count }) => said(kind, count)).join(', ');
	const icon =
		verdicts.freshness === 'checking'
			? 'sync~spin'
			: verdicts.freshness === 'failed'
				? 'warning'
				: VERDICT_ICONS[weakest];
	return {
		text: `$(${icon}) racewalk: ${words === '' ? 'checking' : words}`,
		tooltip: tooltip(verdicts),
		severity:
			verdicts.freshness === 'failed' ? 'warning' : weakest === 'violated' ? 'error' : 'none',
	};
}

function said(kind: Verdict, count: number): string {
	if (kind === 'holds') return count === 1 ? '1 holds' : `${count} hold`;
	return `${count} ${kind}`;
}

function tooltip(verdicts: DocumentVerdicts): Markdown {
	const rows = [...verdicts.functions]
		.sort((a, b) => WEAKEST_FIRST.indexOf(a.verdict) - WEAKEST_FIRST.indexOf(b.verdict))
		.map((f) => {
			const why = f.why === '' ? '' : md`: ${prose(f.why)}`;
			return item(md`${icon(VERDICT_ICONS[f.verdict])} ${code(f.name)} ${f.verdict}${why}`);
		});
	const how = `${verdicts.arch}, ${verdicts.memory}, ${verdicts.milliseconds} ms`;
	const state =
		verdicts.freshness === 'checking'
			? 'Checking the newer text; what is shown is from before the edit.'
			: verdicts.freshness === 'failed'
				? 'The last check failed inside racewalk; see the output.'
				: how;
	return paragraphs([md`${strong('racewalk')} (${state})`, lines(rows)]);
}
