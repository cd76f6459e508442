/**
 * `npm run conformance [PART...] [-- WORD...]`: the front end held to a compiler. Parts:
 *
 *     preprocess   every file of mm/ of both kernels against `gcc -E`; words name files (`-- gup rmap`)
 *     random       random programs, compiled and run by gcc, against the lowered program run alone; a word says how many
 *     torture      gcc's own suite of small programs (gcc.c-torture/execute of Debian's gcc-12-source); words name files
 *
 * Exit status 1 when there is a difference that the part does not explain.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { imported } from './bundle.mjs';
import { cached } from './cache.mjs';
import { must } from './command.mjs';
import { kernel, VERSIONS } from './kernel.mjs';
import { downloadPackage, needPrograms } from './packages.mjs';
import { removeTemporary, temporaryFolder } from './temporary.mjs';

/** @type {Record<string, (words: readonly string[]) => Promise<number>>} */
const PARTS = { preprocess, random, torture };

/** @param {readonly string[]} args @param {string} cwd */
function gcc(args, cwd) {
	const { stdout, stderr } = spawnSync('gcc', args, {
		cwd,
		encoding: 'utf8',
		maxBuffer: 256 * 1024 * 1024,
	});
	return { out: stdout ?? '', err: stderr ?? '' };
}

/**
 * Resolves to the number of functions that differ.
 * @param {readonly string[]} words
 */
async function preprocess(words) {
	await needPrograms(['gcc']);
	const { compare, gccText, prepareBuild } = await imported('conformance/preprocess');
	const count = { files: 0, functions: 0, different: 0, between: 0 };
	for (const version of VERSIONS) {
		const root = await kernel(version);
		const folder = temporaryFolder('conformance');
		try {
			const arch = 'x86_64';
			const args = prepareBuild(root, folder, arch);
			const files = readdirSync(join(root, 'mm'), { recursive: true })
				.map((name) => `mm/${name}`)
				.filter((path) => path.endsWith('.c'))
				.filter((path) => words.length === 0 || words.some((w) => path.includes(w)))
				.sort();
			for (const path of files) {
				const text = gccText({ run: gcc }, { root, folder, path, args });
				const result = compare(path, { root, arch, gcc: text });
				count.files++;
				count.functions += result.functions;
				count.different += result.differences.length;
				if (!result.whole && result.differences.length === 0) count.between++;
				if (!result.whole)
					console.log(`${version} ${path}: ${result.same} of ${result.functions} functions`);
				for (const d of result.differences)
					console.log(`  ${d.function}\n    racewalk: ${d.racewalk}\n    gcc:      ${d.gcc}`);
			}
		} finally {
			removeTemporary(folder);
		}
	}
	console.log(
		`preprocess: ${count.files} files, ${count.functions} functions, ${count.different} differ; ` +
			`${count.between} files differ between functions`,
	);
	return count.different;
}

/** Programs of one file that gcc compiles. */
const BATCH = 250;
const RANDOM = 10_000;
/** Reasons that are printed. */
const REASONS = 20;

/**
 * Resolves to the number of programs that are read otherwise than gcc reads them.
 * @param {readonly string[]} words
 */
async function random(words) {
	await needPrograms(['gcc']);
	const [{ compare }, { compilesFor }] = [
		await imported('conformance/compare'),
		await imported('conformance/compiler'),
	];
	const asked = Number(words.find((word) => /^\d+$/.test(word)) ?? RANDOM);
	let failures = 0;
	for (const bits of [64, 32]) {
		if (!compilesFor(bits)) {
			console.log(`random, -m${bits}: gcc has no library for it here (gcc-multilib)`);
			continue;
		}
		const total = { agree: 0, wrong: 0, refused: new Map() };
		for (let from = 1; from <= asked; from += BATCH) {
			const tally = compare({ from, count: Math.min(BATCH, asked + 1 - from), bits });
			total.agree += tally.agree;
			total.wrong += tally.wrong.length;
			for (const { what, program } of tally.wrong) console.log(`${what}\n${program.text}`);
			for (const [why, count] of tally.refused)
				total.refused.set(why, (total.refused.get(why) ?? 0) + count);
		}
		const reasons = [...total.refused].sort((a, b) => b[1] - a[1]);
		const refused = reasons.reduce((sum, [, count]) => sum + count, 0);
		console.log(
			`random, -m${bits}: ${asked} programs, ${total.agree} agree, ${refused} refused, ${total.wrong} wrong`,
		);
		for (const [why, count] of reasons.slice(0, REASONS)) console.log(`  ${count} ${why}`);
		failures += total.wrong;
	}
	return failures;
}

