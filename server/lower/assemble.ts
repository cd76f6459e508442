/**
 * The lowered functions of one request as a Program: numbered in the order in which they were reached, with stubs for
 * roots that cannot be read, so that they are `unsupported` and not absent.
 */
import { renumberCallees, type tables } from '../../engine/program/builder.js';
import type { FunctionIndex, SiteIndex } from '../../engine/program/op.js';
import type {
	ActorHeader,
	Assumption,
	ProgramFunction,
	UnsupportedSpan,
} from '../../engine/program/program.js';
import { isAbi } from '../syntax/preprocess/header_text.js';
import { unparsedIn } from '../syntax/unparsed.js';
import { actorHeaders } from './actor_header.js';
import { assumptionsOf } from './assumptions.js';
import type { OutsideCall } from './caller_sections.js';
import { calleesOfAll, type LoweredFunction } from './function.js';
import type { DefinedFunction, Unit, Units } from './names.js';
import type { Lowered, LowerRequest, UndecidedReader, Walk } from './request.js';
import { dialectOf, type Root } from './roles.js';
import type { Reader } from './roles_readers.js';
import { strangeTold } from './strange.js';
import type { CType } from './types.js';

export interface Parts {
	readonly units: Units;
	readonly demanded: readonly DefinedFunction[];
	readonly lowered: ReadonlyMap<number, LoweredFunction>;
	readonly table: ReturnType<typeof tables>;
	readonly roots: readonly Root[];
	/** What roots that cannot be read may call. */
	readonly mentions: ReadonlyMap<Root, readonly number[]>;
	demand(definition: DefinedFunction): number;
	readonly readers: readonly Reader[];
	readonly outside: readonly OutsideCall[];
	readonly workspaceActors: Lowered['workspaceActors'];
	readonly followed: Pick<Lowered, 'untold' | 'isFollowing'>;
}

export function assemble(request: LowerRequest, parts: Parts): Lowered {
	const order = [...parts.lowered.keys()];
	const numbers = new Map(order.map((id, index) => [id, index as FunctionIndex]));
	const functions: ProgramFunction[] = [];
	const unsupported: UnsupportedSpan[] = [];
	const stubs: ProgramFunction[] = [];
	const stub = (
		unit: Unit,
		name: string,
		reason: string,
		mentioned: readonly number[] = [],
	): FunctionIndex => {
		const made = stubOf(parts, { unit, name, reason, mentions: mentioned.map(renumber) });
		unsupported.push({ reason, site: made.site, function: name });
		stubs.push(made);
		return (order.length + stubs.length - 1) as FunctionIndex;
	};
	const renumber = (id: number): FunctionIndex => {
		let index = numbers.get(id);
		const definition = parts.demanded[id];
		if (index === undefined && definition !== undefined) {
			index = stub(definition.unit, definition.syntax.name, 'the program has too many functions');
			numbers.set(id, index);
		}
		return index ?? (0 as FunctionIndex);
	};
	for (const id of order) {
		const definition = parts.demanded[id];
		const made = parts.lowered.get(id);
		if (definition === undefined || made === undefined) continue;
		functions.push(functionOf(definition, made, renumber));
		for (const note of made.unsupported) {
			unsupported.push({ reason: note.text, site: note.site, function: definition.syntax.name });
		}
	}
	const rootIndices = parts.roots.map((root) => ({
		checked: root.unit.checked,
		index:
			root.kind === 'function'
				? renumber(parts.demand(root))
				: stub(root.unit, root.name, root.reason, parts.mentions.get(root)),
	}));
	for (const each of stubs) functions.push(each);
	const modelled = new Set(
		parts.readers.filter((r) => r.modelled && r.judges !== true).map((r) => r.name),
	);
	const locked = new Set(parts.readers.filter((r) => r.locked).map((r) => r.name));
	const walks = rootIndices.flatMap(({ checked, index }) => {
		if (!checked) return [];
		const walk = walkOf(functions, index, request.path);
		const name = functions[index]?.name ?? '';
		if (!modelled.has(name)) return [walk];
		const outside = parts.outside.find((call) => call.reader === name);
		const called =
			outside === undefined ? {} : { outside: { caller: outside.caller, site: outside.site } };
		return [{ ...walk, reader: locked.has(name) ? 'locked' : 'open', ...called } as const];
	});
	// what a walk or a reader reaches has its verdict
	const reached = new Set(walks.flatMap((w) => w.functions.map((f) => functions[f]?.name)));
	const undecided = undecidedOf(parts).filter(({ name }) => !reached.has(name));
	for (const { name, access, why } of undecided)
		unsupported.push({ reason: why, site: access, function: name });
	const strange = parts.units.strange();
	const assumptions: readonly Assumption[] = assumptionsOf({
		functions,
		walks,
		path: request.path,
		definitions: order.map((id) => parts.demanded[id] as DefinedFunction),
		notes: order.map((id) => parts.lowered.get(id)?.assumptions ?? []),
		tree: request.tree !== null,
		reading: readingOf(parts, request.tree !== null),
		strange: { texts: strangeTold(strange ?? []), site: () => siteIn(parts, 0, 0) },
	});
	const program = {
		features: parts.units.features,
		actors: headersOf(request, parts),
		functions,
		fields: parts.table.fields,
		symbols: parts.table.symbols,
		sites: parts.table.sites,
		unsupported,
		assumptions,
	};
	const { workspaceActors, followed } = parts;
	const { untold } = followed;
	const isFollowing = followed.isFollowing && parts.units.postponed.size === 0;
	return {
		program,
		walks,
		undecided,
		workspaceActors,
		untold,
		isFollowing,
		isCompared: strange !== null,
		facts: parts.units.facts,
		unparsed: unsupported.length === 0 ? [] : unparsedOf(parts, unsupported),
		dialect: dialectOf(parts.units.file),
	};
}

