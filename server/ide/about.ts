/**
 * All that is known of the place under the cursor, in sections, as plain data for a view beside the text: the function's verdict, why
 * the line is here, who races with it, what is held, what is not covered, the other architectures, runs, what the verdict rests on.
 * A hover tells the head of this (`explain.ts`).
 *
 * Invariant: a section without anything to say is left out; every item is one line, fit to be shown.
 */
import { type Label, label } from '../../engine/escape/label.js';
import { asPlain } from '../../engine/escape/markdown.js';
import {
	type AnalysedFunction,
	type AnalysedSite,
	type Analysis,
	functionAt,
	type Place,
} from './analysis/analysis.js';
import { explain } from './explain.js';
import { type ExplainOptions, heldPhrase, shorten, sourceOf } from './explain_details.js';
import { guardsAt, inSteps, type KnownGuards, verdictWord } from './guard_words.js';
import { variantName } from './variants.js';
import { counted, deeperPhrase, verdictTitle } from './verdict_words.js';

export interface AboutItem {
	readonly text: Label;
	/** Where it is; absent: nowhere to go. */
	readonly place?: Place;
	/** A run that shows it; `trace` null: one to be searched for. */
	readonly run?: {
		readonly function: string;
		readonly actor: string | null;
		readonly trace: string | null;
	};
}

export interface AboutSection {
	readonly title: Label;
	readonly items: readonly AboutItem[];
}

/** Items of a section at most; the last then says how many more there are. */
const ITEMS_MAX = 20;

type At = { readonly line: number; readonly column: number | null };

/** The sections for a 1-based position; null: it is in no function that racewalk looks at. */
export function about(
	analysis: Analysis,
	at: At,
	options: Pick<ExplainOptions, 'spanText'> & { readonly guards: KnownGuards | null },
): readonly AboutSection[] | null {
	const inside = functionAt(analysis, at.line);
	if (inside === null) return null;
	const sites = analysis.sites.filter(
		({ place }) =>
			place.path === analysis.path && place.line <= at.line && at.line <= place.endLine,
	);
	return [
		section('Verdict', verdictItems(inside, analysis)),
		section('This line', lineItems(analysis, at, options.spanText)),
		section('Why it is here', guardItems(options.guards, at)),
		section('Who changes what it reads', writerItems(sites, inside)),
		section('Held here', heldItems(sites, options.spanText)),
		section('Not covered', uncoveredItems(inside, analysis)),
		section('Other architectures', elsewhereItems(inside, analysis)),
		section('Runs', runItems(inside)),
		section('Rests on', restItems(inside, analysis)),
	].filter(({ items }) => items.length > 0);
}

function section(title: string, items: readonly AboutItem[]): AboutSection {
	const more = items.length - ITEMS_MAX;
	const shown =
		more <= 0 ? items : [...items.slice(0, ITEMS_MAX), { text: label(`… and ${more} more`) }];
	return { title: label(title), items: shown };
}

function verdictItems(f: AnalysedFunction, analysis: Analysis): readonly AboutItem[] {
	const own = analysis.findings.filter((finding) => finding.function === f.name);
	const deeper = deeperPhrase(analysis);
	return [
		{ text: label(`${f.name}(): ${verdictTitle(f, analysis)}`), place: f.place },
		...own.map((finding) => ({
			text: label(
				`${finding.rule}: ${finding.message} (against ${finding.actors.join(', ') || 'nobody'})`,
			),
			place: finding.place,
			run: { function: f.name, actor: null, trace: finding.trace.id },
		})),
		...(deeper === null ? [] : [{ text: label(deeper) }]),
	];
}

function lineItems(
	analysis: Analysis,
	at: At,
	spanText: ExplainOptions['spanText'],
): readonly AboutItem[] {
	const said = explain(analysis, at, { link: () => null, spanText });
	if (said === null) return [];
	return said.parts.flatMap((part) =>
		asPlain(part)
			.split('\n')
			.filter((line) => line.trim() !== '')
			.map((line) => ({ text: label(line) })),
	);
}

