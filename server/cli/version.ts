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

/** Kernels whose protocols are known: what was found in each is argued in docs/generations.md. */
export const KERNELS = '4.19, 5.4, 5.10, 5.15, 6.1, 6.6, 6.12, 7.2, 7.3';
