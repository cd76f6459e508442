/**
 * The façade of the front end: kernel C in, a Program out. Lowers what the walks and the actors reach, and nothing else.
 *
 * Invariant: never throws on any text but `OutOfBudget`; a function of the walk is lowered or `unsupported`, never left out.
 */
import { spending } from '../../engine/base/budget.js';
import type { ArchName } from '../../engine/program/arch.js';
import { tables } from '../../engine/program/builder.js';
import type { Kept } from '../syntax/preprocess/render.js';
import type { Environment } from '../syntax/preprocess.js';
import { functionOf, type Source, sourceOf } from '../syntax/source.js';
import { archProfile } from '../tree/arch_profiles.js';
import { archFacts } from '../tree/facts/arch_facts.js';
import { type Ask, askOf } from '../tree/facts/ask.js';
import type { Fact } from '../tree/facts/fact.js';
import { generationFacts } from '../tree/facts/generation.js';
import { EVERY_TREE_HAS, translate } from '../tree/translation.js';
import { type TreeSymbols, treeSymbols } from '../tree/tree_symbols.js';
import { abiOf } from './abi.js';
import { actorRootsOf } from './actor_roots.js';
import { assemble } from './assemble.js';
import { callsOutside } from './caller_sections.js';
import { type CheckedSource, checkedSource } from './checked_source.js';
import { citationAt } from './citations.js';
import type { ProgramState, Signature } from './context.js';
import { decidingSymbols } from './deciding_symbols.js';
import { FOLLOWS_NOTHING, type Followed, followedBy } from './followed.js';
import { calleesOfAll, type LoweredFunction, lowerFunction, signatureOf } from './function.js';
import { headerClasses } from './header_classes.js';
import { includedWalks, includesUnread } from './included_walks.js';
import { keptNames } from './kept.js';
import { strangeIn } from './known_definitions.js';
import { brokenText, mentionedIn } from './mentions.js';
import { type DefinedFunction, type Names, namesOf, type Unit, type Units } from './names.js';
import { walksNotCompiled, walksOfMacros } from './not_compiled.js';
import { type PrimitiveNames, primitiveNames } from './primitive_names.js';
import { knownKeys, primitiveSources, type SourceText } from './primitive_sources.js';
import { type ReadFile, readFiles } from './read_alike.js';
import type { Lowered, LowerRequest } from './request.js';
import { findWalks, type Root, rootNames, slowCallsOf, walkFunctions } from './roles.js';
import { type Reader, readersOf } from './roles_readers.js';
import { tracepointsOf } from './tracepoints.js';
import { unexploredIn } from './unexplored.js';

/** Functions of one program; more is a program that is too large, said as unsupported. */
const functionsMax = 4000;

