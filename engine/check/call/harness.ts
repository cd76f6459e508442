/**
 * Calls a walk's root the way its callers do. A root that takes an address range is called as it is; one that takes an
 * entry, a folio or a page is called from a small function that does what the walk above it would have done: interrupts
 * off, the entry read (and for a folio: referenced and the entry read again) before the call.
 *
 * Model: a function looked at alone is assumed to be called with interrupts disabled and what it is given freshly read:
 * the entries above still lead to it at that moment, and an upper entry given by value has been found present.
 * Model: a device that was given long-term pins for writing writes once, some time after the walk, in worlds in which an
 * adversary makes pages clean.
 */

import { unreachable } from '../../base/unreachable.js';
import { headerOf } from '../../mm/actors/headers.js';
import { isUnannounced } from '../../mm/actors/requirements.js';
import { FOLL } from '../../mm/model/foll.js';
import {
	ENTRY,
	entryValue,
	frameOfValue,
	LEVELS,
	type Level,
	PAGE_SHIFT,
	PAGE_SIZE,
} from '../../mm/model/layout.js';
import { type BuiltWorld, objectAddress, TABLE_BITS, TABLE_OF } from '../../mm/model/world.js';
import type { WorldSpec } from '../../mm/model/world_spec.js';
import { countParameter } from '../../mm/monitor/watch.js';
import type {
	FunctionIndex,
	Operand,
	OpIndex,
	RegisterIndex,
	SectionKind,
} from '../../program/op.js';
import {
	fieldOffset,
	type Parameter,
	type Program,
	type ProgramFunction,
} from '../../program/program.js';
import { reachable } from '../../program/reach.js';
import { type Calling, FOLIO, levelsIn, PAGES } from './calling.js';
import { Body, constant, reg, withHarness } from './harness_body.js';
import { type ParameterRole, parameterRoles } from './parameter_roles.js';

/** Thread 0 of a scenario: the program with the harness in it, and what to start. */
export function harness(
	program: Program,
	root: FunctionIndex,
	calling: Calling,
	world: BuiltWorld,
): { readonly program: Program; readonly entry: FunctionIndex } {
	const fn = program.functions[root] as ProgramFunction;
	const b = new Body(fn.site);
	const sections = calling.kind === 'range' ? sectionsIn(world.spec) : calling.sectionsAtEntry;
	for (const section of sections) b.op({ kind: 'section', dst: null, section, delta: 1 });
	if (calling.kind === 'entry') assumeWayDown(b, fn.parameters, world);
	const held = calling.kind === 'folio' ? referenceVictim(b, world) : null;
	const roles = parameterRoles(program, root);
	const values = argumentsOf(b, { parameters: fn.parameters, roles }, world, held);
	const result = b.register();
	b.op({ kind: 'call', dst: result, callee: root, arguments: values });
	if (held !== null) dropVictim(b, world, held);
	const pins = isUnannounced(program);
	if (calling.kind === 'range' && (pins || isCleaned(program, world)))
		writeThroughPin(b, result, pins ? FOLL.FOLL_PIN : FOLL.FOLL_LONGTERM | FOLL.FOLL_WRITE);
	for (const section of sections) b.op({ kind: 'section', dst: null, section, delta: -1 });
	b.op({ kind: 'return', value: reg(result) });
	return withHarness(program, b);
}

/** Sections that the caller of a walk is in already. */
export function sectionsIn({ interruptsOff }: WorldSpec): readonly SectionKind[] {
	return interruptsOff === true ? ['irq'] : [];
}

/**
 * Who may call a walk with interrupts off: nobody where it does not keep whether they were on, everybody where it never sleeps,
 * else those who say FOLL_FAST_ONLY (mm/gup.c, get_user_pages_fast_only()).
 */
export function offCallers(
	program: Program,
	root: FunctionIndex,
): 'everybody' | 'fast-only' | 'nobody' {
	const ops = [...reachable(program, root)].flatMap((f) => program.functions[f]?.ops ?? []);
	const keeps = ops.some((o) => o.kind === 'section' && o.section === 'irq' && o.dst !== null);
	if (!keeps) return 'nobody';
	const sleeps = ops.some((o) => o.kind === 'intrinsic' && o.name === 'might_sleep');
	return sleeps ? 'fast-only' : 'everybody';
}

/** Somebody there makes pages clean while they may be pinned. */
function isCleaned(program: Program, { spec }: BuiltWorld): boolean {
	return spec.actors.some((name) => headerOf(program, name)?.makesClean === true);
}

/** What a pin, such as a long-term one for writing, is taken for: a device writes to the pages, at any time after the walk. */
function writeThroughPin(b: Body, count: RegisterIndex, flags: number): void {
	const asked = constant(flags);
	const isAsked = b.binary('==', reg(b.binary('&', FLAGS, asked)), asked);
	const at = b.ops.length;
	const none = (at + 3) as OpIndex;
	for (const [i, condition] of [isAsked, count].entries()) {
		const then = (at + i + 1) as OpIndex;
		b.op({ kind: 'branch', condition: reg(condition), then, otherwise: none });
	}
	b.op({ kind: 'intrinsic', dst: null, name: 'device_write', arguments: [reg(count)] });
}

/** The tables on the way to what the function is given are still in place: its caller has just come through them. */
function assumeWayDown(b: Body, parameters: readonly Parameter[], world: BuiltWorld): void {
	const { levels } = world;
	const given = depthIn(world, [...levelsIn(parameters)].sort(byDepth)[0] as Level);
	const leafAt = levels.indexOf(world.spec.level);
	for (const level of levels.slice(0, Math.min(given, leafAt))) {
		const below = entryValue(TABLE_OF[levels[levels.indexOf(level) + 1] as Level], TABLE_BITS);
		b.assume(b.binary('==', reg(b.load(constant(world.path[level]))), constant(below)));
	}
}

