/**
 * Random small litmus programs: two or three threads, a few statements each, over two locations and a lock.
 */
import fc from 'fast-check';
import {
	type AccessOrder,
	type Expression,
	type Fence,
	type LitmusProgram,
	type LocationIndex,
	locationAddress,
	type Observable,
	type RmwOrder,
	type Statement,
} from '../../engine/memory/litmus_program.js';

const site = { line: 1, column: 1 };
const names = ['x', 'y', 'l'];

function address(location: number): Expression {
	return { kind: 'constant', value: locationAddress(location as LocationIndex) };
}

const register = fc.constantFrom('r0', 'r1');
const location = fc.constantFrom(0, 1);
const value: fc.Arbitrary<Expression> = fc.oneof(
	fc.constantFrom(1, 2).map((v): Expression => ({ kind: 'constant', value: v })),
	register.map((name): Expression => ({ kind: 'register', name })),
);

function load(orders: readonly AccessOrder[]): fc.Arbitrary<Statement> {
	return fc.tuple(register, location, fc.constantFrom(...orders)).map(
		([name, at, order]): Statement => ({
			kind: 'assign',
			register: name,
			value: { kind: 'load', order, address: address(at), site },
		}),
	);
}

function store(orders: readonly AccessOrder[]): fc.Arbitrary<Statement> {
	return fc.tuple(location, value, fc.constantFrom(...orders)).map(
		([at, stored, order]): Statement => ({
			kind: 'store',
			order,
			address: address(at),
			value: stored,
			site,
		}),
	);
}

const fence: fc.Arbitrary<Statement> = fc
	.constantFrom<Fence>('mb', 'rmb', 'wmb', 'before-atomic', 'after-atomic')
	.map((kind): Statement => ({ kind: 'fence', fence: kind, site }));

const rmw: fc.Arbitrary<Statement> = fc
	.tuple(
		register,
		location,
		fc.constantFrom<RmwOrder>('once', 'acquire', 'release', 'mb'),
		fc.constantFrom('+' as const, 'xchg' as const),
		fc.boolean(),
	)
	.map(
		([name, at, order, update, conditional]): Statement => ({
			kind: 'assign',
			register: name,
			value: {
				kind: 'rmw',
				update,
				order,
				address: address(at),
				operand: { kind: 'constant', value: 1 },
				returns: 'old',
				unless: conditional ? { operator: '==', value: { kind: 'constant', value: 0 } } : null,
				site,
			},
		}),
	);

/** Which statements a program may have. */
export interface Shape {
	readonly plain: boolean;
	readonly rcu: boolean;
	readonly locks: boolean;
}

function statement(shape: Shape): fc.Arbitrary<readonly Statement[]> {
	const plain: readonly AccessOrder[] = shape.plain ? ['plain'] : [];
	const one = fc.oneof(
		{ weight: 5, arbitrary: load(['once', 'acquire', ...plain]) },
		{ weight: 5, arbitrary: store(['once', 'release', ...plain]) },
		{ weight: 2, arbitrary: fence },
		{ weight: 2, arbitrary: rmw },
		{
			weight: 2,
			arbitrary: fc.tuple(register, store(['once'])).map(
				([name, then]): Statement => ({
					kind: 'if',
					condition: { kind: 'register', name },
					then,
					otherwise: null,
					escapes: false,
				}),
			),
		},
	);
	const single = one.map((s) => [s] as const);
	const locked = one.map((s): readonly Statement[] => [
		{ kind: 'lock', address: address(2), site },
		s,
		{ kind: 'unlock', address: address(2), site },
	]);
	const section = fc
		.tuple(one, one)
		.map(([a, b]): readonly Statement[] => [
			{ kind: 'rcu', mark: 'rcu-lock', site },
			a,
			b,
			{ kind: 'rcu', mark: 'rcu-unlock', site },
		]);
	const sync = fc.constant<readonly Statement[]>([{ kind: 'rcu', mark: 'sync-rcu', site }]);
	return fc.oneof(
		{ weight: 6, arbitrary: single },
		...(shape.locks ? [{ weight: 1, arbitrary: locked }] : []),
		...(shape.rcu
			? [
					{ weight: 1, arbitrary: section },
					{ weight: 1, arbitrary: sync },
				]
			: []),
	);
}

/** A program of those statements. All registers and locations are observed. */
export function program(shape: Shape): fc.Arbitrary<LitmusProgram> {
	const thread = fc.array(statement(shape), { minLength: 1, maxLength: 3 });
	return fc.array(thread, { minLength: 2, maxLength: 3 }).map((threads) => {
		const observed: Observable[] = [
			{ kind: 'location', location: 0 as LocationIndex },
			{ kind: 'location', location: 1 as LocationIndex },
			...threads.flatMap((_, i): Observable[] =>
				['r0', 'r1'].map((name) => ({ kind: 'register', thread: i, name })),
			),
		];
		return {
			name: 'random',
			locations: names.map((name) => ({ name, initial: 0 })),
			threads: threads.map((parts, i) => ({
				name: `P${i}`,
				registers: new Map(),
				body: { kind: 'block', statements: parts.flat() },
			})),
			filter: null,
			quantifier: 'exists',
			condition: { kind: 'true' },
			observed,
		} satisfies LitmusProgram;
	});
}

/** The program with a statement put into one thread, between two of its statements. */
export function inserted(
	original: LitmusProgram,
	at: { thread: number; position: number },
	extra: Statement,
): LitmusProgram {
	return changed(original, at.thread, (statements) => {
		const position = at.position % (statements.length + 1);
		return [...statements.slice(0, position), extra, ...statements.slice(position)];
	});
}

/** The program with every marked access of one thread made acquire or release. */
export function strengthened(original: LitmusProgram, thread: number): LitmusProgram {
	return changed(original, thread, (statements) =>
		statements.map((s): Statement => {
			if (s.kind === 'store' && s.order === 'once') return { ...s, order: 'release' };
			if (s.kind === 'assign' && s.value.kind === 'load' && s.value.order === 'once') {
				return { ...s, value: { ...s.value, order: 'acquire' } };
			}
			return s;
		}),
	);
}

function changed(
	original: LitmusProgram,
	thread: number,
	change: (statements: readonly Statement[]) => readonly Statement[],
): LitmusProgram {
	const index = thread % original.threads.length;
	return {
		...original,
		threads: original.threads.map((t, i) => {
			if (i !== index || t.body.kind !== 'block') return t;
			return { ...t, body: { kind: 'block', statements: change(t.body.statements) } };
		}),
	};
}
