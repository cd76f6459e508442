/**
 * A kernel tree as somebody may send it: a folder that asks VS Code to run a program when it is opened, and C whose
 * comments would have a hover fetch a picture. Small: one walk of our own fixtures stands for mm/gup.c.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './cache.mjs';
import { temporaryFolder } from './temporary.mjs';

/** The read that is hovered, as the fixture has it. */
const READ = 'ptep_get_lockless(ptep)';

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
	if (!walk.includes(READ)) throw new Error(`the fixture has no ${READ}`);
	const spoken = `/*\`![x](${beacon})\` <img src="${beacon}"> [x](command:workbench.action.files.newUntitledFile)*/`;
	write('mm/gup.c', walk.replace(READ, `ptep_get_lockless(ptep ${spoken})`));
	write('include/linux/mm_types.h', '/* nothing */\n');
	return { root, file: join(root, 'mm/gup.c'), hasRun: () => existsSync(mark) };
}
