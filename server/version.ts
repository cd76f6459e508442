/**
 * The version of this package, read from its package.json: one folder up from the sources and from the bundle alike.
 */
import { readFileSync } from 'node:fs';

function read(): string {
	const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
	const parsed: unknown = JSON.parse(text);
	const version = (parsed as { readonly version?: unknown }).version;
	return typeof version === 'string' ? version : '0.0.0';
}

export const VERSION = read();
