/**
 * code-server: a real VS Code with a real extension host, served to a browser on loopback. Installed from the npm
 * registry into the cache with no script of any package (they fetch from hosts that may be out of reach, and run as
 * whoever installs); only the native modules it loads at run time are compiled, each by its name.
 *
 * Invariant: it listens on a Unix socket in a folder of mode 700 and is reached through `door.mjs` alone; workspace trust
 * is on.
 */
import { existsSync, mkdirSync, openSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cache, cached } from './cache.mjs';
import { must, run, start, stop, which } from './command.mjs';
import { openDoor } from './door.mjs';
import { downloadPackage, needPrograms } from './packages.mjs';
import { step } from './progress.mjs';
import { removeTemporary, temporaryFolder } from './temporary.mjs';

/** Runs on Node 20; VS Code 1.100.3 inside. */
const VERSION = '4.100.3';
/** Of its tarball, as the registry states it; the shrinkwraps inside have those of all its packages. */
const INTEGRITY =
	'sha512-q/Fh2DOxCRNhC/WiG/6sAhSKnj7ZACTVBaeeZ+rWjol//0FCbl/qg1ln5ecZ99jYcfqMxZZAyWcN+YBIo0DgpA==';
/**
 * The packages whose install scripts run, to compile them: argon2, which the server loads at its start, and the native
 * modules of its VS Code part that the server or its extension host load on Linux.
 */
export const COMPILED = {
	server: ['argon2'],
	workbench: ['@vscode/spdlog', 'node-pty', 'native-watchdog'],
};

/** Settings for a workbench that keeps quiet: nothing fetched, nothing popping up over the editor. */
const SETTINGS = {
	// a browser workbench saves by itself; the tree on disk is the user's
	'files.autoSave': 'off',
	// a tree begins in Restricted Mode, where nothing of it runs; it is trusted only by whoever says so
	'security.workspace.trust.enabled': true,
	'security.workspace.trust.startupPrompt': 'never',
	'security.workspace.trust.banner': 'always',
	// and even then nothing runs by itself
	'task.allowAutomaticTasks': 'off',
	'telemetry.telemetryLevel': 'off',
	'workbench.startupEditor': 'none',
	'workbench.colorTheme': 'Default Dark Modern',
	'workbench.enableExperiments': false,
	'workbench.tips.enabled': false,
	'workbench.secondarySideBar.defaultVisibility': 'hidden',
	'extensions.autoUpdate': false,
	'extensions.autoCheckUpdates': false,
	'extensions.ignoreRecommendations': true,
	'extensions.verifySignature': false,
	'update.mode': 'none',
	'chat.commandCenter.enabled': false,
	'editor.minimap.enabled': false,
	'git.openRepositoryInParentFolders': 'never',
	// As the kernel indents.
	'[c]': { 'editor.tabSize': 8, 'editor.insertSpaces': false, 'editor.detectIndentation': false },
};

/**
 * Installs code-server into the cache unless it is there. Resolves to its entry file.
 * @returns {Promise<string>}
 */
export async function installCodeServer() {
	const folder = await cached(`code-server/${VERSION}`, (partial) =>
		step(`installing code-server ${VERSION}, 300 MB (a minute or two)`, (report) =>
			install(partial, report),
		),
	);
	return join(folder, 'node_modules/code-server/out/node/entry.js');
}

