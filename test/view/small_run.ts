/** Steps of runs for the tests of the panel. */
import type { TracePanelStep } from '../../server/protocol.js';

type Effect = readonly [location: string, read: string | null, wrote: string | null];

export function step(cpu: number, text: string, ...effects: readonly Effect[]): TracePanelStep {
	const place = { path: 'mm/gup.c', line: 1, column: 1, endLine: 1, endColumn: 2 };
	return {
		cpu,
		thread: cpu === 0 ? 'walk' : 'zap',
		function: 'f',
		place,
		text,
		what: effects.map(([location]) => location).join(', '),
		effects: effects.map(([location, read, wrote]) => ({ location, read, wrote })),
		stack: [],
		violation: null,
	};
}
