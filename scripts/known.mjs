/**
 * `npm run known -- DIR...`: adds the definitions that kernel trees have of racewalk's primitives to the list of known ones
 * (server/lower/primitives/known.txt). For trees whose text is known to be the kernel's: whatever they define counts as the kernel's.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { imported } from './bundle.mjs';

const trees = process.argv.slice(2);
const strange = trees.filter((folder) => !existsSync(join(folder, 'include/linux/mm.h')));
if (trees.length === 0 || strange.length > 0) {
	for (const folder of strange) console.error(`${folder} has no include/linux/mm.h`);
	console.error('usage: npm run known -- DIR...   (DIR: root of a kernel tree)');
	process.exit(2);
}
const { addKnown } = await imported('generations/known');
addKnown(trees, console.log);