/** @param {string} folder @param {(what: string) => void} report */
async function install(folder, report) {
	await needPrograms(['python3', 'make', 'g++']);
	const env = compilerEnvironment();
	const packages = ['install', '--ignore-scripts', '--omit=dev'];
	const top = join(folder, 'node_modules/code-server');
	const vscode = join(top, 'lib/vscode');
	writeFileSync(join(folder, 'package.json'), '{"private":true}\n');
	report('server');
	await must('npm', [...packages, `code-server@${VERSION}`], { cwd: folder, env });
	const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'));
	const { integrity } = lock.packages['node_modules/code-server'];
	if (integrity !== INTEGRITY) throw new Error(`code-server ${VERSION} is another: ${integrity}`);
	report('workbench');
	await must('npm', packages, { cwd: vscode, env });
	report('built-in extensions');
	await must('npm', packages, { cwd: join(vscode, 'extensions'), env });
	const rebuild = ['rebuild', '--ignore-scripts=false'];
	for (const name of COMPILED.server) {
		report(`compiling ${name}`);
		await must('npm', [...rebuild, `--build-from-source=${name}`, name], { cwd: folder, env });
	}
	for (const name of COMPILED.workbench) {
		report(`compiling ${name}`);
		await must('npm', [...rebuild, name], { cwd: vscode, env });
	}
	// VS Code of this age resolves its modules through this name.
	symlinkSync('node_modules', join(vscode, 'node_modules.asar'));
	for (const { link, target } of [
		{ link: 'bin/remote-cli/code-server', target: 'code-linux.sh' },
		{ link: 'bin/helpers/browser.sh', target: 'browser-linux.sh' },
	]) {
		const path = join(vscode, link);
		if (existsSync(dirname(path)) && !existsSync(path)) symlinkSync(target, path);
	}
	await placeRipgrep(join(vscode, 'node_modules/@vscode/ripgrep/bin'), report);
}

/** @returns {NodeJS.ProcessEnv} */
function compilerEnvironment() {
	/** @type {NodeJS.ProcessEnv} */
	const env = { ...process.env, npm_config_loglevel: 'error', npm_config_yes: 'true' };
	for (const name of Object.keys(env)) {
		// `npm test` hands its own package down in these; they would confuse the installs inside.
		if (/^npm_(package|lifecycle)_/.test(name) || name === 'INIT_CWD') delete env[name];
	}
	const prefix = dirname(dirname(process.execPath));
	// Headers beside this very Node save node-gyp a download.
	if (existsSync(join(prefix, 'include/node/node.h'))) env['npm_config_nodedir'] ??= prefix;
	return env;
}

/**
 * The workbench's text search wants ripgrep: the system's, else Debian's package unpacked; searching is all that is
 * lost when neither works.
 * @param {string} folder
 * @param {(what: string) => void} report
 */
async function placeRipgrep(folder, report) {
	report('ripgrep');
	mkdirSync(folder, { recursive: true });
	const own = which('rg');
	if (own !== null) return symlinkSync(own, join(folder, 'rg'));
	const work = temporaryFolder('ripgrep');
	try {
		const archive = await downloadPackage('ripgrep', work);
		await must('dpkg-deb', ['-x', archive, work]);
		await must('cp', [join(work, 'usr/bin/rg'), join(folder, 'rg')]);
	} catch {
		process.stderr.write('  no ripgrep: searching in files will not work in this VS Code\n');
	} finally {
		removeTemporary(work);
	}
}

/**
 * @typedef {object} CodeServer
 * @property {string} url `http://127.0.0.1:PORT/PATH`; answers nobody who has no token
 * @property {(query: URLSearchParams) => string} address what to open in a browser, token included
 * @property {string} home its folder, of mode 700, removed at the end
 * @property {(path: string) => string} remote URI of an absolute path as the workbench names it
 * @property {string} log file with everything the server printed
 * @property {Promise<void>} ended resolves when the server is gone
 * @property {() => Promise<void>} stop ends it and removes its folders
 */

/**
 * Starts a server with empty user data behind a door on a free loopback port. Resolves when it answers.
 * @param {object} options
 * @param {string} options.entry from `installCodeServer`
 * @param {readonly string[]} [options.extensions] .vsix files to install first
 * @param {Record<string, unknown>} [options.settings] user settings over the quiet ones
 * @param {Record<string, string>} [options.env] reaches the extension host
 * @returns {Promise<CodeServer>}
 */