const SUITE = 'gcc/testsuite/gcc.c-torture/execute';

/** The folder of the suite's programs, fetched once. */
async function suite() {
	await needPrograms(['xz']);
	const folder = await cached('gcc-torture-12', async (target) => {
		const work = temporaryFolder('gcc');
		try {
			const archive = await downloadPackage('gcc-12-source', work);
			await must('dpkg-deb', ['-x', archive, work], {});
			const sources = join(work, 'usr/src/gcc-12');
			const tar = readdirSync(sources).find((f) => f.startsWith('gcc-12') && f.includes('.tar.'));
			if (tar === undefined) throw new Error('gcc-12-source has no archive of gcc');
			const strip = String(1 + SUITE.split('/').length);
			const what = ['--wildcards', `*/${SUITE}/*.c`, '--strip-components', strip];
			await must('tar', ['xf', join(sources, tar), '-C', target, ...what], {});
		} finally {
			removeTemporary(work);
		}
	});
	return folder;
}

/**
 * Resolves to the number of programs that are read otherwise than gcc reads them.
 * @param {readonly string[]} words
 */
async function torture(words) {
	await needPrograms(['gcc']);
	const [{ about, judge }, { compilesFor }] = [
		await imported('conformance/torture'),
		await imported('conformance/compiler'),
	];
	const folder = await suite();
	const files = readdirSync(folder)
		.filter((f) => f.endsWith('.c') && (words.length === 0 || words.some((w) => f.includes(w))))
		.sort();
	let failures = 0;
	for (const bits of [64, 32]) {
		if (!compilesFor(bits)) {
			console.log(`torture, -m${bits}: gcc has no library for it here (gcc-multilib)`);
			continue;
		}
		/** @type {Record<string, number>} */
		const count = { agree: 0, refused: 0, wrong: 0, skipped: 0 };
		/** @type {Map<string, number>} */
		const reasons = new Map();
		for (const file of files) {
			const other = about[file];
			const { kind, why } =
				other === undefined
					? judge(readFileSync(join(folder, file), 'utf8'), bits)
					: { kind: 'skipped', why: other };
			count[kind] = (count[kind] ?? 0) + 1;
			if (kind === 'wrong' || words.length > 0) console.log(`  ${file}: ${kind} ${why}`);
			if (kind === 'refused') reasons.set(why, (reasons.get(why) ?? 0) + 1);
		}
		console.log(
			`torture, -m${bits}: ${files.length} programs, ${count['agree']} agree, ${count['refused']} refused, ` +
				`${count['wrong']} wrong, ${count['skipped']} skipped`,
		);
		const sorted = [...reasons].sort((a, b) => b[1] - a[1]);
		for (const [why, times] of sorted.slice(0, REASONS)) console.log(`  ${times} ${why}`);
		failures += count['wrong'] ?? 0;
	}
	return failures;
}

const argv = process.argv.slice(2);
const split = argv.indexOf('--');
const named = (split < 0 ? argv : argv.slice(0, split)).filter((word) =>
	Object.hasOwn(PARTS, word),
);
const words = argv.filter((word) => word !== '--' && !named.includes(word));
let failed = 0;
for (const name of named.length > 0 ? named : Object.keys(PARTS)) {
	failed += (await PARTS[name]?.(words)) ?? 0;
}
process.exitCode = failed === 0 ? 0 : 1;
