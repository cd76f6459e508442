/**
 * A link that opens a run: the function, the run's id, and the file by its path in an open folder, so that it means the same on
 * another machine.
 */

export interface LinkedRun {
	/** Path in a folder of the workspace, with forward slashes. */
	readonly file: string;
	readonly function: string;
	readonly trace: string;
}

const PATH = '/run';

/** `vscode://racewalk.racewalk/run?…`. */
export function runLink(
	run: LinkedRun,
	of: { readonly scheme: string; readonly id: string },
): string {
	const { file, function: name, trace } = run;
	return `${of.scheme}://${of.id}${PATH}?${new URLSearchParams({ file, function: name, trace })}`;
}

/** What a link names; null: it is none, or names a file outside of every folder. */
export function linkedRun({
	path,
	query,
}: {
	readonly path: string;
	readonly query: string;
}): LinkedRun | null {
	if (path !== PATH) return null;
	const given = new URLSearchParams(query);
	const [file, name, trace] = [given.get('file'), given.get('function'), given.get('trace')];
	if (file === null || name === null || trace === null) return null;
	const parts = file.split('/');
	const isInside = !file.includes('\\') && parts.every((part) => !['', '.', '..'].includes(part));
	if (!isInside || !/^[A-Za-z_]\w*$/.test(name)) return null;
	return { file, function: name, trace };
}
