/**
 * Calls a reader the way its callers do, as far as the types of its parameters say how; and says which world that takes.
 *
 * Model: what callers hold is taken from engine/mm/reader_worlds.ts, by the parameters' types; an enumeration is tried with
 * its first values. What no world has a value for makes the verdict `unsupported`.
 */
import { type Body, constant, reg } from './harness_body.js';
import { pageAddress } from './mm/layout.js';
import type { ReaderKind } from './mm/reader_spec.js';
import { NODE_TAG, type ReaderWorld, SLOT_INDEX } from './mm/reader_world.js';
import { objectAddress } from './mm/world.js';
import type { FunctionIndex, Operand } from './program/op.js';
import type { Parameter, Program, ProgramFunction } from './program/program.js';
import { reachable } from './program/reach.js';

/** How a reader is called. */
export interface ReaderCalling {
	readonly kind: ReaderKind;
	/** The caller holds the folio's lock; null: it may or may not. */
	readonly lock: boolean | null;
	/** The caller is in an RCU read-side section. */
	readonly rcu: boolean;
	readonly assumption: string;
}

/** Values of an enumeration tried. */
const ENUM_VALUES = 3;

const FOLIO = /^(const )?struct (folio|page) \*$/;
const CONTROL = /^struct rmap_walk_control \*$/;
const MAPPING = /^struct address_space \*$/;
const INDEX = /^(pgoff_t|unsigned long)$/;
const NODE = /^struct ksm_stable_node \*$/;
const ENUM = /^enum \w+$/;
const XAS = /^struct xa_state \*$/;
const MARK = /^xa_mark_t$/;

/** What callers do, by what a function takes and touches. */
interface Shape extends Omit<ReaderCalling, 'assumption'> {
	readonly takes: readonly (readonly RegExp[])[];
	/** A field that it, or what it calls, takes: `struct.name`, or any of a struct. */
	readonly touches: string | null;
	/** What its callers hold, in words. */
	readonly called: string;
}

const SHAPES: readonly Shape[] = [
	{
		...{ kind: 'anon-vma', lock: true, rcu: false },
		takes: [[FOLIO]],
		touches: 'anon_vma.',
		called: 'with a reference on the folio and its lock held',
	},
	{
		...{ kind: 'anon-vma', lock: null, rcu: false },
		takes: [[FOLIO, CONTROL]],
		touches: 'anon_vma.',
		called: 'with a reference on the folio, by rmap_walk()',
	},
	{
		...{ kind: 'page-cache', lock: false, rcu: false },
		takes: [[MAPPING, INDEX]],
		touches: 'address_space.',
		called: 'while the address_space is kept alive by its caller',
	},
	{
		...{ kind: 'page-cache', lock: false, rcu: true },
		takes: [
			[XAS, INDEX],
			[XAS, INDEX, MARK],
			[XAS, MAPPING, INDEX],
			// the folio is what the caller has just found with the state
			[FOLIO, MAPPING, XAS, INDEX],
		],
		touches: 'xa_state.',
		called: 'inside an RCU section, while the address_space is kept alive by its caller',
	},
	{
		...{ kind: 'stable-node', lock: false, rcu: false },
		takes: [[NODE], [NODE, ENUM]],
		touches: null,
		called: 'with ksm_thread_mutex held: nobody else frees the stable node',
	},
	{
		...{ kind: 'frame', lock: false, rcu: false },
		takes: [[FOLIO], [FOLIO, INDEX]],
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
	const fits = (types: readonly RegExp[]): boolean =>
		parameters.length === types.length &&
		parameters.every((p, i) => types[i]?.test(p.type) === true);
	const shape = SHAPES.find(
		({ takes, touches }) =>
			takes.some(fits) && (touches === null || touched.some((field) => field.startsWith(touches))),
	);
	if (shape === undefined) return { why: noWorld(parameters) };
	const { kind, lock, rcu, called } = shape;
	return { kind, lock, rcu, assumption: `${name}() is called ${called}` };
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
	return parameters.map((p): Operand => {
		if (FOLIO.test(p.type) && world.spec.reader === 'page-cache') return found(b, world);
		if (FOLIO.test(p.type)) return constant(pageAddress(world.victim));
		if (MAPPING.test(p.type)) return constant(objectAddress('mapping:file'));
		if (NODE.test(p.type)) return constant(objectAddress('stable_node'));
		if (CONTROL.test(p.type)) {
			const given = b.choose(2);
			return reg(b.binary('*', reg(given), constant(objectAddress('rwc'))));
		}
		if (ENUM.test(p.type)) return reg(b.choose(ENUM_VALUES));
		if (XAS.test(p.type)) return constant(objectAddress('xas'));
		if (MARK.test(p.type)) return reg(b.binary('*', reg(b.choose(2)), constant(XA_PRESENT)));
		// flags, of which none or all are set
		if (world.spec.reader === 'frame') return reg(b.binary('*', reg(b.choose(2)), constant(-1)));
		return constant(SLOT_INDEX);
	});
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
