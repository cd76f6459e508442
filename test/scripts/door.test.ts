/**
 * Who gets through the door of the served VS Code: a server on a Unix socket stands behind it and tells what reached it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Door, openDoor } from '../../scripts/door.mjs';

const folder = mkdtempSync(join(tmpdir(), 'racewalk-door-'));
const socket = join(folder, 's');
const reached: { readonly url: string; readonly headers: IncomingMessage['headers'] }[] = [];

let behind: Server;
let door: Door;
let cookie = '';

interface Answer {
	readonly status: number;
	readonly body: string;
	readonly headers: IncomingMessage['headers'];
}

interface Asked {
	/** From the path of this start. */
	readonly path?: string;
	/** The whole target instead. */
	readonly target?: string;
	readonly method?: string;
	readonly headers?: Readonly<Record<string, string>>;
}

/** Asks the door; `COOKIE`, `PORT` and `ORIGIN` in a header stand for what they are in this run. */
function ask({ path = '/', target, method = 'GET', headers = {} }: Asked): Promise<Answer> {
	const { port, origin, pathname } = new URL(door.url);
	const filled = Object.entries(headers).map(([name, value]) => [
		name,
		value.replace('COOKIE', cookie).replace('PORT', port).replace('ORIGIN', origin),
	]);
	const options = {
		...{ host: '127.0.0.1', port, path: target ?? pathname + path, method },
		headers: Object.fromEntries(filled),
	};
	return new Promise((done, fail) => {
		const asked = request(options, (response) => {
			let body = '';
			response.setEncoding('utf8').on('data', (text: string) => {
				body += text;
			});
			response.on('end', () =>
				done({ status: response.statusCode ?? 0, body, headers: response.headers }),
			);
		});
		asked.on('upgrade', (response, upgraded) => {
			upgraded.destroy();
			done({ status: response.statusCode ?? 0, body: '', headers: response.headers });
		});
		asked.once('error', fail);
		asked.end();
	});
}

/** What to ask for by the printed address, token included. */
function printed(): Asked {
	const { pathname, search } = new URL(door.address(new URLSearchParams({ folder: '/a b&c' })));
	return { target: pathname + search };
}

/** What the door answers to bytes as they are. */
function send(bytes: string): Promise<string> {
	return new Promise((done, fail) => {
		let answer = '';
		const { port } = new URL(door.url);
		const client = connect(Number(port), '127.0.0.1', () => client.end(bytes));
		client.setEncoding('utf8').on('data', (text: string) => {
			answer += text;
		});
		client.once('close', () => done(answer)).once('error', fail);
	});
}

const UPGRADE = {
	connection: 'Upgrade',
	upgrade: 'websocket',
	'sec-websocket-version': '13',
	'sec-websocket-key': 'MDEyMzQ1Njc4OWFiY2RlZg==',
};

const LET_IN: Readonly<Record<string, Asked>> = {
	'the cookie': { headers: { cookie: 'COOKIE' } },
	'the cookie among others': { headers: { cookie: 'a=b; COOKIE; c=d' } },
	'localhost, which is 127.0.0.1': { headers: { cookie: 'COOKIE', host: 'localhost:PORT' } },
	'our own page': {
		headers: { cookie: 'COOKIE', 'sec-fetch-site': 'same-origin', origin: 'ORIGIN' },
	},
	'an address that was typed': { headers: { cookie: 'COOKIE', 'sec-fetch-site': 'none' } },
	'a form of our own page': { method: 'POST', headers: { cookie: 'COOKIE', origin: 'ORIGIN' } },
};

const REFUSED: Readonly<Record<string, Asked>> = {
	'no cookie': {},
	'no cookie, a path that would be a file': { path: '/vscode-remote-resource?path=/etc/passwd' },
	'no cookie, from 127.0.0.1': { headers: { origin: 'ORIGIN', 'sec-fetch-site': 'same-origin' } },
	'a cookie of that name with another value': { headers: { cookie: 'racewalk-PORT=x' } },
	'two cookies of that name': { headers: { cookie: 'COOKIE; racewalk-PORT=x' } },
	'a name that leads here': { headers: { cookie: 'COOKIE', host: 'example.com:PORT' } },
	'a name that leads here, without a port': { headers: { cookie: 'COOKIE', host: '127.0.0.1' } },
	'another port': { headers: { cookie: 'COOKIE', host: '127.0.0.1:1' } },
	'a name that only begins so': {
		headers: { cookie: 'COOKIE', host: '127.0.0.1:PORT.example.com' },
	},
	'a claimed host': { headers: { host: 'example.com', 'x-forwarded-host': '127.0.0.1:PORT' } },
	'another origin': { headers: { cookie: 'COOKIE', origin: 'http://example.com' } },
	'the null origin': { headers: { cookie: 'COOKIE', origin: 'null' } },
	'another port of this machine': { headers: { cookie: 'COOKIE', 'sec-fetch-site': 'same-site' } },
	'a page elsewhere': { headers: { cookie: 'COOKIE', 'sec-fetch-site': 'cross-site' } },
	'a form of who knows': { method: 'POST', headers: { cookie: 'COOKIE' } },
	'a wrong token': { path: '/?token=x' },
	'an empty token': { path: '/?token=' },
	'a wrong token, with the cookie': { path: '/?token=x', headers: { cookie: 'COOKIE' } },
	'the cookie without the path, as another port would get it': {
		...{ target: '/', headers: { cookie: 'COOKIE' } },
	},
	'another path': { target: '/x/', headers: { cookie: 'COOKIE' } },
	'no path': { target: 'http://127.0.0.1/', headers: { cookie: 'COOKIE' } },
	'a path that is a host': { target: '//example.com/', headers: { cookie: 'COOKIE' } },
	'the path without its end': { path: '', headers: { cookie: 'COOKIE' } },
	'a path that only begins so': { path: 'x/', headers: { cookie: 'COOKIE' } },
	'a socket, no cookie': { headers: { ...UPGRADE, origin: 'ORIGIN' } },
	'a socket, no origin': { headers: { ...UPGRADE, cookie: 'COOKIE' } },
	'a socket, another origin': {
		headers: { ...UPGRADE, cookie: 'COOKIE', origin: 'http://example.com' },
	},
	'a socket, a name that leads here': {
		headers: { ...UPGRADE, cookie: 'COOKIE', origin: 'ORIGIN', host: 'example.com' },
	},
};

