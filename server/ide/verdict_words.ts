/** A verdict in words: what stands above a function, in a hover, in the status bar and on the command line. */
import type { AnalysedFunction, Analysis } from './analysis/analysis.js';

/** `holds · x86_64 · 5 adversaries`. */
export function verdictTitle(f: AnalysedFunction, analysis: Analysis): string {
	const parts: string[] = [`${f.verdict}${soFar(f, analysis)}`, analysis.arch];
	if (analysis.memory !== 'sc') parts.push(analysis.memory);
	switch (f.verdict) {
		case 'violated': {
			const names = rulesIn(analysis, f.name);
			const called = brokenCallees(f, analysis);
			if (names.length > 0) parts.push(names.join(', '));
			else if (called.length > 0) parts.push(`calls ${called.join(', ')}`);
			break;
		}
		case 'holds':
			parts.push(adversariesPhrase(f));
			break;
		case 'inconclusive':
		case 'unsupported':
			if (f.why !== null) parts.push(f.why);
			break;
	}
	const others = brokenElsewhere(f, analysis).map(({ arch }) => arch);
	if (others.length > 0) parts.push(`violated on ${others.join(', ')}`);
	return parts.join(' · ');
}

/** What is broken, or not understood, stays so however deep exploration goes. */
export function soFar({ verdict }: Pick<AnalysedFunction, 'verdict'>, { left }: Analysis): string {
	return left !== undefined && (verdict === 'holds' || verdict === 'inconclusive') ? ' so far' : '';
}

/** Architectures on which a function that breaks no rule here breaks some, and which. */
export function brokenElsewhere(
	f: Pick<AnalysedFunction, 'name' | 'verdict'>,
	{ elsewhere = [] }: Analysis,
): readonly { readonly arch: string; readonly rules: readonly string[] }[] {
	if (f.verdict === 'violated') return [];
	return elsewhere.flatMap(({ variant, analysis }) => {
		const rules = rulesIn(analysis, f.name);
		return rules.length === 0 ? [] : [{ arch: variant.arch, rules }];
	});
}

function rulesIn({ findings }: Analysis, name: string): readonly string[] {
	return [...new Set(findings.filter((x) => x.function === name).map((x) => x.rule))];
}

/** `gup_fast_pte_range() (stale-pin, permission)`: the functions with findings that it calls, directly or not. */
export function brokenCallees(
	{ calls = [] }: Pick<AnalysedFunction, 'calls'>,
	analysis: Analysis,
): readonly string[] {
	return calls.flatMap((name) => {
		const rules = rulesIn(analysis, name);
		return rules.length === 0 ? [] : [`${name}() (${rules.join(', ')})`];
	});
}

/** `as collapse, deposit against gup_fast() of mm/gup.c: holds`: of a function that adversaries stand for. */
export function againstTitle({
	path,
	function: name,
	actors,
	verdict,
}: NonNullable<AnalysedFunction['against']>): string {
	return `as ${actors.join(', ')} against ${name}() of ${path}: ${verdict}`;
}

/** `11 adversaries, 6 pairs`; with the workspace's own by name. */
export function adversariesPhrase(f: AnalysedFunction): string {
	const pairs = f.byActor.filter((a) => a.actor.includes('+')).length;
	const alone = f.byActor.length - pairs;
	const phrase = counted(alone, 'adversary', 'adversaries');
	const all = pairs === 0 ? phrase : `${phrase}, ${counted(pairs, 'pair', 'pairs')}`;
	const theirs = f.workspaceActors ?? [];
	return theirs.length === 0 ? all : `${all} (of the workspace: ${theirs.join(', ')})`;
}

/** What a verdict says of the scenarios that are still to come, or null when there are none. */
export function deeperPhrase(analysis: Analysis): string | null {
	if (analysis.left === undefined) return null;
	const count = analysis.left > 1 ? `${analysis.left} ` : '';
	return `${count}more scenarios (other flags, rarer worlds, two adversaries at once) are still to be explored`;
}

/** One sentence for a tooltip: why the verdict is what it is. */
export function verdictSentence(f: AnalysedFunction, analysis: Analysis): string {
	const findings = analysis.findings.filter((x) => x.function === f.name);
	if (f.why !== null) return f.why;
	const [first] = findings;
	if (first !== undefined) return `${first.rule}: ${first.message}`;
	if (f.verdict !== 'holds') return f.verdict;
	const { executions, states } = f.explored;
	const deeper = deeperPhrase(analysis);
	const more = deeper === null ? '' : `; ${deeper}`;
	return `holds in ${executions} executions (${states} states) against ${adversariesPhrase(f)}, within the model's bounds and assumptions${more}`;
}

/** `1 adversary`, `2 adversaries`. */
export function counted(n: number, one: string, many: string): string {
	return `${n} ${n === 1 ? one : many}`;
}
