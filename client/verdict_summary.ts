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
import { t } from './view/words.js';

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
	const said = words === '' ? t('checking') : words;
	return {
		text: `$(${icon}) racewalk: ${unparsed === null ? said : before(said, unparsed + 1)}`,
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
	const others = elsewhere.length === 0 ? [] : [t('violated on {0}', elsewhere.join(', '))];
	const open = (said: string): string => (isOpen ? t('{0} so far', said) : said);
	if (findings > 0) {
		const found = findings === 1 ? t('1 finding') : t('{0} findings', findings);
		return [open(found), ...others].join(', ');
	}
	if (counts.length === 0) return '';
	const left =
		undecided === 1 ? t('1 function undecided') : t('{0} functions undecided', undecided);
	const own = undecided > 0 ? left : open(t('holds'));
	return [own, ...others].join(', ');
}

/** Three lines at most: how it stands, the worst of it, where there is more. */
function tooltip(verdicts: DocumentVerdicts): Markdown {
	const [worst] = [...verdicts.functions].sort(
		(a, b) => WEAKEST_FIRST.indexOf(a.verdict) - WEAKEST_FIRST.indexOf(b.verdict),
	);
	const how = t('{0}, {1}, {2} ms', verdicts.arch, verdicts.memory, verdicts.milliseconds);
	const state =
		verdicts.freshness === 'checking'
			? t('checking the newer text; what is shown is from before the edit')
			: verdicts.freshness === 'failed'
				? t('the last check failed inside racewalk; see the output')
				: verdicts.unparsed !== null
					? t('line {0} does not parse; what is shown is from before', verdicts.unparsed + 1)
					: how;
	const rest = verdicts.functions.length - 1;
	const why = worst === undefined || worst.why === '' ? '' : md`: ${prose(worst.why)}`;
	return paragraphs([
		md`${strong('racewalk')} (${state})`,
		...(worst === undefined
			? []
			: [md`${icon(VERDICT_ICONS[worst.verdict])} ${code(worst.name)} ${worst.verdict}${why}`]),
		...(rest > 0 ? [prose(others(rest))] : []),
	]);
}

function before(said: string, line: number): string {
	return t('{0} before line {1} stopped parsing', said, line);
}

function others(count: number): string {
	if (count === 1) return t('Click for the other function.');
	return t('Click for the other {0} functions.', count);
}
