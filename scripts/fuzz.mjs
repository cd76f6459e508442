/**
 * `npm run fuzz [-- --seconds N --seed N --documents N --slack N]`: hostile texts and messages against the server and the commands as
 * they ship; exit status 1 when anything hangs, dies, is not answered or is left unchecked.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildAll } from './build.mjs';
import { imported } from './bundle.mjs';
import { repository } from './cache.mjs';

const { values } = parseArgs({
	options: {
		seconds: { type: 'string', default: '3600' },
		seed: { type: 'string', default: String(Date.now() % 1_000_000) },
		documents: { type: 'string', default: '500' },
		// seconds that a machine which does other things, too, may take longer
		slack: { type: 'string', default: '6' },
	},
});
const problems = await buildAll();
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(2);
const { fuzz } = await imported('fuzz/main');
const wrong = await fuzz({
	programs: join(repository, 'dist'),
	seconds: Number(values.seconds),
	seed: Number(values.seed),
	documents: Number(values.documents),
	slack: Number(values.slack),
	print: console.log,
});
process.exit(wrong === 0 ? 0 : 1);
