/**
 * What a program of ours does to the outside, as it does it: a file that Node loads before it (`--require`, in its children
 * too) tells of every connection, socket, look-up of a name, started program and file opened for writing.
 *
 * What native code does is not seen; none of ours opens or starts anything.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One thing that was done: which function, and to what. */
export interface Done {
	readonly how: string;
	readonly what: string;
}

/** CommonJS, as `--require` wants it; `%LOG%` is the path of the log. */
const WATCHER = `
const fs = require('node:fs');
const append = fs.appendFileSync;
let telling = false;
const tell = (how, what) => {
	if (telling) return;
	telling = true;
	append(%LOG%, JSON.stringify({ how, what: String(what) }) + '\\n');
	telling = false;
};
const watch = (owner, name, what) => {
	const given = owner[name];
	owner[name] = function (...args) {
		const said = what(...args);
		if (said !== null) tell(name, said);
		return given.apply(this, args);
	};
};
const { ChildProcess } = require('node:child_process');
watch(ChildProcess.prototype, 'spawn', (options) => options.args.join(' '));
watch(require('node:child_process'), 'spawnSync', (file, args) => file + ' ' + args);
watch(require('node:child_process'), 'execFileSync', (file, args) => file + ' ' + args);
watch(require('node:child_process'), 'execSync', (command) => command);
const net = require('node:net');
watch(net.Socket.prototype, 'connect', (...args) => JSON.stringify(args[0]));
watch(net.Server.prototype, 'listen', (...args) => JSON.stringify(args[0]));
watch(require('node:dgram'), 'createSocket', () => 'udp');
watch(require('node:dns'), 'lookup', (name) => name);
for (const name of ['fetch', 'WebSocket']) if (globalThis[name]) watch(globalThis, name, (address) => address);
const writes = (flags) => typeof flags === 'number' ? (flags & 3) !== 0 : /[wa+]/.test(flags ?? 'r');
for (const name of ['open', 'openSync']) watch(fs, name, (path, flags) => writes(typeof flags === 'function' ? 'r' : flags) ? path : null);
watch(fs.promises, 'open', (path, flags) => writes(flags) ? path : null);
for (const name of ['writeFile', 'appendFile', 'mkdir', 'mkdtemp', 'rm', 'unlink', 'rename', 'symlink', 'chmod', 'copyFile', 'cp']) {
	for (const [owner, called] of [[fs, name], [fs, name + 'Sync'], [fs.promises, name]]) watch(owner, called, (path) => path);
}
require('node:module').syncBuiltinESMExports();
tell('start', process.argv[1] ?? '');
`;

/** Writes the watcher and says what to set NODE_OPTIONS to, and how to read what it saw. */
export function watchOutside(folder: string): {
	readonly options: string;
	readonly done: () => readonly Done[];
} {
	const [watcher, log] = [join(folder, 'watcher.cjs'), join(folder, 'done.log')];
	writeFileSync(watcher, WATCHER.replace('%LOG%', JSON.stringify(log)));
	return {
		options: `--require ${watcher}`,
		done: () =>
			existsSync(log)
				? readFileSync(log, 'utf8')
						.trim()
						.split('\n')
						.map((line) => JSON.parse(line) as Done)
				: [],
	};
}
