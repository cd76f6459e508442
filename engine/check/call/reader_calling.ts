/**
 * Calls a reader the way its callers do, as far as the types of its parameters say how; and says which world that takes.
 *
 * Model: what callers hold is taken from engine/mm/worlds/reader/reader_worlds.ts, by the parameters' types; flags and enumerations are
 * tried with what the code can tell apart (argument_asks.ts). What no world has a value for makes the verdict `unsupported`.
 */
import { PAGE_SIZE, pageAddress } from '../../mm/model/layout.js';
import type { HandsOut, ReaderKind } from '../../mm/model/reader_spec.js';
import { NODE_TAG, type ReaderWorld, SWAP_ENTRY } from '../../mm/model/reader_world.js';
import { type ObjectName, objectAddress } from '../../mm/model/world.js';
import type { FunctionIndex, Operand } from '../../program/op.js';
import type { Parameter, Program, ProgramFunction } from '../../program/program.js';
import { reachable } from '../../program/reach.js';
import { asksOf } from './argument_asks.js';
import { type Body, constant, reg } from './harness_body.js';

/** How a reader is called. */
export interface ReaderCalling {
	readonly kind: ReaderKind;
	/** The caller holds the folio's lock; null: it may or may not. */
	readonly lock: boolean | null;
	/** The caller is in an RCU read-side section. */
	readonly rcu: boolean;
	/** The caller holds the lock of the LRU, and has found the folio there. */
	readonly lru?: true;
	readonly handsOut: HandsOut;
	/** Value entries may be among what it hands out: its caller gets the index of each. */
	readonly values: boolean;
	readonly assumption: string;
	/** A flag that it is never given; null: none is left out by name. */
	readonly without: string | null;
	/** What a message of what goes wrong ends with, where not every caller calls it so. */
	readonly premise?: string;
}

/** Values of an enumeration tried. */
const ENUM_VALUES = [0, 1, 2];
/** include/linux/mmzone.h: ISOLATE_ASYNC_MIGRATE, ISOLATE_UNEVICTABLE, none and both. */
const ISOLATE_MODES = [0, 4, 8, 12];
/** include/linux/pagemap.h */
const FGP_LOCK = 2;
const FGP_CREAT = 4;
const FGP_NOWAIT = 0x20;
/** include/linux/gfp_types.h */
const GFP_KERNEL = 0xcc0;
/** Pages an array has room for. */
const ARRAY_PAGES = 2;

/** Parameters by what the world has for them; the first that fits. */
const PARAMETERS = {
	folio: /^(const )?struct (folio|page) \*$/,
	control: /^struct rmap_walk_control \*$/,
	mapping: /^struct address_space \*$/,
	index: /^(pgoff_t|unsigned long)$/,
	indexOut: /^(pgoff_t|unsigned long) \*$/,
	bytes: /^loff_t$/,
	count: /^unsigned( int)?$/,
	node: /^struct ksm_stable_node \*$/,
	enum: /^enum \w+$/,
	xas: /^struct xa_state \*$/,
	mark: /^xa_mark_t$/,
	batch: /^struct (folio_batch|pagevec) \*$/,
	array: /^struct page \*\*$/,
	compaction: /^struct compact_control \*$/,
	mode: /^(isolate_mode_t|int)$/,
	how: /^fgf_t$/,
	gfp: /^gfp_t$/,
	policy: /^struct mempolicy \*$/,
	lruvec: /^struct lruvec \*$/,
	scan: /^struct scan_control \*$/,
	inode: /^struct inode \*$/,
	swap: /^swp_entry_t$/,
} as const;
type Given = keyof typeof PARAMETERS;
const GIVEN = Object.keys(PARAMETERS) as readonly Given[];

function givenFor({ type }: Parameter): Given | null {
	return GIVEN.find((given) => PARAMETERS[given].test(type)) ?? null;
}

/** What callers do, by what a function takes and touches. */
interface Shape extends Omit<ReaderCalling, 'assumption' | 'handsOut' | 'values' | 'without'> {
	/** Parameters in order, apart by blanks. */
	readonly takes: readonly string[];
	/** A field that it, or what it calls, takes: `struct.name`, or any of a struct. */
	readonly touches: string | null;
	/** What its callers hold, in words. */
	readonly called: string;
}