/** Never throws on any text: what is not understood is `unsupported` in the program. */
export function lower(request: LowerRequest): Lowered {
	const spend = spending(request.budget, 'lowering');
	const units = unitsOf(request);
	request.budget?.enter?.('lowering');
	const names = namesOf(units);
	const followed =
		request.following === 'nothing'
			? FOLLOWS_NOTHING
			: followedIn(units, { spend, isKnown: request.following === 'known' });
	const table = tables();
	const demanded: DefinedFunction[] = [];
	const ids = new Map<Source, Map<string, number>>();
	const signatures: (Signature | undefined)[] = [];
	const demand = (definition: DefinedFunction): number => {
		const { source } = definition.unit;
		let ofSource = ids.get(source);
		if (ofSource === undefined) {
			ofSource = new Map();
			ids.set(source, ofSource);
		}
		const key = definition.syntax.name;
		let id = ofSource.get(key);
		if (id === undefined) {
			id = demanded.length;
			demanded.push(definition);
			ofSource.set(key, id);
		}
		return id;
	};
	const state: ProgramState = {
		names,
		tables: table,
		layouts: new Map(),
		config: request.config.size > 0 ? request.config : archProfile(request.arch).config,
		halves: units.features.includes('RACEWALK_ENTRY_HALVES'),
		dynamicFold: units.features.includes('RACEWALK_DYNAMIC_FOLD'),
		demand,
		signature(definition) {
			const id = demand(definition);
			signatures[id] ??= signatureOf(state, definition);
			return signatures[id];
		},
		spend,
		citation: (unit, offset) => citationAt(unit.source, offset),
		checked: units.file,
		isTracepoint: tracepointsOf(request.tree),
		hasTree: request.tree !== null,
		slowCalls: slowCallsOf(units.file),
		leftOut: request.following === 'doubting' ? followed.leftOutInDoubt : followed.leftOut,
	};
	const hidden =
		units.everything === null ? [] : rootNames({ ...units.file, source: units.everything });
	const found = readersOf(units.file, { inTree: request.tree !== null });
	const modelled = found.filter((r) => r.modelled).map((r) => r.name);
	const walks = findWalks(units.file, names, [...hidden, ...modelled, ...(request.also ?? [])]);
	const hasWalk = walks.length > modelled.length || units.everything !== null;
	const notCompiled = hasWalk ? [] : walksNotCompiled(units.file, request.text);
	const readers = onceEach([
		...found.filter((r) => r.modelled),
		...notCompiled,
		...walksOfMacros(units.file),
		...includedWalks(units.file),
		...(hasWalk ? [] : includesUnread(units.file)),
		...unexploredIn(units.file, names, found),
	]);
	const actors = actorRootsOf(units, names, { replacing: request.replacing !== false });
	const roots = [...walks, ...actors.roots];
	const lowered = new Map<number, LoweredFunction>();
	/** What roots that cannot be read may call. */
	const mentions = new Map(
		roots.map((r) => [r, r.kind === 'broken' ? brokenMentions(names, r).map(demand) : []]),
	);
	const open = roots.flatMap((r) =>
		r.kind === 'function' ? [demand(r)] : (mentions.get(r) ?? []),
	);
	for (let id = open.shift(); id !== undefined && lowered.size < functionsMax; id = open.shift()) {
		const definition = demanded[id];
		if (definition === undefined || lowered.has(id)) continue;
		spend();
		const made = lowerFunction(state, definition);
		lowered.set(id, made);
		for (const callee of calleesOfAll(made.finished.ops)) open.push(callee);
	}
	const continuing = found.filter((r) => r.modelled && r.continues).map((r) => r.name);
	const outside = callsOutside(units.file, continuing, {
		names,
		lower: (definition) => lowered.get(demand(definition)) ?? lowerFunction(state, definition),
		definition: (id) => demanded[id],
	});
	return assemble(request, {
		...{ units, demanded, lowered, table, roots, mentions },
		...{ demand, readers, outside, workspaceActors: actors.workspace, followed },
	});
}

/** Each function once, with the first reason. */
function onceEach(readers: readonly Reader[]): readonly Reader[] {
	return [...new Map([...readers].reverse().map((r) => [r.name, r])).values()].reverse();
}

/** What the text, its tree, its architecture and its configuration decide, and where that stands. */
export function factsOf(request: LowerRequest): readonly Fact[] {
	return unitsOf(request).facts;
}

/** What of the adversaries the tree does. */
export function followedOf(request: LowerRequest): Followed {
	const units = unitsOf(request);
	return followedIn(units, { spend: spending(request.budget, 'lowering'), isKnown: false });
}

function followedIn(
	{ files, actors, primitives }: Units,
	{ spend, isKnown }: { readonly spend: () => void; readonly isKnown: boolean },
): Followed {
	if (files === null) return FOLLOWS_NOTHING;
	return followedBy({ ...files, files, actors, primitives, spend }, { isKnown });
}

function brokenMentions(names: Names, root: Root & { kind: 'broken' }): DefinedFunction[] {
	return [...mentionedIn(names, root.unit, brokenText(root.unit, root.name))];
}

/** A tree without such a header says nothing of what it lacks. */
const PARTIAL = `the tree has no ${EVERY_TREE_HAS}`;