/** Of the functions of which something is not supported, those that their texts name, and those without bounds. */
function unparsedOf(parts: Parts, unsupported: readonly UnsupportedSpan[]): Lowered['unparsed'] {
	const { source } = parts.units.file;
	const asked = new Set(unsupported.flatMap(({ function: name }) => name ?? []));
	for (const name of [...asked]) {
		const [item] = source.functions.get(name) ?? [];
		const text = item === undefined ? '' : source.preprocessed.text.slice(item.start, item.end);
		for (const [word] of text.matchAll(/\w+/g)) if (source.functions.has(word)) asked.add(word);
	}
	return unparsedIn(source, (name) => asked.has(name)).map(({ function: name, start, end }) => ({
		function: name,
		site: siteIn(parts, start, end),
	}));
}

/** What the adversaries that act say of themselves: a file says nothing of one that acts from another. */
function headersOf({ actors }: LowerRequest, { workspaceActors }: Parts): readonly ActorHeader[] {
	const acting = new Map(workspaceActors.flatMap((a) => (a.acts ? [[a.name, a.path]] : [])));
	return actors.flatMap(({ path, text }) =>
		actorHeaders(text).filter(({ name }) => {
			const from = acting.get(name);
			return from === undefined ? path.startsWith('racewalk:') : from === path;
		}),
	);
}

/** What the file's directives take for granted. */
function readingOf(
	parts: Parts,
	inTree: boolean,
): readonly { readonly what: string; readonly site: SiteIndex }[] {
	const { unit } = parts.units.file.source.preprocessed;
	const incomplete = !inTree || (unit?.missing.length ?? 0) > 0;
	const told = (unit?.notes ?? []).flatMap(({ kind, message, offset }) => {
		const site = (): SiteIndex => siteIn(parts, offset, offset + 1);
		if (kind === 'unknown' && incomplete) return [{ what: message, site: site() }];
		if (kind === 'error') return [{ what: `the file has ${message}`, site: site() }];
		if (kind !== 'missing' || !inTree) return [];
		const taken = isAbi(message)
			? 'its numbers are those of every kernel'
			: 'taken to define nothing';
		return [{ what: `${message} is not found: ${taken}`, site: site() }];
	});
	const nested = (unit?.missing ?? []).flatMap(({ message, path, behind }) => {
		if (!inTree || path === unit?.path) return [];
		const what = `${message}, which ${path} includes, is not found: taken to define nothing`;
		return [{ what, site: siteIn(parts, behind, behind + 1) }];
	});
	const lacking = parts.units.lacks.map((what) => ({
		what: `${what}: what differs between kernels is taken to be as in the newest`,
		site: siteIn(parts, 0, 0),
	}));
	return [...lacking, ...told, ...nested];
}

