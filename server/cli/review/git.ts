/**
 * git, run to read objects and for nothing else. It sees an empty repository of our own (`git_folder.ts`) whose objects are the
 * other's, an environment made from nothing, and options that switch off what could run a program even so.
 *
 * Invariant: no other file of racewalk runs git, and this one runs only the commands of `READING`.
 */
import { spawnSync } from 'node:child_process';
import { delimiter, isAbsolute, join } from 'node:path';
import { type Asking, ask, DISK, now } from '../../reading/disk.js';
import { UsageError } from '../options.js';
import { borrowed, type Repository, strangeIn } from './git_folder.js';

/** What is run: each only reads. */
export type Reading =
	| 'rev-parse'
	| 'rev-list'
	| 'cat-file'
	| 'ls-tree'
	| 'ls-files'
	| 'diff-tree'
	| 'diff-index';

export interface Git {
	run(command: Reading, args: readonly string[], input?: string): Buffer;
	end(): void;
}

/** What git says on standard output, at most. */
const OUTPUT_MAX = 1_000_000_000;
/** Seconds that one command may take at most. */
const TIME_MAX = 120;

export interface GitLimit {
	/** Seconds that git may take altogether; absent: as long as each command takes at most. */
	readonly budget?: number;
}

/** No hooks, no monitor, no pager, no editor, no attributes, no transport. */
const OFF = [
	...['core.hooksPath=/dev/null', 'core.fsmonitor=false', 'core.pager=cat', 'core.editor=false'],
	...['core.attributesFile=/dev/null', 'core.sshCommand=false', 'core.gitProxy=false'],
	...['diff.external=', 'credential.helper=', 'protocol.allow=never', 'gc.auto=0'],
].flatMap((setting) => ['-c', setting]);

/** git was ended, not answered by: nothing is known of what it was asked. */
export class GitEnded extends UsageError {}

export function openGit(repository: Repository, { budget }: GitLimit): Git {
	const program = gitProgram();
	const strange = strangeIn(repository);
	if (strange !== null) throw new UsageError(strange);
	let left = budget === undefined ? Number.POSITIVE_INFINITY : budget * 1000;
	const { folder, end } = borrowed(repository);
	const env = {
		PATH: process.env['PATH'] ?? '',
		...(process.env['SystemRoot'] === undefined ? {} : { SystemRoot: process.env['SystemRoot'] }),
		HOME: join(folder, 'home'),
		XDG_CONFIG_HOME: join(folder, 'home'),
		LC_ALL: 'C',
		GIT_DIR: folder,
		GIT_INDEX_FILE: join(repository.own, 'index'),
		GIT_CONFIG_NOSYSTEM: '1',
		GIT_CONFIG_GLOBAL: '/dev/null',
		GIT_ATTR_NOSYSTEM: '1',
		GIT_NO_REPLACE_OBJECTS: '1',
		GIT_NO_LAZY_FETCH: '1',
		GIT_ALLOW_PROTOCOL: 'none',
		GIT_TERMINAL_PROMPT: '0',
		GIT_OPTIONAL_LOCKS: '0',
		GIT_PAGER: 'cat',
	};
	return {
		end,
		run(command, args, input = '') {
			const all = ['--no-pager', '--no-optional-locks', '--no-replace-objects', ...OFF, command];
			const limit = Math.max(Math.ceil(Math.min(left, TIME_MAX * 1000)), 1);
			const begun = performance.now();
			const ended = spawnSync(program, [...all, ...args], {
				cwd: folder,
				env,
				input,
				maxBuffer: OUTPUT_MAX,
				timeout: limit,
				killSignal: 'SIGKILL',
				windowsHide: true,
			});
			const spent = performance.now() - begun;
			left -= spent;
			if (ended.status !== 0 && spent >= limit)
				throw new GitEnded(
					left <= 0
						? `git ${command} was ended: git took more than ${budget} s altogether`
						: `git ${command} was ended: it took more than ${TIME_MAX} s`,
				);
			if (ended.status === 0) return ended.stdout;
			const said = ended.error?.message ?? ended.stderr.toString('utf8').trim();
			throw new UsageError(`git ${command} failed: ${said.slice(0, 500)}`);
		},
	};
}

/** git as PATH has it, from folders with a full name: one that is relative would be taken from wherever we stand. */
function gitProgram(): string {
	const names = process.platform === 'win32' ? ['git.exe'] : ['git'];
	for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
		if (!isAbsolute(folder)) continue;
		for (const name of names) if (now(isFile(join(folder, name)))) return join(folder, name);
	}
	throw new UsageError('git is not on PATH: give the patch as a file, with --tree');
}

function* isFile(path: string): Asking<boolean> {
	try {
		return (yield* ask(DISK.look(yield* ask(DISK.real(path))))).kind === 'file';
	} catch {
		return false;
	}
}