const SHAPES: readonly Shape[] = [
	{
		...{ kind: 'anon-vma', lock: true, rcu: false },
		takes: ['folio'],
		touches: 'anon_vma.',
		called: 'with a reference on the folio and its lock held',
	},
	{
		...{ kind: 'anon-vma', lock: null, rcu: false },
		takes: ['folio control'],
		touches: 'anon_vma.',
		called: 'with a reference on the folio, by rmap_walk()',
	},
	{
		...{ kind: 'page-cache', lock: false, rcu: false },
		takes: [
			...['mapping index', 'mapping index how gfp', 'mapping index mode gfp'],
			'mapping index how gfp policy',
			...['mapping bytes bytes', 'mapping index swap', 'inode index'],
			...['mapping index index batch', 'mapping index index batch indexOut'],
			...['mapping indexOut index batch', 'mapping indexOut index batch indexOut'],
			'mapping indexOut index mark batch',
			...['mapping index count array', 'mapping index count array indexOut'],
			...['mapping indexOut index count array', 'mapping indexOut index mark count array'],
		],
		touches: 'address_space.',
		called: 'while the address_space is kept alive by its caller',
	},
	{
		...{ kind: 'page-cache', lock: false, rcu: true },
		takes: [
			...['xas index', 'xas index mark', 'xas mapping index', 'mapping xas index'],
			// the folio is what the caller has just found with the state
			'folio mapping xas index',
		],
		touches: 'xa_state.',
		called: 'inside an RCU section, while the address_space is kept alive by its caller',
	},
	{
		...{ kind: 'stable-node', lock: false, rcu: false },
		takes: ['node', 'node enum'],
		touches: null,
		called: 'with ksm_thread_mutex held: nobody else frees the stable node',
	},
	{
		...{ kind: 'frame', lock: false, rcu: false, lru: true },
		takes: ['lruvec folio scan'],
		touches: null,
		called: 'on a folio found on the LRU, with the lock of the LRU held',
	},
	{
		...{ kind: 'movable', lock: false, rcu: false },
		takes: ['folio mode'],
		touches: 'page.PG_isolated',
		called: 'on any page of memory, with nothing held',
	},
	{
		...{ kind: 'frame', lock: false, rcu: false },
		takes: ['folio', 'folio index', 'index', 'compaction index index mode'],
		touches: 'page._refcount',
		called: 'on any page of memory, with nothing held',
	},
];

/** Decides by types and by what is touched; a reason in words when there is no world for it. */
export function readerCallingOf(
	program: Program,
	root: FunctionIndex,
): ReaderCalling | { readonly why: string } {
	const { name, parameters } = program.functions[root] as ProgramFunction;
	const touched = fieldsTouched(program, root);
	const given = parameters.map(givenFor);
	const shape = SHAPES.find(
		({ takes, touches }) =>
			takes.includes(given.join(' ')) &&
			(touches === null || touched.some((field) => field.startsWith(touches))),
	);
	if (shape === undefined) return { why: noWorld(parameters) };
	const { takes: _, touches: __, called, ...held } = shape;
	const handsOut = handsOutOf(given);
	const isFolio = FOLIO_ALONE.includes(given.join(' ')) && !givesEntries(program, root);
	const values = given.at(-1) === 'indexOut' || (handsOut === 'result' && !isFolio);
	const without = given.includes('gfp') ? 'FGP_CREAT' : null;
	// mm/filemap.c, next_uptodate_folio(): who maps a folio asks for the size under its lock
	const anySize = held.kind === 'page-cache' && !touched.includes('inode.i_size');
	const ends = anySize
		? '; it reads no i_size: where the file ends is its callers\u2019 business'
		: '';
	const more = without === null ? '' : `, without ${without}`;
	const assumption = `${name}() is called ${called}${more}${ends}`;
	return { ...held, handsOut, values, assumption, without };
}

