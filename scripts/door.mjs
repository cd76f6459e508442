/**
 * The only way in to a served VS Code: a proxy on 127.0.0.1 before a server that itself listens on a Unix socket in a
 * folder of mode 700. A token per start, printed in the address, is traded for a cookie; whoever has neither gets
 * nothing, and neither does a page of another origin in a browser that has the cookie.
 *
 * Everything lies below a path of this start, and the cookie is for that path: browsers send a cookie of 127.0.0.1 to every
 * port of 127.0.0.1, where another user may listen, but not to paths that nobody knows.
 *
 * Invariant: nothing of a request reaches the server behind before `judge` has let it in; token and cookie never do.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request } from 'node:http';

/** @typedef {import('node:http').IncomingMessage} Incoming */
/** @typedef {import('node:stream').Duplex} Duplex */

/**
 * @typedef {object} Door
 * @property {string} url `http://127.0.0.1:PORT/PATH`, without a slash at its end
 * @property {(query: URLSearchParams) => string} address what to open in a browser, token included
 * @property {() => void} close ends it and every connection through it
 */

/** Name of the token in the address. */
const TOKEN = 'token';
/** What a client claims about how it got here; the server behind would believe it. */
const CLAIMED = /^(?:forwarded|x-forwarded-.*|x-real-ip|x-original-.*)$/i;

/**
 * Opens a door on a free port of 127.0.0.1.
 * @param {string} socket path of the Unix socket behind
 * @returns {Promise<Door>}
 */
export async function openDoor(socket) {
	const [token, pass] = [secret(), secret()];
	const path = `/${secret()}`;
	const server = createServer({ requireHostHeader: true });
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const port = /** @type {import('node:net').AddressInfo} */ (server.address()).port;
	/** @type {Lock} */
	const lock = { port, path, token, pass, cookie: `racewalk-${port}` };
	/** @type {Set<Duplex>} */
	const open = new Set();
	server.on('connection', (connection) => {
		open.add(connection);
		connection.once('close', () => open.delete(connection));
	});
	server.on('request', (incoming, answer) => {
		const judged = judge(incoming, lock);
		if (judged.kind === 'refused') refuse(answer, judged.why);
		else if (judged.kind === 'token') welcome(incoming, answer, judged.to, lock);
		else passOn(incoming, answer, { socket, lock });
	});
	server.on('upgrade', (incoming, connection, head) => {
		const judged = judge(incoming, lock);
		connection.on('error', () => connection.destroy());
		if (judged.kind === 'let in') passOnUpgrade(incoming, connection, { head, socket, lock });
		else connection.end(refusal(judged.kind === 'refused' ? judged.why : 'no page'));
	});
	const url = `http://127.0.0.1:${port}${path}`;
	return {
		url,
		address: (query) => `${url}/?${new URLSearchParams([[TOKEN, token], ...query])}`,
		close: () => {
			server.close();
			for (const connection of open) connection.destroy();
		},
	};
}

/**
 * @typedef {object} Lock
 * @property {number} port
 * @property {string} path what all paths begin with
 * @property {string} token in the address, for the first request of a browser
 * @property {string} pass in the cookie, for all others
 * @property {string} cookie its name
 */

/** @typedef {{ kind: 'let in' } | { kind: 'token', to: string } | { kind: 'refused', why: string }} Judged */

/**
 * Whether a request may pass, and if not why not.
 * @param {Incoming} incoming
 * @param {Lock} lock
 * @returns {Judged}
 */
function judge({ method, url = '', headers, rawHeaders }, lock) {
	/** @param {string} why @returns {Judged} */
	const refused = (why) => ({ kind: 'refused', why });
	const hosts = [`127.0.0.1:${lock.port}`, `localhost:${lock.port}`];
	const { host = '', origin, upgrade } = headers;
	const named = rawHeaders.filter((name, i) => i % 2 === 0 && /^host$/i.test(name)).length;
	// A name that was made to resolve to 127.0.0.1 (DNS rebinding) is not ours.
	if (named !== 1 || !hosts.includes(host)) return refused('another host');
	if (!url.startsWith(`${lock.path}/`))
		return refused('no token: open the address that was printed');
	if (origin !== undefined && origin !== `http://${host}`) return refused('another origin');
	const isReading = (method === 'GET' || method === 'HEAD') && upgrade === undefined;
	if (isReading) {
		const start = `${lock.path}/?`;
		const query = new URLSearchParams(url.startsWith(start) ? url.slice(start.length) : '');
		const given = query.get(TOKEN);
		if (given !== null) {
			if (!isSame(given, lock.token)) return refused('a wrong token');
			query.delete(TOKEN);
			return { kind: 'token', to: `${start}${query}` };
		}
	} else if (origin === undefined) {
		// Browsers name the origin of whatever is no mere reading.
		return refused('no origin');
	}
	const site = headers['sec-fetch-site'];
	if (site !== undefined && site !== 'same-origin' && site !== 'none')
		return refused('another site');
	const passes = cookies(headers.cookie).filter(({ name }) => name === lock.cookie);
	const [pass] = passes;
	if (pass === undefined || passes.length > 1 || !isSame(pass.value, lock.pass)) {
		return refused('no token: open the address that was printed');
	}
	return { kind: 'let in' };
}

