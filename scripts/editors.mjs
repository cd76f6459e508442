/**
 * `npm run editors [-- NAME...]`: tries the set-ups of README in the editors themselves, without a window, and prints a table: which
 * editor, which version, what it showed of a walk that lacks its second look at the entry. Editors are those of Debian 13, unpacked
 * in the cache with all that they load, and the one on PATH where there is one.
 *
 * Leaves out: vim, for whose language clients Debian has no package.
 *
 * Invariant: a set-up is the text that README has; an editor is right only if it says the finding's own words.
 */
import { spawnSync } from 'node:child_process';
import {
	chmodSync,
	copyFileSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { cache, cached, repository } from './cache.mjs';
import { must, run, which } from './command.mjs';
import { step } from './progress.mjs';
import { temporaryFolder } from './temporary.mjs';

/** What an editor has to show: the beginning of a finding's message. */
const EXPECTED = 'pages[0] was returned, but its PTE no longer mapped';
/** Seconds one editor may take. */
const SECONDS_MAX = 180;

/**
 * @typedef {object} Place
 * @property {string} file the walk
 * @property {string} home an empty home folder, with `bin/racewalk` in it
 */

/**
 * @typedef {object} Editor
 * @property {string} program
 * @property {string} package Debian's name
 * @property {(readme: string, place: Place) => readonly string[]} prepare writes the set-up, gives the arguments
 * @property {(place: Place) => string} shown what it showed
 * @property {boolean} [terminal] it runs in a terminal only
 * @property {(root: string) => Record<string, string>} env where its own files are below a root
 */

/** @type {Readonly<Record<string, Editor>>} */
const EDITORS = {
	neovim: {
		program: 'nvim',
		package: 'neovim',
		env: (root) => ({ VIMRUNTIME: join(root, 'usr/share/nvim/runtime') }),
		prepare: (readme, { file, home }) => {
			const setup = between(readme, '- Neovim: `', '`');
			const out = join(home, 'out.txt');
			const script = `vim.cmd.edit(${JSON.stringify(file)})
${setup}
local function said()
	local texts = {}
	for _, d in ipairs(vim.diagnostic.get(0)) do table.insert(texts, d.message) end
	return table.concat(texts, '\\n')
end
vim.wait(${(SECONDS_MAX - 20) * 1000}, function() return said():find(${JSON.stringify(EXPECTED)}, 1, true) ~= nil end, 200)
vim.fn.writefile(vim.split(said(), '\\n'), ${JSON.stringify(out)})
vim.cmd('qa!')
`;
			writeFileSync(join(home, 'try.lua'), script);
			return ['--clean', '--headless', '-c', `luafile ${join(home, 'try.lua')}`];
		},
		shown: ({ home }) => textOf(join(home, 'out.txt')),
	},
	emacs: {
		program: 'emacs-nox',
		package: 'emacs-nox',
		env: (root) => emacsFolders(root),
		prepare: (readme, { file, home }) => {
			const setup = between(readme, '- Emacs, eglot: `', '`');
			const out = join(home, 'out.txt');
			const script = `(require 'eglot)
(require 'flymake)
${setup}
(find-file ${JSON.stringify(file)})
(c-mode)
(let ((eglot-sync-connect 60)) (apply #'eglot (eglot--guess-contact)))
(let ((end (+ (float-time) ${SECONDS_MAX - 30})) (said ""))
  (while (and (< (float-time) end) (not (string-search ${JSON.stringify(EXPECTED)} said)))
    (accept-process-output nil 0.5)
    (flymake-start)
    (setq said (mapconcat #'flymake-diagnostic-text (flymake-diagnostics) "\\n")))
  (with-temp-file ${JSON.stringify(out)} (insert said)))
(kill-emacs 0)
`;
			writeFileSync(join(home, 'try.el'), script);
			return ['--batch', '-Q', '-l', join(home, 'try.el')];
		},
		shown: ({ home }) => textOf(join(home, 'out.txt')),
	},
	helix: {
		program: 'hx',
		package: 'hx',
		terminal: true,
		env: (root) => ({ HELIX_RUNTIME: join(root, 'usr/lib/hx/runtime') }),
		prepare: (readme, { file, home }) => {
			const config = join(home, '.config/helix');
			mkdirSync(config, { recursive: true });
			writeFileSync(join(config, 'languages.toml'), between(readme, '```toml\n', '```'));
			return ['-vv', '--log', join(home, 'hx.log'), file];
		},
		shown: ({ home }) => textOf(join(home, 'hx.log')),
	},
};

/** @param {string} readme @param {string} from @param {string} to */
function between(readme, from, to) {
	const start = readme.indexOf(from);
	if (start < 0) throw new Error(`README.md has no ${from}`);
	return readme.slice(start + from.length, readme.indexOf(to, start + from.length));
}

/** @param {string} path */
function textOf(path) {
	return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** @param {string} root @returns {Record<string, string>} */
function emacsFolders(root) {
	const share = join(root, 'usr/share/emacs');
	const [version = ''] = existsSync(share) ? readdirSync(share).filter((n) => /^\d/.test(n)) : [];
	const libexec = join(root, 'usr/libexec/emacs', version);
	const [host = ''] = existsSync(libexec) ? readdirSync(libexec) : [];
	const lisp = join(share, version, 'lisp');
	const folders = existsSync(lisp)
		? readdirSync(lisp, { withFileTypes: true }).filter((e) => e.isDirectory())
		: [];
	return {
		EMACSLOADPATH: [lisp, ...folders.map((e) => join(lisp, e.name))].join(':'),
		EMACSDATA: join(share, version, 'etc'),
		EMACSDOC: join(share, version, 'etc'),
		EMACSPATH: join(libexec, host),
	};
}

/** Debian 13's editors with all that they load, unpacked in the cache; no root is needed. */
function debian() {
	return cached('editors/trixie', async (folder) => {
		const state = join(cache, 'apt-trixie');
		for (const name of ['lists/partial', 'archives/partial'])
			mkdirSync(join(state, name), { recursive: true });
		const keys = '/usr/share/keyrings/debian-archive-keyring.gpg';
		const line = `deb [signed-by=${keys}] http://deb.debian.org/debian trixie main\n`;
		writeFileSync(join(state, 'sources.list'), line);
		// nothing counts as installed: what an editor loads comes with it
		writeFileSync(join(state, 'status'), '');
		const options = Object.entries({
			'Dir::Etc::sourcelist': join(state, 'sources.list'),
			'Dir::Etc::sourceparts': '-',
			'Dir::State::lists': join(state, 'lists'),
			'Dir::State::status': join(state, 'status'),
			'Dir::Cache': state,
			'Debug::NoLocking': '1',
			...(process.getuid?.() === 0 ? { 'APT::Sandbox::User': 'root' } : {}),
		}).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
		const packages = Object.values(EDITORS).map((editor) => editor.package);
		await step('downloading editors of Debian 13 (about 90 MB)', async () => {
			await must('apt-get', [...options, 'update']);
			const install = ['-y', '--no-install-recommends', '--download-only', 'install'];
			await must('apt-get', [...options, ...install, ...packages]);
		});
		for (const name of readdirSync(join(state, 'archives')).filter((n) => n.endsWith('.deb')))
			await must('dpkg-deb', ['-x', join(state, 'archives', name), folder]);
	});
}

/** How a program of an unpacked Debian is started: by its own loader, with its own libraries. @param {string} root */
function loaderOf(root) {
	const libraries = join(root, 'usr/lib/x86_64-linux-gnu');
	return [join(libraries, 'ld-linux-x86-64.so.2'), '--library-path', libraries];
}

/** A tree with one walk, and a home with the command in it. @returns {Place} */
function place() {
	const home = temporaryFolder('editor');
	const tree = join(home, 'tree');
	for (const folder of ['tree/mm', 'tree/include/linux', 'bin'])
		mkdirSync(join(home, folder), { recursive: true });
	writeFileSync(join(tree, 'Kbuild'), '');
	const file = join(tree, 'mm/walk.c');
	copyFileSync(join(repository, 'test/fixtures/violated/stale-pin.c'), file);
	const command = join(home, 'bin/racewalk');
	const cli = join(repository, 'dist/cli.js');
	writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${cli}' "$@"\n`);
	chmodSync(command, 0o755);
	return { file, home };
}

/**
 * Starts an editor on the walk and says what came of it.
 * @param {Editor} editor
 * @param {readonly string[]} command
 * @param {Record<string, string>} env
 */
async function tried(editor, command, env) {
	const at = place();
	const readme = readFileSync(join(repository, 'README.md'), 'utf8');
	const args = editor.prepare(readme, at);
	const environment = {
		...{ ...process.env, ...env, HOME: at.home, TERM: 'xterm-256color' },
		...{ XDG_CONFIG_HOME: join(at.home, '.config'), PATH: `${at.home}/bin:${process.env['PATH']}` },
	};
	const begun = Date.now();
	const words = [...command, ...args];
	if (editor.terminal === true) {
		const typed = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
		const child = run('timeout', [`${SECONDS_MAX}`, 'script', '-qec', typed, '/dev/null'], {
			...{ env: environment, quiet: true },
		});
		let isOver = false;
		void child.finally(() => {
			isOver = true;
		});
		while (!isOver && !editor.shown(at).includes(EXPECTED))
			await new Promise((done) => setTimeout(done, 300));
		return resultOf(editor, at, begun);
	}
	const { status, output } = await run('timeout', [`${SECONDS_MAX}`, ...words], {
		...{ env: environment, quiet: true },
	});
	const result = resultOf(editor, at, begun);
	if (!result.isRight) console.error(`it ended with ${status}:\n${output.slice(-2000)}`);
	return result;
}

/** @param {Editor} editor @param {Place} at @param {number} begun */
function resultOf(editor, at, begun) {
	const isRight = editor.shown(at).includes(EXPECTED);
	return { isRight, seconds: Math.round((Date.now() - begun) / 1000) };
}

/** @param {readonly string[]} command @param {Record<string, string>} env */
function versionOf(command, env) {
	const [program = '', ...args] = command;
	const asked = spawnSync(program, [...args, '--version'], {
		env: { ...process.env, ...env },
		encoding: 'utf8',
	});
	return /\d+\.\d+[\w.]*/.exec(asked.stdout ?? '')?.[0] ?? 'of an unknown version';
}

const wanted = process.argv.slice(2);
const names = Object.keys(EDITORS).filter((name) => wanted.length === 0 || wanted.includes(name));
const root = await debian();
let wrong = 0;
console.log('| editor | version | from | finding shown |\n|---|---|---|---|');
for (const name of names) {
	const editor = /** @type {Editor} */ (EDITORS[name]);
	const program = join(root, 'usr/bin', editor.program);
	const own = which(editor.program);
	const ways = [
		{ from: 'Debian 13', command: [...loaderOf(root), program], env: editor.env(root) },
		...(own === null ? [] : [{ from: 'PATH', command: [own], env: {} }]),
	];
	for (const { from, command, env } of ways) {
		const version = versionOf(command, env);
		const { isRight, seconds } = await tried(editor, command, env);
		if (!isRight) wrong++;
		const shown = isRight ? `yes, after ${seconds} s` : 'NO';
		console.log(`| ${name} | ${version} | ${from} | ${shown} |`);
	}
}
process.exit(wrong === 0 ? 0 : 1);
