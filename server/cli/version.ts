/**
 * The version of this package, read from its package.json: one folder up from the bundle, two from this file.
 */
import { existsSync, readFileSync } from 'node:fs';

function read(): string {
	const places = ['../package.json', '../../package.json'].map((p) => new URL(p, import.meta.url));
	const place = places.find((url) => existsSync(url));
	const text = place === undefined ? '{}' : readFileSync(place, 'utf8');
	const parsed: unknown = JSON.parse(text);
	const version = (parsed as { readonly version?: unknown }).version;
	return typeof version === 'string' ? version : '0.0.0';
}

export const VERSION = read();
