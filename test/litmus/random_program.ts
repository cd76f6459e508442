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
} from '../../engine/memory/lkmm/litmus_program.js';

const site = { line: 1, column: 1 };
const names = ['x', 'y', 'l', 's', 'z', 'p'];
const LOCK = 2;
const SRCU = 3;
/** Location of nobody else's interest. */
const PRIVATE = 5;

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
	.constantFrom<Fence>(
		'mb',
		'rmb',
		'wmb',
		'barrier',
		'before-atomic',
		'after-atomic',
		'after-spinlock',
		'after-unlock-lock',
		'after-srcu-read-unlock',
	)
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
	readonly srcu: boolean;
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
		{ kind: 'lock', address: address(LOCK), site },
		s,
		{ kind: 'unlock', address: address(LOCK), site },
	]);
	const section = fc
		.tuple(one, one)
		.map(([a, b]): readonly Statement[] => [
			{ kind: 'rcu', mark: 'rcu-lock', site },
			a,
			b,
			{ kind: 'rcu', mark: 'rcu-unlock', site },
		]);
	const srcu = fc
		.tuple(one, one)
		.map(([a, b]): readonly Statement[] => [
			{ kind: 'assign', register: 's', value: { kind: 'srcu-lock', address: address(SRCU), site } },
			a,
			b,
			{ kind: 'srcu-unlock', address: address(SRCU), value: { kind: 'register', name: 's' }, site },
		]);
	const syncSrcu = fc.constant<readonly Statement[]>([
		{ kind: 'sync-srcu', address: address(SRCU), site },
	]);
	const sync = fc.constant<readonly Statement[]>([{ kind: 'rcu', mark: 'sync-rcu', site }]);
	return fc.oneof(
		{ weight: 6, arbitrary: single },
		...(shape.locks ? [{ weight: 1, arbitrary: locked }] : []),
		...(shape.srcu
			? [
					{ weight: 1, arbitrary: srcu },
					{ weight: 1, arbitrary: syncSrcu },
				]
			: []),
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

/** How one thread of a cycle orders its two accesses. */
type Device = (first: Statement, second: Statement) => readonly Statement[];

function devices(shape: Shape): readonly Device[] {
	const fenced = (kind: Fence): Statement => ({ kind: 'fence', fence: kind, site });
	const between =
		(...middle: readonly Statement[]): Device =>
		(a, b) => [a, ...middle, b];
	const rcuMark = (mark: 'rcu-lock' | 'rcu-unlock' | 'sync-rcu'): Statement => ({
		kind: 'rcu',
		mark,
		site,
	});
	const lock: Statement = { kind: 'lock', address: address(LOCK), site };
	const unlock: Statement = { kind: 'unlock', address: address(LOCK), site };
	const increment = (order: RmwOrder): Statement => ({
		kind: 'assign',
		register: 'q',
		value: {
			kind: 'rmw',
			update: '+',
			order,
			address: address(PRIVATE),
			operand: { kind: 'constant', value: 1 },
			returns: 'new',
			unless: null,
			site,
		},
	});
	const srcuLock: Statement = {
		kind: 'assign',
		register: 's',
		value: { kind: 'srcu-lock', address: address(SRCU), site },
	};
	const srcuUnlock: Statement = {
		kind: 'srcu-unlock',
		address: address(SRCU),
		value: { kind: 'register', name: 's' },
		site,
	};
	const out: Device[] = [
		between(fenced('mb')),
		between(fenced('mb')),
		between(fenced('rmb')),
		between(fenced('wmb')),
		between(increment('mb')),
		between(increment('noreturn'), fenced('after-atomic')),
		between(fenced('before-atomic'), increment('once')),
		(a, b) => [a, depending(b)],
		(a, b) => [
			a,
			{
				kind: 'if',
				condition: { kind: 'register', name: 'r0' },
				then: b,
				otherwise: null,
				escapes: false,
			},
		],
		(a, b) => [acquiring(a), b],
		(a, b) => [a, releasing(b)],
		(a, b) => [acquiring(a), releasing(b)],
	];
	if (shape.locks) {
		out.push((a, b) => [lock, a, unlock, lock, b, unlock]);
		out.push((a, b) => [lock, a, unlock, lock, fenced('after-unlock-lock'), b, unlock]);
		out.push((a, b) => [a, lock, fenced('after-spinlock'), b, unlock]);
		out.push((a, b) => [lock, a, b, unlock]);
	}
	if (shape.rcu) {
		for (let i = 0; i < 3; i++) {
			out.push(between(rcuMark('sync-rcu')));
			out.push((a, b) => [rcuMark('rcu-lock'), a, b, rcuMark('rcu-unlock')]);
		}
	}
	if (shape.srcu) {
		for (let i = 0; i < 3; i++) {
			out.push(between({ kind: 'sync-srcu', address: address(SRCU), site }));
			out.push((a, b) => [srcuLock, a, b, srcuUnlock]);
		}
		out.push((a, b) => [srcuLock, a, srcuUnlock, fenced('after-srcu-read-unlock'), b]);
	}
	return out;
}

/** A store whose value depends on r0 and does not vary with it. */
function depending(s: Statement): Statement {
	if (s.kind !== 'store') return s;
	const nothing: Expression = {
		kind: 'binary',
		operator: '&',
		left: { kind: 'register', name: 'r0' },
		right: { kind: 'constant', value: 0 },
	};
	return { ...s, value: { kind: 'binary', operator: '+', left: s.value, right: nothing } };
}

function acquiring(s: Statement): Statement {
	if (s.kind !== 'assign' || s.value.kind !== 'load') return s;
	return { ...s, value: { ...s.value, order: 'acquire' } };
}

function releasing(s: Statement): Statement {
	return s.kind === 'store' ? { ...s, order: 'release' } : s;
}

/**
 * A program with a cycle to forbid or allow: thread i accesses one location and then the next thread's, ordered somehow;
 * in random programs of the other kind such a thing is rare.
 */
export function cycle(shape: Shape): fc.Arbitrary<LitmusProgram> {
	const places = [0, 1, 4];
	const step = fc.record({
		reads: fc.tuple(fc.boolean(), fc.boolean()),
		plain: fc.tuple(fc.nat(7), fc.nat(7)),
		device: fc.constantFrom(...devices(shape)),
	});
	return fc.array(step, { minLength: 2, maxLength: 3 }).map((steps) => {
		const observed: Observable[] = places.map((l) => ({
			kind: 'location',
			location: l as LocationIndex,
		}));
		const threads = steps.map(({ reads, plain, device }, i) => {
			for (const name of ['r0', 'r1']) observed.push({ kind: 'register', thread: i, name });
			const accesses = [0, 1].map((k): Statement => {
				const at = places[(i + k) % steps.length] as number;
				const order: AccessOrder = shape.plain && plain[k] === 0 ? 'plain' : 'once';
				return reads[k]
					? {
							kind: 'assign',
							register: `r${k}`,
							value: { kind: 'load', order, address: address(at), site },
						}
					: {
							kind: 'store',
							order,
							address: address(at),
							value: { kind: 'constant', value: 1 + k },
							site,
						};
			});
			const statements = device(accesses[0] as Statement, accesses[1] as Statement);
			return { name: `P${i}`, registers: new Map(), body: { kind: 'block', statements } as const };
		});
		return {
			name: 'cycle',
			locations: names.map((name) => ({ name, initial: 0 })),
			threads,
			filter: null,
			quantifier: 'exists',
			condition: { kind: 'true' },
			observed,
		} satisfies LitmusProgram;
	});
}

/** Programs of either kind. */
export function anyProgram(shape: Shape): fc.Arbitrary<LitmusProgram> {
	return fc.oneof(program(shape), cycle(shape));
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
