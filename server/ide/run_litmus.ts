/**
 * A run of interleavings as a litmus test: the accesses of each CPU to what several CPUs touch and one of them writes, in program
 * order, and as its condition the values that the run read. Its result is Sometimes: what an interleaving shows, LKMM allows.
 *
 * It leaves out sections, locks' waiting, dependencies and control flow: it shows that these accesses can see each other so, not that the
 * code can. Values are numbers: 0 is the location's first, others count up in the order in which the run meets them.
 *
 * Invariant: names and comments hold nothing that ends a comment.
 */
import { visibleLine } from '../../engine/escape/visible.js';
import type { AnalysedTrace } from './analysis/analysis.js';
import { isAround } from './two_column.js';

interface Access {
	readonly cpu: number;
	readonly location: string;
	readonly read: string | null;
	readonly wrote: string | null;
	readonly where: string;
}

/** Accesses that a test may have: more are no litmus test any more, and no tool decides them. */
const ACCESSES_MAX = 24;

/** The test, or why there is none. */
export function runLitmus(
	name: string,
	trace: AnalysedTrace,
): { readonly text: string } | { readonly why: string } {
	const accesses = contended(accessesOf(trace));
	if (accesses.length === 0)
		return { why: 'no CPU of this run touches what another one writes: there is nothing to test' };
	if (accesses.length > ACCESSES_MAX)
		return {
			why: `the run has ${accesses.length} accesses to what several CPUs share: more than ${ACCESSES_MAX} make no litmus test`,
		};
	const names = namesOf([...new Set(accesses.map((a) => a.location))]);
	const values = new Values(trace);
	const seen: string[] = [];
	const cpus = [...new Set(accesses.map((a) => a.cpu))].sort((a, b) => a - b);
	// numbered in time order, so that a location's numbers grow as the run goes on
	for (const { location, read, wrote } of accesses)
		for (const value of [read, wrote]) if (value !== null) values.number(location, value);
	const threads = cpus.map((cpu, process) => {
		const own = accesses.filter((a) => a.cpu === cpu);
		let register = 0;
		const lines = own.map((access) => {
			const at = names.get(access.location) ?? '';
			const comment = `// ${said(access.where)}`;
			if (access.read === null)
				return `\tWRITE_ONCE(*${at}, ${values.number(access.location, access.wrote ?? '')}); ${comment}`;
			const r = `r${register++}`;
			seen.push(`${process}:${r}=${values.number(access.location, access.read)}`);
			if (access.wrote === null) return `\t${r} = READ_ONCE(*${at}); ${comment}`;
			return `\t${r} = xchg(${at}, ${values.number(access.location, access.wrote)}); ${comment}`;
		});
		const used = [...new Set(own.map((a) => names.get(a.location) ?? ''))];
		const registers = Array.from({ length: register }, (_, i) => `\tint r${i};`);
		return [
			`P${process}(${used.map((n) => `int *${n}`).join(', ')})`,
			'{',
			...registers,
			...(register === 0 ? [] : ['']),
			...lines,
			'}',
		].join('\n');
	});
	if (cpus.length < 2 || seen.length === 0) return { why: 'only one CPU acts in this run' };
	const text = [
		`C ${name.replace(/[^\w.+-]/g, '-')}`,
		'',
		'(*',
		' * Result: Sometimes',
		' *',
		` * ${said(trace.scenario)}; run ${said(trace.id)}`,
		' * The accesses of a run to what its CPUs share. Sections, locks and dependencies are left out.',
		...cpus.map((cpu, process) => ` * P${process}: ${said(trace.threads[cpu] ?? '')}`),
		...[...names].flatMap(([location, at]) => [
			` * ${at}: ${said(location)}`,
			...values.of(location).map((value, i) => ` *   ${i}: ${said(value)}`),
		]),
		' *)',
		'',
		'{}',
		'',
		threads.join('\n\n'),
		'',
		`exists (${seen.join(' /\\ ')})`,
		'',
	].join('\n');
	return { text };
}

function said(text: string): string {
	return visibleLine(text).replace(/\*\)/g, '* )').replace(/\(\*/g, '( *');
}

function accessesOf(trace: AnalysedTrace): readonly Access[] {
	return trace.steps
		.filter((step) => !isAround(step))
		.flatMap(({ cpu, effects, frames: [innermost] }) => {
			const { cites, place } = innermost;
			const where =
				cites === null
					? `${place.path}:${place.line} ${innermost.function}()`
					: `${cites.path}: ${cites.function}()`;
			return effects.map((effect) => ({ ...effect, cpu, where }));
		});
}

/** Accesses to what several CPUs touch and one writes. */
function contended(accesses: readonly Access[]): readonly Access[] {
	return accesses.filter(({ location }) => {
		const same = accesses.filter((a) => a.location === location);
		return new Set(same.map((a) => a.cpu)).size > 1 && same.some((a) => a.wrote !== null);
	});
}

/** A name of C for each location. */
function namesOf(locations: readonly string[]): ReadonlyMap<string, string> {
	const names = new Map<string, string>();
	const taken = new Set<string>();
	for (const location of locations) {
		const word = location
			.split(/[^A-Za-z0-9]+/)
			.filter((w) => w !== '')
			.join('_');
		// registers are r0, r1 …; a keyword cannot end in a digit behind an underscore
		const base = /^(?:[A-Za-z]{3,40}_\w{1,60})$/.test(word) ? word : `loc_${word.slice(0, 60)}`;
		let name = base;
		for (let i = 2; taken.has(name); i++) name = `${base}_${i}`;
		taken.add(name);
		names.set(location, name);
	}
	return names;
}

/** Values of locations as numbers. */
class Values {
	readonly #known = new Map<string, string[]>();

	constructor({ initial }: Pick<AnalysedTrace, 'initial'>) {
		for (const { location, value } of initial) this.#known.set(location, [value]);
	}

	number(location: string, value: string): number {
		const known = this.#known.get(location) ?? [];
		this.#known.set(location, known);
		const at = known.indexOf(value);
		return at >= 0 ? at : known.push(value) - 1;
	}

	of(location: string): readonly string[] {
		return this.#known.get(location) ?? [];
	}
}
