/**
 * Words at the ends of lines, for readers who want them: where interrupts go off or RCU begins, where a reference is held, which
 * reads another CPU can make stale, and which line looks again. All of it is what runs show of the sites.
 */
import type { AnalysedSite, Analysis } from './analysis/analysis.js';

export interface ShownHint {
	/** 1-based line at whose end it stands. */
	readonly line: number;
	readonly text: string;
}

const SECTIONS: Readonly<Record<string, string>> = {
	irq: 'interrupts off',
	rcu: 'RCU read side',
	preempt: 'preemption off',
};

/** The hints of the analysed file by line, one for each line at most. */
export function inlayHints(analysis: Analysis): readonly ShownHint[] {
	const own = analysis.sites.filter(({ place }) => place.path === analysis.path);
	const words = new Map<number, string[]>();
	const say = (line: number, text: string): void => {
		const known = words.get(line) ?? [];
		if (!known.includes(text)) words.set(line, [...known, text]);
	};
	for (const name of new Set(own.map((site) => site.function))) {
		const sites = own
			.filter((site) => site.function === name)
			.sort((a, b) => a.place.line - b.place.line || a.place.column - b.place.column);
		for (const [section, said] of Object.entries(SECTIONS)) {
			const first = sites.find((site) => site.sections.includes(section));
			if (first !== undefined) say(first.place.line, `${said} from here`);
		}
		const held = sites.find((site) => site.reference === 'always');
		if (held !== undefined) say(held.place.line, 'reference held from here');
		for (const site of sites) {
			const stale = staleWords(site, analysis.path);
			if (stale !== null) say(site.place.line, stale);
		}
	}
	return [...words]
		.sort(([a], [b]) => a - b)
		.map(([line, said]) => ({ line, text: said.join('; ') }));
}

/** Of a read of what another CPU changes: until which line its value can be stale. */
function staleWords(
	{ kinds, writers, rechecks, place }: AnalysedSite,
	path: string,
): string | null {
	if (!kinds.includes('load') || !writers.some(({ after }) => after > 0)) return null;
	const later = rechecks
		.map((recheck) => recheck.place)
		.filter((other) => other.path === path && other.line > place.line)
		.map(({ line }) => line);
	return later.length === 0
		? 'can be stale from here'
		: `can be stale from here to line ${Math.min(...later)}`;
}