describe('the door', () => {
	beforeAll(async () => {
		behind = createServer((incoming, answer) => {
			reached.push({ url: incoming.url ?? '', headers: incoming.headers });
			answer.setHeader('set-cookie', ['one=1', 'two=2']);
			answer.end('the server behind');
		});
		behind.on('upgrade', (incoming, upgraded) => {
			reached.push({ url: incoming.url ?? '', headers: incoming.headers });
			upgraded.end(
				'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
			);
		});
		await new Promise<void>((done) => behind.listen(socket, done));
		door = await openDoor(socket);
		const [set = ''] = (await ask(printed())).headers['set-cookie'] ?? [];
		cookie = set.split(';')[0] ?? '';
	});

	afterAll(() => {
		door.close();
		behind.close();
		rmSync(folder, { recursive: true });
	});

	it('trades the token for a cookie that scripts and other pages do not get', async () => {
		const { status, headers, body } = await ask(printed());
		expect(status).toBe(303);
		expect(headers.location).toBe(`${new URL(door.url).pathname}/?folder=%2Fa+b%26c`);
		expect(headers['set-cookie']?.[0]).toMatch(
			/^racewalk-\d+=[\w-]{43}; Path=\/[\w-]{43}\/; HttpOnly; SameSite=Strict$/,
		);
		expect(headers['referrer-policy']).toBe('no-referrer');
		expect(body).toBe('');
	});

	it('goes on by a page of its own for a browser that another page sent', async () => {
		const headers = { 'sec-fetch-site': 'cross-site' };
		const { status, body } = await ask({ ...printed(), headers });
		expect([status, body]).toEqual([
			200,
			`<meta http-equiv="refresh" content="0; url=${new URL(door.url).pathname}/?folder=%2Fa+b%26c">`,
		]);
	});

	it('has another token and another path at every start', async () => {
		const other = await openDoor(socket);
		const token = (one: Door) =>
			new URL(one.address(new URLSearchParams())).searchParams.get('token');
		expect(token(other)).not.toBe(token(door));
		expect(new URL(other.url).pathname).not.toBe(new URL(door.url).pathname);
		expect(token(other)).toMatch(/^[\w-]{43}$/);
		other.close();
	});

	it.each(Object.entries(LET_IN))('lets in: %s', async (_, asked) => {
		const { status, body, headers } = await ask(asked);
		expect([status, body]).toEqual([200, 'the server behind']);
		expect(headers['set-cookie']).toEqual(['one=1', 'two=2']);
	});

	it('lets in: a socket of our own page', async () => {
		const headers = { ...UPGRADE, cookie: 'COOKIE', origin: 'ORIGIN' };
		expect((await ask({ headers })).status).toBe(101);
	});

	it.each(Object.entries(REFUSED))('refuses: %s', async (_, asked) => {
		const before = reached.length;
		const { status, body } = await ask(asked);
		expect(status).toBe(403);
		expect(body).toMatch(/^refused: [a-z0-9 :]+\n$/);
		expect(reached.length).toBe(before);
	});

	it.each([
		'GET PATH/ HTTP/1.0\r\n\r\n',
		'GET PATH/ HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nHost: example.com\r\nCookie: COOKIE\r\n\r\n',
		'CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nCookie: COOKIE\r\n\r\n',
		'GET PATH/\\[ HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n',
		'GET PATH/?token=%zz%00 HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n',
		'\u0000\u0001\r\n\r\n',
	])('refuses bytes no browser sends, and lives on: %j', async (bytes) => {
		const before = reached.length;
		const { port, pathname } = new URL(door.url);
		const filled = bytes.replaceAll('PORT', port).replace('PATH', pathname);
		const answer = await send(filled.replace('COOKIE', cookie));
		expect(answer).toMatch(/^(?:$|HTTP\/1\.1 40[03] )/);
		expect(reached.length).toBe(before);
		expect((await ask({ headers: { cookie: 'COOKIE' } })).status).toBe(200);
	});

	it('tells the server behind neither token nor cookie nor what a client claims', async () => {
		const headers = {
			cookie: 'a=b; COOKIE; c=d',
			forwarded: 'host=example.com',
			'x-forwarded-host': 'example.com',
			'x-forwarded-for': '1.2.3.4',
		};
		await ask({ path: '/file?x=1', headers });
		const last = reached.at(-1);
		expect(last?.url).toBe('/file?x=1');
		expect(last?.headers.cookie).toBe('a=b; c=d');
		expect(Object.keys(last?.headers ?? {}).filter((name) => /forwarded/.test(name))).toEqual([]);
	});
});