function unitsOf(request: LowerRequest): Units {
	request.budget?.enter?.('preprocessing');
	const profile = archProfile(request.arch);
	const config = request.config.size > 0 ? request.config : profile.config;
	const { tree, text, path } = request;
	const symbols =
		tree === null
			? null
			: treeSymbols({
					root: tree.root,
					access: tree,
					archFolder: profile.folder,
					config,
					path,
					text,
					spend: spending(request.budget, 'reading'),
				});
	// what is not in a part of a tree may be in the rest of it
	const isPartial = symbols !== null && symbols.text(EVERY_TREE_HAS) === null;
	const abi = abiOf(config, { makefile: symbols?.text('Makefile') ?? null });
	const wholeEntries = request.wholeEntries === true;
	const ofArch = archFacts(config, { tree: symbols, wholeEntries, abi });
	const own = new Set(ofArch.map((f) => f.feature));
	const environment = (features: ReadonlySet<string>): Environment => ({
		config: (name) => config.get(name) ?? null,
		defined: (name) => features.has(name) || (symbols?.archDefines(name) ?? false),
		value: () => null,
	});
	// what the architecture decides is known first: the generation is read off the file, once it is preprocessed
	const early = primitiveUnits(request, underOf(config, own)).table;
	const asked = {
		...{ tree, config },
		archFolder: profile.folder,
		fallback: (name: string) => early.number(name),
		decides: decidingSymbols(config, [
			...(request.primitives ?? primitiveSources()),
			...request.actors,
		]),
	};
	const translated = translate({ ...asked, path, text });
	const file = (features: ReadonlySet<string>, kept: Kept): CheckedSource =>
		checkedSource(text, translated, { environment: environment(features), kept });
	const isComplete = symbols !== null && !isPartial;
	const keptEarly = keptNames(translated, early, { isComplete });
	const first = file(own, keptEarly);
	const asking = (from: TreeSymbols | null): Ask =>
		askOf(first.source, {
			reached: () => walkFunctions(fileUnit(first.source)),
			tree: from,
			config,
			archFolder: profile.folder,
		});
	const ofGeneration = generationFacts(asking(symbols), {
		newest: symbols === null ? null : asking(null),
		isPartial,
	});
	const facts = [...ofGeneration, ...ofArch];
	const features = new Set(facts.flatMap((f) => (f.holds ? [f.feature] : [])));
	const under = underOf(config, features);
	const primitives = primitiveUnits(request, under);
	const isSame = primitives.table.isSame(early);
	const kept = isSame ? keptEarly : keptNames(translated, primitives.table, { isComplete });
	const checked = isSame ? first : file(features, kept);
	const postponed = new Set<string>();
	const isKnown = request.comparing === 'known';
	const otherFile = (other: string): ReadFile | null => {
		const source = tree?.read(other) ?? null;
		if (source === null) return null;
		const read = [tree?.root, request.arch, under.key, other].join('\n');
		if (request.following === 'known' && !isReadBefore(read, source)) {
			postponed.add(other);
			return null;
		}
		const unit = translate({ ...asked, path: other, text: source });
		readBefore.set(read, source);
		return { readings: [unit], kept: keptNames(unit, primitives.table, { isComplete }) };
	};
	const used = new Set<string>();
	const headerClass = headerClasses(translated, (header) => symbols?.source(header) ?? null, kept);
	return {
		file: fileUnit(checked.source),
		primitives: primitives.own,
		assumed: primitives.assumed,
		actors: request.actors.map((a) => ownUnit(a, 'actor', under)),
		tree: symbols,
		files:
			symbols === null
				? null
				: {
						source: (at) => symbols.source(at),
						text: (at) => symbols.text(at),
						list: (folder) =>
							(tree?.list(folder) ?? []).map((p) => (p.includes('/') ? p : `${folder}/${p}`)),
						archFolder: profile.folder,
						flushWaits: config.has('CONFIG_X86') && !config.has('CONFIG_MMU_GATHER_RCU_TABLE_FREE'),
						met: (need) => config.has(need) || features.has(need),
						key: [tree?.root, request.arch, underOf(config, features).key].join('\n'),
					},
		lacks: isPartial ? [PARTIAL] : [...new Set(ofGeneration.flatMap((f) => f.lacks))],
		isPartial,
		read: readFiles(translated, kept, otherFile),
		postponed,
		used: (name) => used.add(name),
		// a part of a tree has not all of what a definition is made of
		strange: () =>
			isComplete
				? strangeIn(translated, used, {
						known: knownKeys(),
						isKnown,
						spend: spending(request.budget, 'lowering'),
					})
				: [],
		headerClass,
		features: [...features],
		facts,
		abi,
		everything: checked.everything,
	};
}

