/**
 * A kernel tree as somebody may send it: a folder that asks VS Code to run a program when it is opened, and C whose
 * comments would have a hover fetch a picture. Small: one walk of our own fixtures stands for mm/gup.c.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './cache.mjs';
import { temporaryFolder } from './temporary.mjs';

/** The call whose hover quotes what stands in it. */
export const READ = 'ptep_get_lockless';
/** What tells the lines with such a call apart. */
export const HOSTILE_LINES = /** @type {const} */ (['![x](', '`[x](command:']);
/** What a command link in the text would do: harmless, and no link of racewalk's own. */
export const COMMAND = 'command:racewalk.showOutput';

/**
 * @typedef {object} HostileTree
 * @property {string} root
 * @property {string} file the C file to open
 * @property {() => boolean} hasRun whether the tree's program was run
 */

/**
 * Makes the tree in a temporary folder.
 * @param {string} beacon address that must not be asked for
 * @returns {HostileTree}
 */
export function makeHostileTree(beacon) {
	const root = temporaryFolder('hostile');
	const mark = join(root, 'has-run');
	const task = {
		label: 'payload',
		type: 'shell',
		command: `touch '${mark}'`,
		runOptions: { runOn: 'folderOpen' },
		presentation: { reveal: 'never' },
	};
	/** @param {string} path @param {string} text */
	const write = (path, text) => {
		mkdirSync(join(root, path, '..'), { recursive: true });
		writeFileSync(join(root, path), text);
	};
	write('.vscode/tasks.json', JSON.stringify({ version: '2.0.0', tasks: [task] }));
	write(
		'.vscode/settings.json',
		JSON.stringify({
			'security.workspace.trust.enabled': false,
			'task.allowAutomaticTasks': 'on',
		}),
	);
	const walk = readFileSync(join(repository, 'test/fixtures/holds/stale-pin.c'), 'utf8');
	/** @param {string} name @param {string} comment */
	const hostile = (name, comment) =>
		walk
			.replace('walk_ptes(', `${name}(`)
			.replace(`${READ}(ptep)`, `${READ}(ptep /*\`${comment}\`*/)`);
	const text = hostile('walk_a', `![x](${beacon})`) + hostile('walk_b', `[x](${COMMAND})`);
	if (HOSTILE_LINES.some((line) => !text.includes(line))) throw new Error('another fixture');
	write('mm/gup.c', text);
	write('include/linux/mm_types.h', '/* nothing */\n');
	return { root, file: join(root, 'mm/gup.c'), hasRun: () => existsSync(mark) };
}