function byDepth(a: Level, b: Level): number {
	return LEVELS.indexOf(a) - LEVELS.indexOf(b);
}

/** Depth of a level in the world's tables; a folded one stands where it is folded into. */
function depthIn({ levels }: BuiltWorld, level: Level): number {
	return Math.max(0, levels.indexOf(level));
}

/** The harness' parameter: the FOLL_ flags. */
const FLAGS: Operand = { kind: 'register', register: 0 as RegisterIndex };

function argumentsOf(
	b: Body,
	{
		parameters,
		roles,
	}: {
		readonly parameters: readonly Parameter[];
		readonly roles: readonly (ParameterRole | null)[];
	},
	world: BuiltWorld,
	held: RegisterIndex | null,
): readonly Operand[] {
	return parameters.map((p, i): Operand => {
		const entry = /^p(te|md|ud|4d|gd)_t( \*)?$/.exec(p.type);
		if (entry) {
			const level = levelsIn([p])[0] as Level;
			const address = constant(world.path[level]);
			if (entry[2]) return address;
			const value = reg(b.load(address));
			if (level !== 'pte') assumeUpperEntry(b, { value, level }, world);
			return value;
		}
		if (i === countParameter({ parameters })) return constant(objectAddress('nr'));
		if (PAGES.test(p.type)) return constant(objectAddress('pages'));
		if (FOLIO.test(p.type)) return held === null ? constant(0) : reg(held);
		if (/mm_struct/.test(p.type)) return constant(objectAddress('mm'));
		if (/vm_area_struct/.test(p.type)) return constant(0);
		return numberFor(b, roles[i] ?? null, world);
	});
}

function numberFor(b: Body, role: ParameterRole | null, { start, spec }: BuiltWorld): Operand {
	switch (role) {
		case 'address':
			return constant(start);
		case 'end':
			return constant(start + spec.pages * PAGE_SIZE);
		case 'count':
			return constant(spec.pages);
		case 'flags':
			return FLAGS;
		case 'write':
			return reg(b.binary('&', FLAGS, constant(FOLL.FOLL_WRITE)));
		case 'number':
		case null:
			return constant(1);
		default:
			return unreachable(role);
	}
}

/** Of a root's arguments, those that follow from the FOLL_ flags; null: another. */
export function flagArguments(
	roles: readonly (ParameterRole | null)[],
	flags: number,
): readonly (number | null)[] {
	return roles.map((role) =>
		role === 'flags' ? flags : role === 'write' ? flags & FOLL.FOLL_WRITE : null,
	);
}

/** What the walker above has tested of an entry it passes down: that it leads to a table, or is a leaf that is there. */
function assumeUpperEntry(
	b: Body,
	{ value, level }: { readonly value: Operand; readonly level: Level },
	world: BuiltWorld,
): void {
	const { levels } = world;
	const depth = depthIn(world, level);
	if (depth < levels.indexOf(world.spec.level)) {
		const next = TABLE_OF[levels[depth + 1] as Level];
		b.assume(b.binary('==', value, constant(entryValue(next, TABLE_BITS))));
		return;
	}
	// pmd_present() holds of a leaf that is being split as well: arch/x86/include/asm/pgtable.h
	if (level !== 'pmd') b.assume(b.binary('&', value, constant(ENTRY.present | ENTRY.protnone)));
	b.assume(b.binary('&', value, constant(ENTRY.leaf)));
}

/** Takes the reference the walk would hold: entry, add unless zero, entry again; otherwise the run is none. */
function referenceVictim(b: Body, world: BuiltWorld): RegisterIndex {
	const page = constant(world.symbols.get('victim_page') ?? 0);
	const first = b.load(constant(world.victimEntry));
	b.assume(b.binary('&', reg(first), constant(ENTRY.present)));
	// what is mapped there is still the folio that the function is given
	const frame = frameOfValue(
		world.cells.find((c) => c.address === world.victimEntry)?.initial ?? 0,
	);
	const mapped = b.binary('>>', reg(first), constant(PAGE_SHIFT));
	b.assume(b.binary('==', reg(mapped), constant(frame)));
	const count = countOf(b, world, page);
	if (count !== null) {
		const got = b.register();
		b.op({
			kind: 'rmw',
			dst: got,
			address: count,
			operator: 'add-unless',
			operand: constant(1),
			expected: constant(0),
			order: 'full',
			returns: 'success',
		});
		b.assume(got);
	}
	const second = b.load(constant(world.victimEntry));
	b.assume(b.binary('==', reg(first), reg(second)));
	const held = b.register();
	b.op({ kind: 'move', dst: held, from: page });
	return held;
}

function dropVictim(b: Body, world: BuiltWorld, held: RegisterIndex): void {
	const count = countOf(b, world, reg(held));
	if (count === null) return;
	const zero = b.register();
	b.op({
		kind: 'rmw',
		dst: zero,
		address: count,
		operator: 'add',
		operand: constant(-1),
		expected: null,
		order: 'full',
		returns: 'zero',
	});
	const at = b.ops.length;
	b.op({
		kind: 'branch',
		condition: reg(zero),
		then: (at + 1) as OpIndex,
		otherwise: (at + 2) as OpIndex,
	});
	b.op({ kind: 'intrinsic', dst: null, name: 'free_folio', arguments: [reg(held)] });
}

function countOf(b: Body, world: BuiltWorld, page: Operand): Operand | null {
	const field = world.field('page', '_refcount');
	return field === null ? null : reg(b.binary('+', page, constant(fieldOffset(field))));
}
