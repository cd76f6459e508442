/** The file of a baseline: written whole or not at all, beside where it stands. */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { UsageError } from './options.js';

export function writeBaseline(file: string, content: object): void {
	const beside = `${file}.${process.pid}.new`;
	try {
		writeFileSync(beside, `${JSON.stringify(content, null, '\t')}\n`, { flag: 'wx' });
		renameSync(beside, file);
	} catch (error) {
		rmSync(beside, { force: true });
		const { code } = error as { readonly code?: unknown };
		throw new UsageError(`cannot write the baseline ${file}: ${String(code ?? error)}`);
	}
}
