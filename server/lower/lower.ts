/**
 * The façade of the front end: kernel C in, a Program out. Lowers what the walks and the actors reach, and nothing else.
 *
 * Invariant: never throws on any text but `OutOfBudget`; a function of the walk is lowered or `unsupported`, never left out.
 */
import { spending } from '../../engine/base/budget.js';
import { tables } from '../../engine/program/builder.js';
import type { Macro } from '../syntax/preprocess/definition.js';
import type { Environment } from '../syntax/preprocess.js';
import { type Source, sourceOf } from '../syntax/source.js';
import { archProfile } from '../tree/arch_profiles.js';
import { translate } from '../tree/translation.js';
import { treeSymbols } from '../tree/tree_symbols.js';
import { abiOf } from './abi.js';
import { actorRootsOf } from './actor_roots.js';
import { archFeatures } from './arch_features.js';
import { assemble } from './assemble.js';
import { checkedSource } from './checked_source.js';
import { citationAt } from './citations.js';
import type { ProgramState, Signature } from './context.js';
import { featuresOf } from './features.js';
import { calleesOfAll, type LoweredFunction, lowerFunction, signatureOf } from './function.js';
import { headerClasses } from './header_classes.js';
import { brokenText, mentionedIn } from './mentions.js';
import { type Definition, type Names, namesOf, type Unit, type Units } from './names.js';
import { walksNotCompiled, walksOfMacros } from './not_compiled.js';
import { primitiveNames } from './primitive_names.js';
import { primitiveSources, type SourceText } from './primitive_sources.js';
import type { Lowered, LowerRequest } from './request.js';
import { findWalks, type Root, rootNames, slowCallsOf } from './roles.js';
import { readersOf } from './roles_readers.js';
import { tracepointsOf } from './tracepoints.js';

type FunctionDefinition = Definition & { kind: 'function' };

/** Functions of one program; more is a program that is too large, said as unsupported. */
const functionsMax = 4000;

/** Never throws on any text: what is not understood is `unsupported` in the program. */
export function lower(request: LowerRequest): Lowered {
	const spend = spending(request.budget, 'lowering');
	const units = unitsOf(request);
	request.budget?.enter?.('lowering');
	const names = namesOf(units);
	const table = tables();
	const demanded: FunctionDefinition[] = [];
	const ids = new Map<Source, Map<string, number>>();
	const signatures: (Signature | undefined)[] = [];
	const demand = (definition: FunctionDefinition): number => {
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
	};
	const hidden =
		units.everything === null ? [] : rootNames({ ...units.file, source: units.everything });
	const found = readersOf(units.file, { inTree: request.tree !== null });
	const modelled = found.filter((r) => r.modelled).map((r) => r.name);
	const walks = findWalks(units.file, names, [...hidden, ...modelled, ...(request.also ?? [])]);
	const hasWalk = walks.length > modelled.length || units.everything !== null;
	const notCompiled = hasWalk ? [] : walksNotCompiled(units.file, request.text);
	const readers = [...found, ...notCompiled, ...walksOfMacros(units.file)];
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
	return assemble(request, {
		...{ units, demanded, lowered, table, roots, mentions },
		...{ demand, readers, workspaceActors: actors.workspace },
	});
}

function brokenMentions(names: Names, root: Root & { kind: 'broken' }): FunctionDefinition[] {
	return [...mentionedIn(names, root.unit, brokenText(root.unit, root.name))];
}

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
	const features = new Set([
		...featuresOf(text, symbols, config),
		...archFeatures(config, { tree: symbols, wholeEntries: request.wholeEntries === true }),
	]);
	const abi = abiOf(config, { makefile: symbols?.text('Makefile') ?? null });
	if (abi.longBits === 32) features.add('RACEWALK_WORDS_32');
	if (abi.bigEndian) features.add('RACEWALK_BIG_ENDIAN');
	const environment: Environment = {
		config: (name) => config.get(name) ?? null,
		defined: (name) => features.has(name) || (symbols?.archDefines(name) ?? false),
		value: () => null,
	};
	const ownEnvironment: Environment = { ...environment, defined: (name) => features.has(name) };
	const ownKey = [...features, ...[...config].map(([name, value]) => `${name}=${value}`)].join();
	const primitives = request.primitives ?? primitiveSources();
	const unit = (file: SourceText, origin: Unit['origin'], extra: Partial<Unit> = {}): Unit => ({
		source: ownSource(file, ownEnvironment, ownKey),
		origin,
		assumed: false,
		checked: false,
		...extra,
	});
	const isAssumed = (p: SourceText): boolean => /(^|\/)assumed\.c$/.test(p.path);
	const own = primitives.filter((p) => !isAssumed(p)).map((p) => unit(p, 'primitive'));
	const assumed = primitives.filter(isAssumed).map((p) => unit(p, 'primitive', { assumed: true }));
	const table = primitiveNames([...own, ...assumed]);
	const translated = translate({
		...{ path, text, tree, config },
		archFolder: profile.folder,
		fallback: (name) => table.number(name),
	});
	const keeps = (macro: Macro): boolean => macro.path !== path && table.keeps(macro.name);
	const checked = checkedSource(text, translated, { environment, keeps });
	const headerClass = headerClasses(translated, (header) => symbols?.source(header) ?? null, keeps);
	return {
		file: {
			source: checked.source,
			origin: 'walk',
			assumed: false,
			checked: true,
		},
		primitives: own,
		assumed,
		actors: request.actors.map((a) => unit(a, 'actor')),
		tree: symbols,
		headerClass,
		features: [...features],
		abi,
		everything: checked.everything,
	};
}

/** Preprocessed primitives and actors, by path: they seldom change. */
const ownSources = new Map<
	string,
	{ readonly text: string; readonly key: string; readonly source: Source }
>();
const ownSourcesMax = 400;

function ownSource(file: SourceText, environment: Environment, key: string): Source {
	const known = ownSources.get(file.path);
	if (known !== undefined && known.text === file.text && known.key === key) return known.source;
	if (ownSources.size >= ownSourcesMax) ownSources.clear();
	const source = sourceOf(file.path, file.text, environment);
	ownSources.set(file.path, { text: file.text, key, source });
	return source;
}
