/**
 * What a worker prints where nobody asked it to (an assertion of native code, a warning of Node) may hold text of the user's:
 * it is shown on the server's standard error and never obeyed.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { WorkerProcess } from '../../server/worker/worker_process.js';

let folder = '';

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), 'racewalk-worker-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('shows what a worker prints and obeys none of it', async () => {
	const script = join(folder, 'prints.mjs');
	const said = 'a\\x1b[2Jb\\x1b]8;;file:x\\x07c\\n::error::d\\n';
	writeFileSync(script, `process.stderr.write('${said}');`);
	const written: string[] = [];
	const spy = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
		written.push(String(text));
		return true;
	});
	try {
		const limits = { heapMax: 64, youngMax: 3, memoryMax: 500, growth: null };
		await new Promise<void>((died) => {
			new WorkerProcess(pathToFileURL(script), limits, { reply() {}, died: () => died() });
			// the process itself keeps nobody waiting
			const awake = setInterval(() => {}, 50);
			awake.unref();
		});
	} finally {
		spy.mockRestore();
	}
	const text = written.join('');
	expect(text).toContain('a\\x1b[2Jb\\x1b]8;;file:x\\x07c\n');
	expect(text).toContain('d\n');
	expect([...text].filter((c) => c < ' ' && c !== '\n')).toEqual([]);
	expect(text).not.toMatch(/^::/m);
});