function secret() {
	return randomBytes(32).toString('base64url');
}

/**
 * In a time that says nothing about where they differ.
 * @param {string} given
 * @param {string} known
 */
function isSame(given, known) {
	/** @param {string} text */
	const digest = (text) => createHash('sha256').update(text).digest();
	return timingSafeEqual(digest(given), digest(known));
}

/** @param {string | undefined} header */
function cookies(header) {
	return (header ?? '').split(';').map((pair) => {
		const at = pair.indexOf('=');
		return { name: pair.slice(0, at).trim(), value: pair.slice(at + 1).trim(), pair: pair.trim() };
	});
}

/**
 * Trades the token for the cookie and goes on to the address without it. A browser keeps a strict cookie back along a
 * redirect that another page began; then a page of our own goes on.
 * @param {Incoming} incoming
 * @param {import('node:http').ServerResponse} answer
 * @param {string} to
 * @param {Lock} lock
 */
function welcome(incoming, answer, to, lock) {
	const site = incoming.headers['sec-fetch-site'] ?? 'none';
	const isRedirect = site === 'none' || site === 'same-origin';
	answer.writeHead(isRedirect ? 303 : 200, {
		'set-cookie': `${lock.cookie}=${lock.pass}; Path=${lock.path}/; HttpOnly; SameSite=Strict`,
		'cache-control': 'no-store',
		'referrer-policy': 'no-referrer',
		// `to` is made by URLSearchParams and `secret`: nothing in it needs escaping but `&`
		...(isRedirect ? { location: to } : { 'content-type': 'text/html; charset=utf-8' }),
	});
	const attribute = to.replaceAll('&', '&amp;');
	answer.end(isRedirect ? '' : `<meta http-equiv="refresh" content="0; url=${attribute}">`);
}

/** @param {import('node:http').ServerResponse} answer @param {string} why */
function refuse(answer, why) {
	answer.writeHead(403, { 'content-type': 'text/plain', connection: 'close' });
	answer.end(`refused: ${why}\n`);
}

/** @param {string} why */
function refusal(why) {
	return `HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nrefused: ${why}\n`;
}

/**
 * What the server behind is asked, without our cookie and what a client claims.
 * @param {Incoming} incoming
 * @param {{ socket: string, lock: Lock }} to
 * @returns {import('node:http').RequestOptions}
 */
function asked({ method, url, rawHeaders }, { socket, lock }) {
	/** @type {string[]} */
	const headers = [];
	for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
		const name = rawHeaders[i] ?? '';
		const value = rawHeaders[i + 1] ?? '';
		if (CLAIMED.test(name)) continue;
		if (!/^cookie$/i.test(name)) headers.push(name, value);
		else {
			const others = cookies(value).filter((one) => one.name !== lock.cookie);
			if (others.length > 0) headers.push(name, others.map(({ pair }) => pair).join('; '));
		}
	}
	return {
		socketPath: socket,
		method: method ?? 'GET',
		path: (url ?? '').slice(lock.path.length),
		headers,
	};
}

/**
 * @param {Incoming} incoming
 * @param {import('node:http').ServerResponse} answer
 * @param {{ socket: string, lock: Lock }} to
 */
function passOn(incoming, answer, to) {
	const behind = request(asked(incoming, to), (response) => {
		answer.writeHead(response.statusCode ?? 502, response.rawHeaders);
		response.pipe(answer);
		response.on('error', () => answer.destroy());
	});
	behind.on('error', () => {
		if (answer.headersSent) answer.destroy();
		else answer.writeHead(502, { 'content-type': 'text/plain' }).end('the server is gone\n');
	});
	incoming.on('error', () => behind.destroy());
	answer.on('close', () => behind.destroy());
	incoming.pipe(behind);
}

/**
 * @param {Incoming} incoming
 * @param {Duplex} connection
 * @param {{ head: Buffer, socket: string, lock: Lock }} to
 */
function passOnUpgrade(incoming, connection, { head, ...to }) {
	const behind = request(asked(incoming, to));
	behind.on('upgrade', (response, other, first) => {
		connection.write(`HTTP/1.1 101 ${response.statusMessage}\r\n${lines(response.rawHeaders)}\r\n`);
		if (first.length > 0) connection.write(first);
		if (head.length > 0) other.write(head);
		other.on('error', () => connection.destroy());
		other.on('close', () => connection.destroy());
		connection.on('close', () => other.destroy());
		other.pipe(connection);
		connection.pipe(other);
	});
	behind.on('response', (response) => {
		response.resume();
		connection.end(refusal(`the server answered ${response.statusCode}`));
	});
	behind.on('error', () => connection.destroy());
	connection.on('close', () => behind.destroy());
	behind.end();
}

/** @param {readonly string[]} raw names and values in turn */
function lines(raw) {
	return raw.map((text, i) => (i % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join('');
}
