/**
 * Moving through a run: which step a key or a command leads to. Shared by the panel's view and the host's commands.
 *
 * Invariant: the result is an index of `cpus`, or 0 when there is none; a motion that has nowhere to go stays.
 */

export type Motion = 'next' | 'previous' | 'first' | 'last' | 'nextSwitch' | 'previousSwitch';

/** The step that `motion` leads to from step `from`; `cpus` is the CPU of each step, in time order. */
export function move(cpus: readonly number[], from: number, motion: Motion): number {
	const last = Math.max(0, cpus.length - 1);
	switch (motion) {
		case 'next':
			return Math.min(last, from + 1);
		case 'previous':
			return Math.max(0, from - 1);
		case 'first':
			return 0;
		case 'last':
			return last;
		case 'nextSwitch':
			return switches(cpus).find((step) => step > from) ?? from;
		case 'previousSwitch':
			return switches(cpus).findLast((step) => step < from) ?? from;
	}
}

/** Steps at which another CPU goes on than the one that ran before; the first step counts. */
export function switches(cpus: readonly number[]): readonly number[] {
	return cpus.flatMap((cpu, step) => (step === 0 || cpu !== cpus[step - 1] ? [step] : []));
}

/**
 * The step at which a run is opened: the first switch to another CPU that goes on to change something, for the race begins there; the
 * first step where there is none. `changes`: the step writes something shared.
 */
export function openingStep(
	steps: readonly { readonly cpu: number; readonly changes: boolean }[],
): number {
	const all = switches(steps.map(({ cpu }) => cpu));
	const first = steps[0]?.cpu;
	return (
		all.find((step, i) => {
			const stretch = steps.slice(step, all[i + 1]);
			return steps[step]?.cpu !== first && stretch.some(({ changes }) => changes);
		}) ?? 0
	);
}

/** The motion a key of the panel stands for, null when it stands for none. Keys are `KeyboardEvent.key` values. */
export function motionOfKey(key: string): Motion | null {
	return KEYS.get(key) ?? null;
}

const KEYS: ReadonlyMap<string, Motion> = new Map([
	['j', 'next'],
	['ArrowDown', 'next'],
	['k', 'previous'],
	['ArrowUp', 'previous'],
	['Home', 'first'],
	['End', 'last'],
	['n', 'nextSwitch'],
	['p', 'previousSwitch'],
]);
