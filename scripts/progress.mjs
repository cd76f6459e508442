/**
 * Progress of the scripts' long steps: on a terminal one line that updates, elsewhere a line when the step starts and
 * one when it ends.
 */

const live = process.stderr.isTTY === true;

/**
 * Runs one named step. `report` changes what stands behind the name (a percentage, a file name).
 * @template T
 * @param {string} name
 * @param {(report: (what: string) => void) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(name, work) {
	const started = process.hrtime.bigint();
	const elapsed = () => `${Number((process.hrtime.bigint() - started) / 1_000_000_000n)} s`;
	let what = '';
	const draw = () => {
		const line = `· ${name} ${what === '' ? '' : `${what} `}(${elapsed()})`;
		process.stderr.write(`\r\u001b[K${line.slice(0, (process.stderr.columns ?? 80) - 1)}`);
	};
	const clock = live ? setInterval(draw, 500) : null;
	if (live) draw();
	else process.stderr.write(`· ${name} …\n`);
	try {
		const result = await work((next) => {
			what = next;
		});
		process.stderr.write(`${live ? '\r\u001b[K' : ''}✓ ${name} (${elapsed()})\n`);
		return result;
	} catch (error) {
		process.stderr.write(`${live ? '\r\u001b[K' : ''}✗ ${name} (${elapsed()})\n`);
		throw error;
	} finally {
		if (clock !== null) clearInterval(clock);
	}
}
