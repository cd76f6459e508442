/**
 * Calls a reader the way its callers do, as far as the types of its parameters say how; and says which world that takes.
 *
 * Model: what callers hold is taken from engine/mm/worlds/reader/reader_worlds.ts, by the parameters' types; an enumeration is tried with
 * its first values. What no world has a value for makes the verdict `unsupported`.
 */
import { unreachable } from '../../base/unreachable.js';
import { pageAddress } from '../../mm/model/layout.js';
import type { HandsOut, ReaderKind } from '../../mm/model/reader_spec.js';
import { NODE_TAG, type ReaderWorld, SLOT_INDEX } from '../../mm/model/reader_world.js';
import { type ObjectName, objectAddress } from '../../mm/model/world.js';
import type { FunctionIndex, Operand } from '../../program/op.js';
import type { Parameter, Program, ProgramFunction } from '../../program/program.js';
import { reachable } from '../../program/reach.js';
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
}

/** Values of an enumeration tried. */
const ENUM_VALUES = 3;
/** include/linux/mmzone.h: ISOLATE_ASYNC_MIGRATE; with it, ISOLATE_UNEVICTABLE, none and both. */
const ISOLATE_ASYNC = 4;
const ISOLATE_MODES = 4;
/** include/linux/pagemap.h */
const FGP_LOCK = 2;
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
} as const;
type Given = keyof typeof PARAMETERS;
const GIVEN = Object.keys(PARAMETERS) as readonly Given[];

function givenFor({ type }: Parameter): Given | null {
	return GIVEN.find((given) => PARAMETERS[given].test(type)) ?? null;
}

/** What callers do, by what a function takes and touches. */
interface Shape extends Omit<ReaderCalling, 'assumption' | 'handsOut' | 'values'> {
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
			'mapping bytes bytes',
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
	const values = given.at(-1) === 'indexOut' || handsOut === 'result';
	const asked = given.includes('gfp') ? ', and asked for no more than the folio and its lock' : '';
	const assumption = `${name}() is called ${called}${asked}`;
	return { ...held, handsOut, values, assumption };
}

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
	parameters: readonly Parameter[],
	world: ReaderWorld,
): readonly Operand[] {
	const { reader } = world.spec;
	const outs: readonly ObjectName[] = ['index', 'indices'];
	let [out, indices] = [0, 0];
	return parameters.map((p): Operand => {
		const given = givenFor(p);
		switch (given) {
			case 'folio':
				return reader === 'page-cache' ? found(b, world) : constant(pageAddress(world.victim));
			case 'mapping':
				return constant(objectAddress('mapping:file'));
			case 'node':
				return constant(objectAddress('stable_node'));
			case 'control':
				return reg(b.binary('*', reg(b.choose(2)), constant(objectAddress('rwc'))));
			case 'enum':
				return reg(b.choose(ENUM_VALUES));
			case 'xas':
				return constant(objectAddress('xas'));
			case 'mark':
				return reg(b.binary('*', reg(b.choose(2)), constant(XA_PRESENT)));
			case 'batch':
				return constant(objectAddress('batch'));
			case 'array':
				return constant(objectAddress('pages'));
			case 'count':
				return constant(ARRAY_PAGES);
			case 'compaction':
				return constant(objectAddress('compact_control'));
			case 'how':
				return lookedUpHow(b);
			case 'gfp':
				return constant(GFP_KERNEL);
			case 'lruvec':
				return constant(objectAddress('lruvec'));
			case 'scan':
				return constant(objectAddress('scan_control'));
			case 'mode':
				if (reader === 'page-cache') return lookedUpHow(b);
				return reg(b.binary('*', reg(b.choose(ISOLATE_MODES)), constant(ISOLATE_ASYNC)));
			case 'indexOut':
				return constant(objectAddress(outs[out++] ?? 'indices'));
			case 'index':
				// of a slot; of a page in memory, and where a range of one page ends; or flags, of which none or all are set
				if (reader !== 'frame' && reader !== 'movable') return constant(SLOT_INDEX);
				if (givenFor(parameters[0] ?? p) !== 'folio') return constant(world.victim + indices++);
				return reg(b.binary('*', reg(b.choose(2)), constant(-1)));
			case 'policy':
				return constant(0);
			case 'bytes':
			case null:
				return constant(SLOT_INDEX);
			default:
				return unreachable(given);
		}
	});
}

/** Whether the folio is wanted locked, and whether the lock may be waited for. */
function lookedUpHow(b: Body): Operand {
	const lock = b.binary('*', reg(b.choose(2)), constant(FGP_LOCK));
	const nowait = b.binary('*', reg(b.choose(2)), constant(FGP_NOWAIT));
	return reg(b.binary('+', reg(lock), reg(nowait)));
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
