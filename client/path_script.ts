/**
 * `racewalk` in a folder of PATH: a script that runs the extension's command line with the program that runs the extension. Written
 * when the user asks for it, and nowhere else than where this says.
 */
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { t } from './view/words.js';

/** By this line a script is known to be ours. */
const MARK = '# written by the racewalk extension';

export type Installed =
	| { readonly kind: 'written'; readonly path: string; readonly isOnPath: boolean }
	/** A sentence that says what is in the way. */
	| { readonly kind: 'refused'; readonly why: string };

/** Writes the script; one that is not ours stays. */
export function installInPath({
	cli,
	program,
	home,
	path,
}: {
	/** The extension's command line. */
	readonly cli: string;
	/** What runs JavaScript here. */
	readonly program: string;
	readonly home: string;
	readonly path: string;
}): Installed {
	const folder = join(home, '.local/bin');
	const script = join(folder, 'racewalk');
	const there = textAt(script);
	if (there !== null && !there.includes(MARK))
		return { kind: 'refused', why: t("{0} is there already, and is not the extension's", script) };
	try {
		mkdirSync(folder, { recursive: true });
		const fresh = `${script}.${process.pid}`;
		writeFileSync(fresh, scriptFor({ cli, program }), { flag: 'wx' });
		chmodSync(fresh, 0o755);
		renameSync(fresh, script);
	} catch (error) {
		const why = error instanceof Error ? error.message : String(error);
		return { kind: 'refused', why: t('{0} cannot be written: {1}', script, why) };
	}
	return { kind: 'written', path: script, isOnPath: path.split(delimiter).includes(folder) };
}

function textAt(path: string): string | null {
	try {
		return readFileSync(path, 'utf8');
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'ENOENT' ? null : '';
	}
}

function scriptFor({ cli, program }: { readonly cli: string; readonly program: string }): string {
	return `#!/bin/sh
${MARK}
cli=${quoted(cli)}
if [ ! -f "$cli" ]; then
	echo "racewalk: the extension was updated or is gone: run its command Install 'racewalk' in PATH again" >&2
	exit 2
fi
# an editor's own program is Node when it is told so
ELECTRON_RUN_AS_NODE=1 exec ${quoted(program)} "$cli" "$@"
`;
}

/** One word of sh. */
function quoted(text: string): string {
	return `'${text.replaceAll("'", "'\\''")}'`;
}
