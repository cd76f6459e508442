/**
 * `npm run known -- DIR...`: adds to the list of known definitions those that kernel trees have of racewalk's primitives, and of all that
 * these are made of in headers. Bundled and started by scripts/known.mjs.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ARCHS } from '../../engine/program/arch.js';
import { KNOWN_FILE, keyOf, keysIn, makes } from '../../server/lower/known_definitions.js';
import { primitiveSources } from '../../server/lower/primitive_sources.js';
import {
	type Conditional,
	headerIndex,
	type IndexedDefinition,
	withArms,
} from '../../server/syntax/header_index.js';
import { logicalLines } from '../../server/syntax/preprocess/logical_lines.js';
import { archProfile } from '../../server/tree/arch_profiles.js';
import { repositoryRoot } from '../trees.js';

/** Arms of conditionals that are told apart at one depth, and depths at which they are. */
const ARMS = 3;
const DEPTHS = 3;
/** Keys on a line of the list. */
const PER_LINE = 14;

/** Adds what the trees have, and says how many there are. */
export function addKnown(trees: readonly string[], print: (line: string) => void): void {
	const path = join(repositoryRoot, KNOWN_FILE);
	const all = new Set(existsSync(path) ? keysIn(readFileSync(path, 'utf8')) : []);
	for (const tree of trees) {
		const before = all.size;
		for (const form of formsOf(tree)) all.add(keyOf(form));
		print(`${tree}: ${all.size - before} more definitions`);
	}
	const keys = [...all].sort();
	const lines = Array.from({ length: Math.ceil(keys.length / PER_LINE) }, (_, i) =>
		keys.slice(i * PER_LINE, (i + 1) * PER_LINE).join(''),
	);
	writeFileSync(path, `${lines.join('\n')}\n`);
}

/** Forms of all definitions that a primitive is, or is made of, in a kernel tree. */
export function formsOf(tree: string): ReadonlySet<string> {
	const byName = new Map<string, IndexedDefinition[]>();
	const items: IndexedDefinition[] = [];
	const add = (path: string, isWanted: (name: string) => boolean): void => {
		const text = readFileSync(join(tree, path), 'utf8');
		const index = headerIndex(path, { text }, everyArm(text));
		for (const [name, found] of index.definitions)
			if (isWanted(name)) byName.set(name, [...(byName.get(name) ?? []), ...found]);
		items.push(...index.items);
	};
	for (const path of headersOf(tree)) add(path, () => true);
	const names = new Set(tableNames());
	const own = new Set(byName.keys());
	for (const name of readdirSync(join(tree, 'mm')))
		if (name.endsWith('.c')) add(`mm/${name}`, (each) => names.has(each) && !own.has(each));
	const forms = new Set<string>();
	for (const name of names) {
		// a file may read an item where another one reads a function
		const found = [...(byName.get(name) ?? []), ...items.filter((item) => makes(item, name))];
		for (const definition of found) {
			forms.add(definition.form());
			for (const word of definition.words()) if (byName.has(word)) names.add(word);
		}
	}
	return forms;
}

/** All names that the table of primitives defines, under whatever. */
function tableNames(): readonly string[] {
	return primitiveSources().flatMap(({ path, text }) => [
		...headerIndex(path, { text }, everyArm(text)).definitions.keys(),
	]);
}

/** Readings of a text: each arm of its conditionals is active in one, and many of them together. */
function* everyArm(text: string): Generator<string> {
	const seen = new Set<string>();
	/** Arms that no reading had active yet, with those around them. */
	const open = new Map<string, ReadonlyMap<number, number>>();
	const reading = (choose: (conditional: Conditional) => number): string =>
		withArms(text, (conditional) => {
			const chosen = choose(conditional);
			if (conditional.isActive) open.delete(`${conditional.index} ${chosen}`);
			return chosen;
		});
	withArms(text, ({ index, arms, around }) => {
		for (let arm = 0; arm < arms; arm++)
			open.set(`${index} ${arm}`, new Map([...around, [index, arm]]));
		return 0;
	});
	for (let way = 0; way < ARMS ** DEPTHS; way++) {
		const active = reading(({ depth }) =>
			depth < DEPTHS ? Math.floor(way / ARMS ** depth) % ARMS : 0,
		);
		if (!seen.has(active)) yield active;
		seen.add(active);
	}
	for (const path of open.values()) yield reading(({ index }) => path.get(index) ?? 0);
}

/** Headers that files of mm/ may include, whatever the configuration, on any architecture. */
function headersOf(tree: string): readonly string[] {
	const found = new Set<string>();
	const folders = [...new Set(ARCHS.map((arch) => archProfile(arch).folder))];
	const open = readdirSync(join(tree, 'mm')).flatMap((name) =>
		name.endsWith('.c') ? [`mm/${name}`] : [],
	);
	for (let path = open.pop(); path !== undefined; path = open.pop()) {
		if (found.has(path)) continue;
		found.add(path);
		for (const { kind, rest } of logicalLines(readFileSync(join(tree, path), 'utf8')).directives) {
			const spec = kind === 'include' ? /^[<"]([^>"]+)[>"]/.exec(rest)?.[1] : undefined;
			if (spec === undefined) continue;
			const own = path.slice(0, path.lastIndexOf('/') + 1);
			const generic = spec.replace(/^asm\//, 'asm-generic/');
			const places = [
				`${own}${spec}`,
				...folders.flatMap((f) => [`arch/${f}/include/${spec}`, `arch/${f}/include/uapi/${spec}`]),
				...[`include/${spec}`, `include/uapi/${spec}`],
				...[`include/${generic}`, `include/uapi/${generic}`],
			];
			open.push(...places.filter((place) => existsSync(join(tree, place))));
		}
	}
	return [...found].filter((path) => path.endsWith('.h')).sort();
}
