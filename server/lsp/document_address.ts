/**
 * Addresses of documents and paths on this machine.
 */
import { fileURLToPath } from 'node:url';

/** Path of a `file:` address, or null for a document that is on no disk here. */
export function filePath(uri: string): string | null {
	try {
		return uri.startsWith('file:') ? fileURLToPath(uri) : null;
	} catch {
		return null;
	}
}
