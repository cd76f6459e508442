/**
 * Runs racewalk's own command line on commits, with the program that runs the extension. It has git read the repository's objects
 * (docs/security.md, Commits); the extension runs no git.
 *
 * Invariant: nothing is run but by a command of the user's; what the user types is one name of a commit or nothing.
 */
import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { t } from '../view/words.js';
import type { ReviewedCommits } from './delta.js';

export interface CommitsAsked {
	/** The extension's command line. */
	readonly cli: string;
	/** The repository, which is a kernel tree. */
	readonly folder: string;
	/** The commit before the first that is reviewed. */
	readonly since: string;
	readonly arch: string;
	readonly memory: string;
	/** Seconds for each file. */
	readonly budget: number;
}

/** Told to stop it. */
export interface Stopping {
	readonly onCancellationRequested: (stop: () => void) => { dispose(): unknown };
}

export type ReviewOutcome =
	| { readonly kind: 'reviewed'; readonly review: ReviewedCommits }
	/** A sentence that says why not. */
	| { readonly kind: 'refused'; readonly why: string };

/** A name of a commit that is no option and no range. */
const COMMIT = /^[\w/@][\w./+@~^-]{0,249}$/;
const OUTPUT_MAX = 256 * 1024 * 1024;
/** Characters of what it complains of that are shown. */
const WHY_MAX = 2000;
/** Milliseconds in which it tells what it has once it is stopped. */
const GRACE = 5000;

export function isCommit(name: string): boolean {
	return COMMIT.test(name) && !name.includes('..');
}

export function argumentsOf({ cli, folder, since, arch, memory, budget }: CommitsAsked): string[] {
	const options = {
		tree: folder,
		format: 'json',
		arch,
		memory,
		budget: `${budget}`,
		color: 'never',
	};
	const given = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
	return [cli, 'review', ...given, '--texts', `${since}..`, '--'];
}

/** Reviews the commits since one; those that are done when it is stopped. */
export function reviewCommits(asked: CommitsAsked, token: Stopping): Promise<ReviewOutcome> {
	return new Promise((resolve) => {
		const child = spawn(process.execPath, argumentsOf(asked), {
			cwd: dirname(asked.cli),
			env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
			stdio: ['ignore', 'pipe', 'pipe'],
			windowsHide: true,
		});
		const parts: Buffer[] = [];
		let size = 0;
		let why = '';
		let grace: ReturnType<typeof setTimeout> | undefined;
		child.stdout.on('data', (part: Buffer) => {
			size += part.length;
			if (size > OUTPUT_MAX) child.kill('SIGKILL');
			else parts.push(part);
		});
		child.stderr.on('data', (part: Buffer) => {
			why = `${why}${part}`.slice(-WHY_MAX);
		});
		const stopping = token.onCancellationRequested(() => {
			child.kill('SIGINT');
			grace = setTimeout(() => child.kill('SIGKILL'), GRACE);
		});
		const end = (outcome: ReviewOutcome): void => {
			clearTimeout(grace);
			stopping.dispose();
			resolve(outcome);
		};
		child.on('error', (error) => end({ kind: 'refused', why: error.message }));
		child.on('close', (code) => {
			const decided = code === 0 || code === 1 || code === 3;
			end(
				decided
					? reviewedIn(Buffer.concat(parts).toString('utf8'))
					: { kind: 'refused', why: sentence(why) },
			);
		});
	});
}

function reviewedIn(text: string): ReviewOutcome {
	try {
		return { kind: 'reviewed', review: JSON.parse(text) as ReviewedCommits };
	} catch {
		return { kind: 'refused', why: t('the review did not end') };
	}
}

/** What the command line complains of, without its name. */
function sentence(complaint: string): string {
	const said = complaint.trim().replace(/^racewalk: /gm, '');
	return said === '' ? t('the review was stopped') : said;
}