/** What is returned is an entry of any kind: by its type, or because it walks the slots itself. */
function givesEntries(program: Program, root: FunctionIndex): boolean {
	const { givesEntry, path } = program.functions[root] as ProgramFunction;
	const isWalk = (f: FunctionIndex): boolean =>
		program.functions[f]?.parameters.some((p) => PARAMETERS.xas.test(p.type)) === true;
	const walks = (f: FunctionIndex): boolean =>
		program.functions[f]?.path === path &&
		program.functions[f].ops.some((op) => op.kind === 'call' && isWalk(op.callee));
	return givesEntry === true || [...reachable(program, root)].some(walks);
}

/** Who asks for no more gets a folio, an error, or nothing. */
const FOLIO_ALONE: readonly string[] = ['mapping index', 'inode index'];

function handsOutOf(given: readonly (Given | null)[]): HandsOut {
	if (given.includes('batch')) return 'batch';
	if (given.includes('array')) return 'array';
	const isolates = given.includes('mode') && !given.includes('mapping');
	return isolates || given.includes('scan') ? 'list' : 'result';
}

function noWorld(parameters: readonly Parameter[]): string {
	const types = parameters.map((p) => `${p.type}${p.type.endsWith('*') ? '' : ' '}${p.name}`);
	return `no world is modelled for a reader that is called with (${types.join(', ') || 'void'})`;
}

/** Fields that the function or what it reaches takes, by `struct.name`. */
function fieldsTouched(program: Program, root: FunctionIndex): readonly string[] {
	const touched = new Set<string>();
	for (const f of reachable(program, root)) {
		for (const op of program.functions[f]?.ops ?? []) {
			if (op.kind !== 'field') continue;
			const { struct = '', name = '' } = program.fields[op.field] ?? {};
			touched.add(`${struct}.${name}`);
		}
	}
	return [...touched];
}

/** include/linux/xarray.h: the mark that every entry has. */
const XA_PRESENT = 8;

/** The arguments a reader is called with. */
export function readerArguments(
	b: Body,
	{
		program,
		root,
		world,
	}: { readonly program: Program; readonly root: FunctionIndex; readonly world: ReaderWorld },
): readonly Operand[] {
	const { parameters } = program.functions[root] as ProgramFunction;
	const outs: readonly ObjectName[] = ['index', 'indices'];
	let out = 0;
	return parameters.map((p, at): Operand => {
		const given = givenFor(p);
		switch (given) {
			case 'folio':
				return world.spec.reader === 'page-cache'
					? found(b, world)
					: constant(pageAddress(world.victim));
			case 'control':
				return reg(b.binary('*', reg(b.choose(2)), constant(objectAddress('rwc'))));
			case 'indexOut':
				return constant(objectAddress(outs[out++] ?? 'indices'));
			case 'mapping':
			case 'node':
			case 'xas':
			case 'batch':
			case 'array':
			case 'compaction':
			case 'lruvec':
			case 'scan':
			case 'inode':
				return constant(objectAddress(OBJECT_GIVEN[given]));
			case 'policy':
			case null:
				return constant(0);
			case 'index':
			case 'bytes':
				return b.oneOf(
					isFlags(parameters, at)
						? numbersGiven(program, root, at)
						: placesOf(parameters, at, world),
				);
			default:
				return b.oneOf(numbersGiven(program, root, at));
		}
	});
}

/** A number beside a page is no index. */
function isFlags(parameters: readonly Parameter[], at: number): boolean {
	return at === 1 && parameters.length === 2 && givenFor(parameters[0] as Parameter) === 'folio';
}

const OBJECT_GIVEN = {
	mapping: 'mapping:file',
	node: 'stable_node',
	xas: 'xas',
	batch: 'batch',
	array: 'pages',
	compaction: 'compact_control',
	lruvec: 'lruvec',
	scan: 'scan_control',
	inode: 'inode:file',
} as const;

/** include/linux/mm.h, MF_COUNT_INCREASED: the caller has a reference, which nobody has here. */
const MF_COUNT_INCREASED = 1;

function withoutCount(flags: number): number {
	return flags % 2 === 0 ? flags : flags - MF_COUNT_INCREASED;
}

/** Numbers tried for a parameter, at most. */
const NUMBERS_MAX = 12;

