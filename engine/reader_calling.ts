/**
 * Calls a reader the way its callers do, as far as the types of its parameters say how; and says which world that takes.
 *
 * Model: what callers hold is taken from engine/mm/reader_worlds.ts, by the parameters' types; an enumeration is tried with
 * its first values. What no world has a value for makes the verdict `unsupported`.
 */
import { type Body, constant, reg } from './harness_body.js';
import { pageAddress } from './mm/layout.js';
import type { ReaderKind } from './mm/reader_spec.js';
import { type ReaderWorld, SLOT_INDEX } from './mm/reader_world.js';
import { objectAddress } from './mm/world.js';
import type { FunctionIndex, Operand } from './program/op.js';
import type { Parameter, Program, ProgramFunction } from './program/program.js';
import { reachable } from './program/reach.js';

/** How a reader is called. */
export interface ReaderCalling {
	readonly kind: ReaderKind;
	/** The caller holds the folio's lock; null: it may or may not. */
	readonly lock: boolean | null;
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

/** Decides by types and by what is touched; a reason in words when there is no world for it. */
export function readerCallingOf(
	program: Program,
	root: FunctionIndex,
): ReaderCalling | { readonly why: string } {
	const { name, parameters } = program.functions[root] as ProgramFunction;
	const touched = structsTouched(program, root);
	const fits = (...patterns: readonly RegExp[]): boolean =>
		parameters.length === patterns.length &&
		parameters.every((p, i) => patterns[i]?.test(p.type) === true);
	if (touched.has('anon_vma') && fits(FOLIO)) {
		return {
			kind: 'anon-vma',
			lock: true,
			assumption: `${name}() is called with a reference on the folio and its lock held`,
		};
	}
	if (touched.has('anon_vma') && fits(FOLIO, CONTROL)) {
		return {
			kind: 'anon-vma',
			lock: null,
			assumption: `${name}() is called with a reference on the folio, by rmap_walk()`,
		};
	}
	if (touched.has('address_space') && fits(MAPPING, INDEX)) {
		return {
			kind: 'page-cache',
			lock: false,
			assumption: `${name}() is called while the address_space is kept alive by its caller`,
		};
	}
	if (fits(NODE) || fits(NODE, ENUM)) {
		return {
			kind: 'stable-node',
			lock: false,
			assumption: `${name}() is called with ksm_thread_mutex held: nobody else frees the stable node`,
		};
	}
	return { why: noWorld(parameters) };
}

function noWorld(parameters: readonly Parameter[]): string {
	const types = parameters.map((p) => `${p.type}${p.type.endsWith('*') ? '' : ' '}${p.name}`);
	return `no world is modelled for a reader that is called with (${types.join(', ') || 'void'})`;
}

/** Structs of which the function or what it reaches takes a field. */
function structsTouched(program: Program, root: FunctionIndex): ReadonlySet<string> {
	const touched = new Set<string>();
	for (const f of reachable(program, root)) {
		for (const op of program.functions[f]?.ops ?? []) {
			if (op.kind === 'field') touched.add(program.fields[op.field]?.struct ?? '');
		}
	}
	return touched;
}

/** The arguments a reader is called with. */
export function readerArguments(
	b: Body,
	parameters: readonly Parameter[],
	world: ReaderWorld,
): readonly Operand[] {
	return parameters.map((p): Operand => {
		if (FOLIO.test(p.type)) return constant(pageAddress(world.victim));
		if (MAPPING.test(p.type)) return constant(objectAddress('mapping:file'));
		if (NODE.test(p.type)) return constant(objectAddress('stable_node'));
		if (CONTROL.test(p.type)) {
			const given = b.choose(2);
			return reg(b.binary('*', reg(given), constant(objectAddress('rwc'))));
		}
		if (ENUM.test(p.type)) return reg(b.choose(ENUM_VALUES));
		return constant(SLOT_INDEX);
	});
}
