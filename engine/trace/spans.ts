/**
 * Collects what CPUs are in or hold while a trace is made, step by step.
 *
 * Invariant: a span is opened by what the run does and by nothing that is assumed of it.
 */
import type { Span } from './trace.js';

type Held = Pick<Span, 'cpu' | 'kind' | 'what'>;

export class Spans {
	private readonly list: Span[] = [];

	/** Held from step `at` on, or before the first step; what is held already stays. */
	open(held: Held, at: number | null): void {
		if (this.index(held) < 0) this.list.push({ ...held, from: at, to: null });
	}

	/** Given back by step `at`; what is not held is left alone. */
	close(held: Held, at: number): void {
		const index = this.index(held);
		const span = this.list[index];
		if (span !== undefined) this.list[index] = { ...span, to: at };
	}

	/** Of a run of so many steps: what begins behind the last one or ends there is not seen to. */
	of(steps: number): readonly Span[] {
		return this.list
			.filter(({ from }) => from === null || from < steps)
			.map((span) => (span.to !== null && span.to >= steps ? { ...span, to: null } : span));
	}

	private index({ cpu, kind, what }: Held): number {
		return this.list.findIndex(
			(span) => span.to === null && span.cpu === cpu && span.kind === kind && span.what === what,
		);
	}
}