/** Numbers that a reader is given for what is neither an object nor a place: those that it can tell apart. */
function numbersGiven(program: Program, root: FunctionIndex, at: number): readonly number[] {
	const { parameters } = program.functions[root] as ProgramFunction;
	const { bits, numbers } = asksOf(program, root, at);
	const usual = ((): readonly number[] => {
		switch (givenFor(parameters[at] as Parameter)) {
			case 'how':
				return lookedUpHow(bits);
			case 'mode':
				return givenFor(parameters[0] as Parameter) === 'mapping'
					? lookedUpHow(bits)
					: [...ISOLATE_MODES, ...bits];
			case 'gfp':
				return [GFP_KERNEL, ...bits.map((bit) => GFP_KERNEL ^ bit)];
			case 'mark':
				return [0, XA_PRESENT, ...numbers];
			case 'swap':
				return [SWAP_ENTRY, SWAP_ENTRY - 1];
			case 'enum':
				return [...ENUM_VALUES, ...numbers];
			case 'count':
				return numbers.includes(0) ? [ARRAY_PAGES, 0] : [ARRAY_PAGES];
			case 'index':
				// flags: none, all, one alone, all but one
				return [0, -1, ...numbers, ...bits.flatMap((bit) => [bit, -1 - bit])].map(withoutCount);
			default:
				return [0];
		}
	})();
	return [...new Set(usual)].slice(0, NUMBERS_MAX);
}

/**
 * Places: the slot that is looked up, or the page in memory; then where a range ends: there, or as far as there is. Bytes
 * may end before they begin.
 */
function placesOf(
	parameters: readonly Parameter[],
	at: number,
	{ spec, victim, slot }: ReaderWorld,
): readonly number[] {
	const before = parameters.slice(0, at).map(givenFor);
	const isStart = !before.some((g) => g !== null && STARTS.includes(g));
	if (givenFor(parameters[at] as Parameter) === 'bytes') {
		const first = slot * PAGE_SIZE;
		return isStart ? [first] : [first, first - 1, first + GIGABYTE - 1];
	}
	if (spec.reader === 'page-cache') return isStart ? [slot] : [slot, -1];
	return [victim + before.filter((g) => g === 'index').length];
}

/** What says where a range begins. */
const STARTS: readonly Given[] = ['index', 'indexOut', 'bytes', 'xas'];
const GIGABYTE = 2 ** 30;

/** Numbers that callers give for each parameter; null: any, or what is no number. */
export function numbersFor(
	program: Program,
	root: FunctionIndex,
): readonly (readonly number[] | null)[] {
	const { parameters } = program.functions[root] as ProgramFunction;
	return parameters.map((p, at) => {
		const given = givenFor(p);
		const isHow =
			given === 'how' || (given === 'mode' && givenFor(parameters[0] as Parameter) === 'mapping');
		return isHow ? numbersGiven(program, root, at) : null;
	});
}

/** Whether the folio is wanted locked, and whether the lock may be waited for; and each other flag that is asked about. */
function lookedUpHow(asked: readonly number[]): readonly number[] {
	const locks = [0, FGP_LOCK, FGP_NOWAIT, FGP_LOCK + FGP_NOWAIT];
	const others = asked.filter((bit) => bit !== FGP_CREAT && bit !== FGP_LOCK && bit !== FGP_NOWAIT);
	return [...locks, ...others.map((bit) => FGP_LOCK + bit)];
}

/** What the caller found at the slot, with its state standing in the node. */
function found(b: Body, world: ReaderWorld): Operand {
	const node = objectAddress('xa_node');
	const at = (object: number, struct: string, name: string): Operand =>
		constant(world.at(object, struct, name) ?? 0);
	const state = at(objectAddress('xas'), 'xa_state', 'xa_node');
	const head = b.load(at(objectAddress('mapping:file'), 'address_space', 'i_pages'));
	b.assume(b.binary('==', reg(head), constant(node + NODE_TAG)));
	b.op({ kind: 'store', address: state, value: constant(node), order: 'once' });
	return reg(b.load(at(node, 'xa_node', 'slots')));
}
