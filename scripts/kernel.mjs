/**
 * `node scripts/kernel.mjs 6.12 6.1`: Debian's kernel sources in the cache, reduced to what walks, actors' citations
 * and the litmus tests need. Kernel text is GPL: it stays in the ignored cache and is never committed.
 */
import { createReadStream, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cache, cached } from './cache.mjs';
import { must, start } from './command.mjs';
import { downloadPackage, needPrograms } from './packages.mjs';
import { step } from './progress.mjs';
import { removeTemporary, temporaryFolder } from './temporary.mjs';

/** Versions Debian 12 carries as `linux-source-VERSION`. */
export const VERSIONS = /** @type {const} */ (['6.12', '6.1']);
/** @typedef {(typeof VERSIONS)[number]} Version */

/** Members of the source tarball that are kept; `*` does not cross a slash. */
const KEPT = [
	...['mm', 'include', 'arch/*/include', 'arch/*/mm', 'tools/memory-model'],
	...['Documentation/litmus-tests', 'kernel/fork.c', 'kernel/smp.c', 'kernel/exit.c'],
	...['kernel/events/uprobes.c', 'kernel/rcu', 'fs/inode.c', 'fs/buffer.c', 'fs/dax.c'],
	...['fs/libfs.c', 'fs/proc/task_mmu.c', 'fs/hugetlbfs', 'drivers/nvdimm/pmem.c'],
];

/**
 * The tree of a Debian kernel, fetched when it is not in the cache yet. Resolves to its absolute path.
 * @param {Version} version
 */
export function kernel(version) {
	return cached(`kernel/${version}`, async (folder) => {
		await needPrograms(['xz']);
		const work = temporaryFolder('download', join(cache, 'kernel'));
		try {
			const archive = await step(`downloading linux-source-${version} (about 150 MB)`, () =>
				downloadPackage(`linux-source-${version}`, work),
			);
			const tarball = join(work, `usr/src/linux-source-${version}.tar.xz`);
			await step(`unpacking linux-source-${version}`, async (report) => {
				await must('dpkg-deb', ['-x', archive, work]);
				await extract(tarball, version, folder, report);
			});
		} finally {
			removeTemporary(work);
		}
		for (const path of ['mm/gup.c', 'include/linux/mm_types.h']) {
			if (!existsSync(join(folder, path)))
				throw new Error(`linux-source-${version} has no ${path}`);
		}
	});
}

/**
 * Extracts the kept members, reporting how much of the tarball has been read.
 * @param {string} tarball
 * @param {Version} version
 * @param {string} folder
 * @param {(what: string) => void} report
 */
function extract(tarball, version, folder, report) {
	const top = `linux-source-${version}`;
	const tar = start(
		'tar',
		[
			...['-xJf', '-', '-C', folder, '--strip-components=1'],
			...['--wildcards', '--no-wildcards-match-slash', '--anchored'],
			...KEPT.map((path) => `${top}/${path}`),
		],
		{ stdio: ['pipe', 'ignore', 'pipe'] },
	);
	const size = statSync(tarball).size;
	let read = 0;
	const source = createReadStream(tarball, { highWaterMark: 1 << 20 });
	source.on('data', (chunk) => {
		read += chunk.length;
		report(`${Math.floor((100 * read) / size)} %`);
	});
	const { stdin, stderr } = tar;
	if (stdin === null || stderr === null) throw new Error('tar without pipes');
	source.pipe(stdin);
	// tar may close its input early when it fails; the exit code below says so.
	stdin.on('error', () => source.destroy());
	let errors = '';
	stderr.on('data', (chunk) => {
		errors += chunk;
	});
	return new Promise((resolve, reject) => {
		tar.once('error', reject);
		tar.once('close', (code) => {
			// A member that this version does not have is no failure: what is indispensable is checked by the caller.
			const absent = errors.split('\n').filter((line) => line.includes('Not found in archive'));
			const other = errors
				.split('\n')
				.filter((line) => line !== '' && !line.includes('Not found in'));
			const onlyAbsent = absent.length > 0 && other.every((line) => line.includes('Exiting with'));
			if (code === 0 || onlyAbsent) resolve(undefined);
			else reject(new Error(`tar ended with ${code}: ${errors.slice(-1000)}`));
		});
	});
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const wanted = process.argv.slice(2);
	for (const version of VERSIONS.filter((v) => wanted.length === 0 || wanted.includes(v))) {
		console.log(await kernel(version));
	}
}
