/** What a command does when the user interrupts it: it stops, and tells what it has. */

export interface Interruption {
	/** Has null once the user interrupts. */
	readonly promise: Promise<null>;
	end(): void;
}

/** Hears of the first Ctrl-C; the second ends the process. */
export function interrupted(): Interruption {
	let stop = (): void => {};
	const promise = new Promise<null>((resolve) => {
		stop = () => resolve(null);
	});
	process.once('SIGINT', stop);
	return { promise, end: () => process.removeListener('SIGINT', stop) };
}
