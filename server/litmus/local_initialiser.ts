/**
 * Initialisers and elements of locals that are memory: stores of each word, and indices that stay inside.
 */
import {
	type Expression,
	type LitmusSite,
	LOCATION_STRIDE,
	type Statement,
} from '../../engine/memory/lkmm/litmus_program.js';
import type * as ast from '../syntax/ast.js';
import type { LocalObject } from './local_memory.js';
import { partOf, sizeOf } from './types.js';

/** The function that the local is of. */
export interface InitialiserPort {
	value(e: ast.Expression): Expression;
	site(e: ast.Expression): LitmusSite;
	fail(what: string, e: ast.Expression): never;
}

/** Stores an initialiser into a local in memory, and 0 into what it leaves out. */
export function initialised(
	{ address, type }: LocalObject,
	initialiser: ast.Expression,
	port: InitialiserPort,
): readonly Statement[] {
	const site = port.site(initialiser);
	const store = (at: number, value: Expression): Statement => ({
		...{ kind: 'store', order: 'plain', address: { kind: 'constant', value: at }, value, site },
	});
	if (type.kind !== 'array' && type.kind !== 'struct')
		return [store(address, port.value(initialiser))];
	if (initialiser.kind !== 'initialiser-list')
		return port.fail('initialiser of an array or a struct', initialiser);
	const given = new Map<number, readonly Statement[]>();
	let position = 0;
	for (const element of initialiser.elements) {
		const part = partOf(type, element, position);
		if (part === null) return port.fail('initialiser that does not fit its object', element.value);
		position = part.position + 1;
		const place = { address: address + part.offset * LOCATION_STRIDE, type: part.type };
		for (let word = 0; word < sizeOf(part.type); word++) given.set(part.offset + word, []);
		given.set(part.offset, initialised(place, element.value, port));
	}
	const zero: Expression = { kind: 'constant', value: 0 };
	const words = Array.from(
		{ length: sizeOf(type) },
		(_, word) => given.get(word) ?? [store(address + word * LOCATION_STRIDE, zero)],
	);
	return words.flat();
}

/** The declarator's shape, an array's length being that of its initialiser where it has none. */
export function shapeOf({ shape, initialiser }: ast.Declarator): readonly ast.DeclaratorPart[] {
	const count = initialiser?.kind === 'initialiser-list' ? initialiser.elements.length : 0;
	const at = { start: initialiser?.start ?? 0, end: initialiser?.end ?? 0 };
	return shape.map((part) =>
		part.kind === 'array' && part.length === null
			? { kind: 'array', length: { kind: 'number', text: `${count}`, ...at } }
			: part,
	);
}

/** An index that leads to no location. */
const FAR = -(2 ** 20);

/** An index, evaluated once into a register of that name: where it leaves the array it leads to no location. */
export function checkedIndex(index: Expression, length: number, name: string): Expression {
	const first: Expression = { kind: 'assign', register: name, value: index };
	const again: Expression = { kind: 'register', name };
	const zero: Expression = { kind: 'constant', value: 0 };
	const end: Expression = { kind: 'constant', value: length };
	return {
		kind: 'conditional',
		condition: {
			...{ kind: 'binary', operator: '&&' },
			left: { kind: 'binary', operator: '>=', left: first, right: zero },
			right: { kind: 'binary', operator: '<', left: again, right: end },
		},
		whenTrue: again,
		whenFalse: { kind: 'constant', value: FAR },
	};
}
