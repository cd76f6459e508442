/**
 * `npm run trees -- [--arch NAME|all] DIR...`: racewalk on the mm/gup.c of kernel trees as they are, one row each: dialect,
 * verdicts, findings by rule, and whether each finding is argued in docs/generations.md. Ends with 1 when one is not.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { imported } from './bundle.mjs';

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: { arch: { type: 'string', multiple: true, default: ['x86_64'] } },
});
const strange = positionals.filter((folder) => !existsSync(join(folder, 'mm/gup.c')));
if (positionals.length === 0 || strange.length > 0) {
	for (const folder of strange) console.error(`${folder} has no mm/gup.c`);
	console.error('usage: npm run trees -- [--arch NAME|all] DIR...   (DIR: root of a kernel tree)');
	process.exit(2);
}

const { ARCH_NAMES, runTrees } = await imported('generations/run');
const archs = values.arch.includes('all') ? ARCH_NAMES : values.arch;
const differing = runTrees(positionals, archs, console.log);
process.exit(differing === 0 ? 0 : 1);
