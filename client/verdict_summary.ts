/**
 * A document's verdicts in the few words of a status bar and its tooltip.
 */
import {
	code,
	icon,
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
	const words = answerOf(verdicts, counts);
	const { unparsed } = verdicts;
	const icon =
		verdicts.freshness === 'checking'
			? 'sync~spin'
			: verdicts.freshness === 'failed'
				? 'warning'
				: unparsed !== null
					? 'edit'
					: VERDICT_ICONS[weakest];
	const before = unparsed === null ? '' : ` before line ${unparsed + 1} stopped parsing`;
	return {
		text: `$(${icon}) racewalk: ${words === '' ? 'checking' : words}${before}`,
		tooltip: tooltip(verdicts),
		severity:
			verdicts.freshness === 'failed' ? 'warning' : weakest === 'violated' ? 'error' : 'none',
	};
}

/** Right or wrong in a few words: `1 finding`, `2 functions undecided`, `holds so far, violated on s390x`. */
function answerOf(
	{ findings, elsewhere, isOpen }: DocumentVerdicts,
	counts: readonly { readonly kind: Verdict; readonly count: number }[],
): string {
	const undecided = counts
		.filter(({ kind }) => kind === 'unsupported' || kind === 'inconclusive')
		.reduce((sum, { count }) => sum + count, 0);
	const others = elsewhere.length === 0 ? [] : [`violated on ${elsewhere.join(', ')}`];
	const open = isOpen ? ' so far' : '';
	if (findings > 0) return [`${counted(findings, 'finding')}${open}`, ...others].join(', ');
	if (counts.length === 0) return '';
	const own = undecided > 0 ? `${counted(undecided, 'function')} undecided` : `holds${open}`;
	return [own, ...others].join(', ');
}

function counted(n: number, one: string): string {
	return `${n} ${n === 1 ? one : `${one}s`}`;
}

/** Three lines at most: how it stands, the worst of it, where there is more. */
function tooltip(verdicts: DocumentVerdicts): Markdown {
	const [worst] = [...verdicts.functions].sort(
		(a, b) => WEAKEST_FIRST.indexOf(a.verdict) - WEAKEST_FIRST.indexOf(b.verdict),
	);
	const how = `${verdicts.arch}, ${verdicts.memory}, ${verdicts.milliseconds} ms`;
	const state =
		verdicts.freshness === 'checking'
			? 'checking the newer text; what is shown is from before the edit'
			: verdicts.freshness === 'failed'
				? 'the last check failed inside racewalk; see the output'
				: verdicts.unparsed !== null
					? `line ${verdicts.unparsed + 1} does not parse; what is shown is from before`
					: how;
	const rest = verdicts.functions.length - 1;
	const why = worst === undefined || worst.why === '' ? '' : md`: ${prose(worst.why)}`;
	return paragraphs([
		md`${strong('racewalk')} (${state})`,
		...(worst === undefined
			? []
			: [md`${icon(VERDICT_ICONS[worst.verdict])} ${code(worst.name)} ${worst.verdict}${why}`]),
		...(rest > 0 ? [`Click for the other ${counted(rest, 'function')}.`] : []),
	]);
}