export async function startCodeServer({ entry, extensions = [], settings = {}, env = {} }) {
	const home = temporaryFolder('code');
	const user = join(home, 'data/User');
	for (const folder of [user, join(home, 'extensions'), join(home, 'run')]) {
		mkdirSync(folder, { recursive: true, mode: 0o700 });
	}
	writeFileSync(join(user, 'settings.json'), JSON.stringify({ ...SETTINGS, ...settings }));
	writeFileSync(join(home, 'config.yaml'), 'auth: none\n');
	const socket = join(home, 'http.sock');
	const args = [
		...[entry, '--config', join(home, 'config.yaml'), '--auth', 'none'],
		...['--disable-telemetry', '--disable-update-check', '--disable-proxy'],
		...['--disable-getting-started-override', '--user-data-dir', join(home, 'data')],
		...['--extensions-dir', join(home, 'extensions')],
	];
	const environment = serverEnvironment(home, env);
	for (const extension of extensions) {
		await must(process.execPath, [...args, '--install-extension', resolve(extension), '--force'], {
			env: environment,
		});
	}
	const log = join(home, 'server.log');
	const stream = openSync(log, 'w');
	const child = start(process.execPath, [...args, '--socket', socket, '--socket-mode', '600'], {
		env: environment,
		stdio: ['ignore', stream, stream],
	});
	const ended = new Promise((done) => child.once('exit', () => done(undefined)));
	await listening(child, socket, log);
	const door = await openDoor(socket);
	return {
		url: door.url,
		address: door.address,
		home,
		remote: (path) => `vscode-remote://${new URL(door.url).host}${path}`,
		log,
		ended: ended.then(() => {}),
		stop: async () => {
			door.close();
			await stop(child);
			removeTemporary(home);
		},
	};
}

/** @param {string} home @param {Record<string, string>} env */
function serverEnvironment(home, env) {
	const xdg = join(home, 'xdg');
	/** @type {NodeJS.ProcessEnv} */
	const environment = {
		// sockets of the extension host; a session's own folder is of mode 700 as well
		XDG_RUNTIME_DIR: join(home, 'run'),
		...process.env,
		EXTENSIONS_GALLERY: '{}',
		XDG_CONFIG_HOME: xdg,
		XDG_DATA_HOME: xdg,
		XDG_CACHE_HOME: xdg,
		...env,
	};
	for (const name of Object.keys(environment)) {
		// of a code-server this one is started in, and `npm start`'s own
		const isForeign = /^(?:CODE_SERVER_|CS_|VSCODE_IPC_HOOK|npm_(?:config|package|lifecycle)_)/;
		if (isForeign.test(name)) delete environment[name];
	}
	for (const name of ['NODE_OPTIONS', 'PORT', 'PASSWORD', 'HASHED_PASSWORD', 'INIT_CWD']) {
		delete environment[name];
	}
	return environment;
}

/**
 * Waits until the server answers its health check.
 * @param {import('node:child_process').ChildProcess} child
 * @param {string} socket
 * @param {string} log
 */
async function listening(child, socket, log) {
	for (let tenths = 0; tenths < 600; tenths++) {
		if (existsSync(socket) && (await isHealthy(socket))) return;
		if (child.exitCode !== null || child.signalCode !== null) {
			throw new Error(`code-server ended at once:\n${readFileSync(log, 'utf8').slice(-2000)}`);
		}
		await sleep(100);
	}
	await stop(child);
	throw new Error(
		`code-server did not answer in a minute:\n${readFileSync(log, 'utf8').slice(-2000)}`,
	);
}

/** @param {string} socketPath @returns {Promise<boolean>} */
function isHealthy(socketPath) {
	return new Promise((done) => {
		request({ socketPath, path: '/healthz' }, (response) => {
			response.resume();
			done(response.statusCode === 200);
		})
			.once('error', () => done(false))
			.end();
	});
}

/**
 * Address that opens a folder in the workbench, token included; `payload` as VS Code's web workbench reads it.
 * @param {CodeServer} server
 * @param {string} folder
 * @param {readonly (readonly [string, string])[]} payload
 */
export function workbenchAddress(server, folder, payload) {
	return server.address(new URLSearchParams({ folder, payload: JSON.stringify(payload) }));
}

/**
 * Opens an address in the desktop's browser where there is one; silence where there is none. The address has a token,
 * and arguments of programs are for all to read: the browser gets the path of a page that leads there.
 * @param {string} address
 */
export async function openInBrowser(address) {
	const hasDisplay = process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY'];
	if (which('xdg-open') === null || hasDisplay === undefined) return false;
	// Not in /tmp: browsers in a sandbox have one of their own.
	const page = join(temporaryFolder('open', cache), 'open.html');
	const target = address.replaceAll('&', '&amp;');
	writeFileSync(page, `<meta http-equiv="refresh" content="0; url=${target}">\n`, { mode: 0o600 });
	return (await run('xdg-open', [page], { quiet: true })).status === 0;
}