function siteIn(parts: Parts, start: number, end: number): SiteIndex {
	const { source } = parts.units.file;
	const [from, to] = [source.lines.positionAt(start), source.lines.positionAt(end)];
	return parts.table.site({
		path: source.path,
		line: from.line,
		column: from.column,
		endLine: to.line,
		endColumn: to.column,
		cites: null,
	});
}

/** Readers that are not modelled, with their places. */
function undecidedOf(parts: Parts): readonly UndecidedReader[] {
	const siteOf = (start: number, end: number): SiteIndex => siteIn(parts, start, end);
	return parts.readers
		.filter((r) => !r.modelled)
		.map((r) => ({
			name: r.name,
			site: siteOf(r.nameStart, r.nameStart + r.name.length),
			access: siteOf(r.start, r.end),
			why: r.why,
		}));
}

function functionOf(
	definition: DefinedFunction,
	made: LoweredFunction,
	renumber: (id: number) => FunctionIndex,
): ProgramFunction {
	const { finished } = made;
	return {
		name: definition.syntax.name,
		path: definition.unit.source.path,
		site: made.site,
		parameters: [
			...made.signature.parameters.map((p, i) => ({
				name: p.name ?? '',
				type: made.parameterTypes[i] ?? '',
			})),
			// where a struct goes that is returned
			...(made.signature.returns.kind === 'struct' ? [{ name: '', type: 'void *' }] : []),
		],
		registers: finished.registers,
		registerNames: finished.registerNames,
		slots: finished.slots,
		...(finished.cells === undefined ? {} : { cells: finished.cells }),
		ops: renumberCallees(finished.ops, renumber),
		...(isVoidPointer(made.signature.returns) ? { givesEntry: true as const } : {}),
		origin: definition.unit.origin,
	};
}

function isVoidPointer(type: CType): boolean {
	return type.kind === 'pointer' && type.to.kind === 'void';
}

interface Stub {
	readonly unit: Unit;
	readonly name: string;
	readonly reason: string;
	readonly mentions: readonly FunctionIndex[];
}

/** A function that says that it could not be read. */
function stubOf(parts: Parts, { unit, name, reason, mentions }: Stub): ProgramFunction {
	const { source } = unit;
	const item =
		source.functions.get(name)?.[0] ?? source.brokenNames.get(name) ?? source.prototypes.get(name);
	const from = item?.nameStart ?? 0;
	const [start, end] = [from, from + name.length].map((at) => source.lines.positionAt(at));
	const site = parts.table.site({
		path: source.path,
		line: start?.line ?? 1,
		column: start?.column ?? 1,
		endLine: end?.line ?? 1,
		endColumn: end?.column ?? 1,
		cites: null,
	});
	return {
		name,
		path: source.path,
		site,
		parameters: [],
		registers: 0,
		registerNames: [],
		slots: [],
		ops: [{ kind: 'unsupported', reason, mentions, site }],
		origin: unit.origin,
	};
}

/** The root and the functions of the checked file that it reaches. */
function walkOf(functions: readonly ProgramFunction[], root: FunctionIndex, path: string): Walk {
	const seen = new Set<FunctionIndex>();
	const open: FunctionIndex[] = [root];
	for (let at = open.shift(); at !== undefined; at = open.shift()) {
		if (seen.has(at)) continue;
		seen.add(at);
		for (const callee of calleesOfAll(functions[at]?.ops ?? [])) open.push(callee as FunctionIndex);
	}
	return {
		root,
		functions: [...seen].filter(
			(f) => functions[f]?.path === path && functions[f]?.origin === 'walk',
		),
	};
}