function guardItems(known: KnownGuards | null, at: At): readonly AboutItem[] {
	if (known === null) return [];
	const here = guardsAt(known.guards, at).flatMap((guard): readonly AboutItem[] => [
		{
			text: label(
				guard.needs.length === 0
					? `without ${guard.written}: ${verdictWord(guard)}: ${guard.why ?? ''}`
					: `without it, ${guard.removed}`,
			),
			place: guard.place,
		},
		...guard.needs.map((need) => ({
			text: label(`${need.rule} ${inSteps(need)}: ${need.message}`),
			run: { function: guard.function, actor: null, trace: need.trace },
		})),
	]);
	return here.length > 0 || known.complete ? here : [{ text: label('being worked out') }];
}

function writerItems(
	sites: readonly AnalysedSite[],
	{ name }: AnalysedFunction,
): readonly AboutItem[] {
	const told = new Map<string, AboutItem>();
	for (const { actor, location, wrote, cites, place } of sites.flatMap((s) => s.writers)) {
		const where = cites === null ? '' : ` in ${cites.function}()`;
		const text = label(`${actor}: ${location} = ${wrote}${where}`);
		const cited =
			cites?.line == null
				? place
				: { path: cites.path, line: cites.line, column: 1, endLine: cites.line, endColumn: 1 };
		if (!told.has(text))
			told.set(text, { text, place: cited, run: { function: name, actor, trace: null } });
	}
	return [...told.values()];
}

function heldItems(
	sites: readonly AnalysedSite[],
	spanText: ExplainOptions['spanText'],
): readonly AboutItem[] {
	return sites.map((site) => {
		const held = heldPhrase(site) ?? 'nothing';
		const what = shorten(sourceOf(site, { link: () => null, spanText }), 60);
		return { text: label(`at ${what}: ${held}`), place: site.place };
	});
}

function uncoveredItems(f: AnalysedFunction, analysis: Analysis): readonly AboutItem[] {
	const never = (f.coverage?.never ?? []).filter(({ ofSection }) => ofSection !== true);
	return [
		...never.map(({ place, said, needs }) => ({
			text: label(`line ${place.line}: ${said ?? `${needs} is false in every explored run`}`),
			place,
		})),
		...analysis.unsupported
			.filter((span) => span.function === f.name)
			.map(({ place, reason }) => ({
				text: label(`line ${place.line}: not explored: ${reason}`),
				place,
			})),
	];
}

function elsewhereItems(f: AnalysedFunction, { elsewhere = [] }: Analysis): readonly AboutItem[] {
	return elsewhere.map(({ variant, analysis }) => {
		const there = analysis.functions.find(({ name }) => name === f.name);
		const found = analysis.findings.filter((finding) => finding.function === f.name);
		const rules = [...new Set(found.map(({ rule }) => rule))];
		const why = rules.length === 0 ? '' : `: ${rules.join(', ')}`;
		const verdict = there?.verdict ?? 'not part of the walk';
		const [first] = found;
		return {
			text: label(`${variantName(variant)}: ${verdict}${why}`),
			...(first === undefined ? {} : { place: first.place }),
		};
	});
}

function runItems({ name, witness, byActor }: AnalysedFunction): readonly AboutItem[] {
	const alone = byActor.filter(({ actor }) => !actor.includes('+'));
	return [
		...(witness === null
			? []
			: [
					{
						text: label('a run in which it does its work'),
						run: { function: name, actor: null, trace: witness },
					},
				]),
		...alone.map(({ actor, verdict }) => ({
			text: label(`against ${actor}: ${verdict}`),
			run: { function: name, actor, trace: null },
		})),
	];
}

function restItems(f: AnalysedFunction, analysis: Analysis): readonly AboutItem[] {
	const { bounds, explored } = f;
	return [
		{
			text: label(
				`${counted(explored.executions, 'execution', 'executions')}, ${counted(explored.states, 'state', 'states')} from ${f.root}()`,
			),
		},
		{
			text: label(
				`at most ${counted(bounds.pagesMax, 'page', 'pages')}, ${counted(bounds.actorsAtOnceMax, 'adversary', 'adversaries')} at once, loops of ${bounds.loopMax} rounds, ${counted(bounds.worlds.length, 'initial state', 'initial states')}`,
			),
		},
		...f.assumptions.map(({ what, line }) => ({
			text: label(`assumes ${what}`),
			...(line === null ? {} : { place: lineOf(analysis, line) }),
		})),
	];
}

function lineOf({ path }: Analysis, line: number): Place {
	return { path, line, column: 1, endLine: line, endColumn: 1 };
}