/** Files of C beside the checked one, by all that they are read under: their texts. First answers wait for no others. */
const readBefore = new Map<string, string>();
const readBeforeMax = 200;

function isReadBefore(key: string, text: string): boolean {
	if (readBefore.size > readBeforeMax) readBefore.clear();
	return readBefore.get(key) === text;
}

function fileUnit(source: Source): Unit {
	return { source, origin: 'walk', assumed: false, checked: true };
}

/** What racewalk's own C is read under. */
interface Under {
	readonly environment: Environment;
	/** All that decides about the environment. */
	readonly key: string;
}

function underOf(config: ReadonlyMap<string, string>, features: ReadonlySet<string>): Under {
	const environment: Environment = {
		config: (name) => config.get(name) ?? null,
		defined: (name) => features.has(name),
		value: () => null,
	};
	const set = [...config].map(([name, value]) => `${name}=${value}`);
	return { environment, key: [...features, ...set].join() };
}

/**
 * Reads racewalk's own C as first questions about a file of an architecture read it, a file or a function at each step: what is read
 * is kept for them, as far as the tree decides nothing else.
 */
export function* readAhead(arch: ArchName, actors: readonly SourceText[]): Generator<void> {
	const { config } = archProfile(arch);
	const abi = abiOf(config, { makefile: null });
	const facts = archFacts(config, { tree: null, wholeEntries: false, abi });
	const under = underOf(config, new Set(facts.map((f) => f.feature)));
	const sources: Source[] = [];
	for (const file of [...primitiveSources(), ...actors]) {
		sources.push(ownSource(file, under));
		yield;
	}
	for (const source of sources) {
		source.enumerators();
		yield;
	}
	for (const source of sources) {
		for (const item of source.items) {
			if (item.kind === 'function') functionOf(source.piece(item).text);
			yield;
		}
	}
}

/** The table of primitives as it is under a configuration, where these features hold. */
function primitiveUnits(
	request: LowerRequest,
	under: Under,
): {
	readonly own: readonly Unit[];
	readonly assumed: readonly Unit[];
	readonly table: PrimitiveNames;
} {
	const primitives = request.primitives ?? primitiveSources();
	const isAssumed = (p: SourceText): boolean => /(^|\/)assumed\.c$/.test(p.path);
	const own = primitives.filter((p) => !isAssumed(p)).map((p) => ownUnit(p, 'primitive', under));
	const assumed = primitives
		.filter(isAssumed)
		.map((p) => ({ ...ownUnit(p, 'primitive', under), assumed: true }));
	// bodies that are assumed stand in for a tree, and for nothing where there is one
	const standing = request.tree === null ? assumed : [];
	return { own, assumed, table: primitiveNames([...own, ...standing]) };
}

function ownUnit(file: SourceText, origin: Unit['origin'], under: Under): Unit {
	return { source: ownSource(file, under), origin, assumed: false, checked: false };
}

/** Preprocessed primitives and actors, by path and what they are read under: they seldom change. */
const ownSources = new Map<string, { readonly text: string; readonly source: Source }>();
const ownSourcesMax = 400;

function ownSource(file: SourceText, { environment, key }: Under): Source {
	const under = `${file.path}\n${key}`;
	const known = ownSources.get(under);
	if (known !== undefined && known.text === file.text) return known.source;
	if (ownSources.size >= ownSourcesMax) ownSources.clear();
	const source = sourceOf(file.path, file.text, environment);
	ownSources.set(under, { text: file.text, source });
	return source;
}
