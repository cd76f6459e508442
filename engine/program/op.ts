/**
 * The operations of a lowered program: a register machine whose only shared effects are `load`, `store`, `rmw`,
 * `fence`, `section` and `intrinsic`. Everything else is thread-local and runs without a scheduling point.
 *
 * Words are two's complement integers of up to 64 bits held in JS numbers: a value v of an unsigned type is stored as
 * its signed 64-bit reading (so ~0UL is -1). Arithmetic that would need more than 53 bits of magnitude is a `fault`
 * of kind `wide-value`, never a silent rounding. A local that was never written has no value (engine/memory/thread/unset.ts).
 *
 * Invariant: nothing here knows C, page tables, or how a program is explored.
 */

/** Index of a function in `Program.functions`. */
export type FunctionIndex = number & { readonly brand: 'FunctionIndex' };
/** Index of an op in `ProgramFunction.ops`. */
export type OpIndex = number & { readonly brand: 'OpIndex' };
/** Index of a register of the current frame; parameters come first. */
export type RegisterIndex = number & { readonly brand: 'RegisterIndex' };
/** Index in `Program.fields`: one (struct, field) pair, shared by all objects of that struct. */
export type FieldIndex = number & { readonly brand: 'FieldIndex' };
/** Index in `Program.symbols`: a named global whose address the world supplies (`shmem_aops`, `current`). */
export type SymbolIndex = number & { readonly brand: 'SymbolIndex' };
/** Index in `Program.sites`. */
export type SiteIndex = number & { readonly brand: 'SiteIndex' };

export type Operand =
	| { readonly kind: 'register'; readonly register: RegisterIndex }
	| { readonly kind: 'constant'; readonly value: number };

/** The C integer type an operation is done in. Pointers are 64 bits unsigned. */
export interface IntegerType {
	readonly bits: 8 | 16 | 32 | 64;
	readonly signed: boolean;
}

export type UnaryOperator = '-' | '~' | '!';
export type BinaryOperator =
	| '+'
	| '-'
	| '*'
	| '/'
	| '%'
	| '&'
	| '|'
	| '^'
	| '<<'
	| '>>'
	| '=='
	| '!='
	| '<'
	| '<='
	| '>'
	| '>=';

const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=']);

/** The operator gives 0 or 1: whether its operands compare so. */
export function isComparison(operator: string): boolean {
	return COMPARISONS.has(operator);
}

/**
 * How a memory access is marked. `plain`: the compiler may repeat it; `once`: READ_ONCE/WRITE_ONCE and volatile
 * bit tests; `acquire`/`release` as in LKMM. Under sc only plain versus the rest matters.
 */
export type AccessOrder = 'plain' | 'once' | 'acquire' | 'release';
/** Half of a word that the CPU reads in two accesses: an entry of 64 bits on a 32-bit machine. */
export type Half = 'low' | 'high';
/** Ordering of an atomic read-modify-write, LKMM's names. `full` is what unsuffixed value-returning atomics give. */
export type RmwOrder = 'relaxed' | 'acquire' | 'release' | 'full';
export type FenceKind =
	| 'mb'
	| 'rmb'
	| 'wmb'
	| 'before-atomic'
	| 'after-atomic'
	| 'after-spinlock'
	| 'barrier';

/**
 * `add-unless`: add `operand` unless the old value equals `expected`; `cmpxchg`: store `operand` if the old value
 * equals `expected`; `sub-and-test` is `add` of the negative with `returns: 'zero'`.
 */
export type RmwOperator = 'add' | 'and' | 'or' | 'xor' | 'xchg' | 'cmpxchg' | 'add-unless';
/** What an rmw leaves in `dst`: the old value, the new one, 1 if it stored (else 0), 1 if the new value is 0 (else 0). */
export type RmwResult = 'old' | 'new' | 'success' | 'zero';

/**
 * A critical section of the running CPU, counted per thread. `rcu` and `preempt` nest; `irq` is a state of the CPU, which
 * is off or on however often it was turned off (include/linux/irqflags.h).
 */
export type SectionKind = 'irq' | 'rcu' | 'preempt';

interface At {
	readonly site: SiteIndex;
}

export type Op = At &
	(
		| { readonly kind: 'move'; readonly dst: RegisterIndex; readonly from: Operand }
		/**
		 * A C expression's use of variable `from`. When the variable's value came straight from a plain load, the
		 * compiler may load again here: the machine then offers both values (kept, re-loaded) if they differ.
		 */
		| { readonly kind: 'use'; readonly dst: RegisterIndex; readonly from: RegisterIndex }
		| {
				readonly kind: 'unary';
				readonly dst: RegisterIndex;
				readonly operator: UnaryOperator;
				readonly operand: Operand;
				readonly type: IntegerType;
		  }
		| {
				readonly kind: 'binary';
				readonly dst: RegisterIndex;
				readonly operator: BinaryOperator;
				readonly left: Operand;
				readonly right: Operand;
				readonly type: IntegerType;
				/** A step of a count inside a loop: the result says how often the loop went round. */
				readonly counts?: true;
		  }
		| {
				readonly kind: 'convert';
				readonly dst: RegisterIndex;
				readonly operand: Operand;
				readonly type: IntegerType;
		  }
		| { readonly kind: 'jump'; readonly target: OpIndex }
		| {
				readonly kind: 'branch';
				readonly condition: Operand;
				readonly then: OpIndex;
				readonly otherwise: OpIndex;
		  }
		| {
				readonly kind: 'call';
				readonly dst: RegisterIndex | null;
				readonly callee: FunctionIndex;
				readonly arguments: readonly Operand[];
		  }
		| { readonly kind: 'return'; readonly value: Operand | null }
		/** Address of cell `slot` of this frame's memory (locals whose address is taken, local arrays and structs). */
		| { readonly kind: 'frame-address'; readonly dst: RegisterIndex; readonly slot: number }
		/** `&base->field`. */
		| {
				readonly kind: 'field';
				readonly dst: RegisterIndex;
				readonly base: Operand;
				readonly field: FieldIndex;
		  }
		| { readonly kind: 'symbol'; readonly dst: RegisterIndex; readonly symbol: SymbolIndex }
		| {
				readonly kind: 'load';
				readonly dst: RegisterIndex;
				readonly address: Operand;
				readonly order: AccessOrder;
				/**
				 * Only this half of the word counts as read: the op gives the whole word, the ops after it keep the half.
				 * Absent: the whole word is read at once.
				 */
				readonly half?: Half;
				/** Read as this type, narrower than a word. Absent: a whole word. */
				readonly type?: IntegerType;
		  }
		| {
				readonly kind: 'store';
				readonly address: Operand;
				readonly value: Operand;
				readonly order: AccessOrder;
				/** Written as this type, narrower than a word. Absent: a whole word. */
				readonly type?: IntegerType;
		  }
		| {
				readonly kind: 'rmw';
				readonly dst: RegisterIndex | null;
				readonly address: Operand;
				readonly operator: RmwOperator;
				readonly operand: Operand;
				readonly expected: Operand | null;
				readonly order: RmwOrder;
				readonly returns: RmwResult;
				/** Width of the cell: what is stored wraps to it, as an atomic_t does at 2^31. Absent: a whole word. */
				readonly type?: IntegerType;
		  }
		| { readonly kind: 'fence'; readonly fence: FenceKind }
		/** `dst` gets whether the thread was inside before: what local_irq_save() keeps. */
		| {
				readonly kind: 'section';
				readonly dst: RegisterIndex | null;
				readonly section: SectionKind;
				readonly delta: 1 | -1;
		  }
		/** A named operation of the world (free a folio, wait for a grace period); may block; semantics in engine/mm. */
		| {
				readonly kind: 'intrinsic';
				readonly dst: RegisterIndex | null;
				readonly name: string;
				readonly arguments: readonly Operand[];
		  }
		/** Nondeterministic choice of 0 … alternatives-1. */
		| { readonly kind: 'choose'; readonly dst: RegisterIndex; readonly alternatives: number }
		/** Runs that violate it are not executions at all (used by actors and harnesses, never by the walk). */
		| { readonly kind: 'assume'; readonly condition: Operand }
		/** BUG_ON / VM_BUG_ON / WARN_ON that fired: reported to the monitor as an event; execution goes on after warn. */
		| { readonly kind: 'bug'; readonly severity: 'bug' | 'warn'; readonly what: string }
		/** Source that could not be lowered: reaching it makes the verdict `unsupported`. `mentions`: what the function it stands in may call. */
		| {
				readonly kind: 'unsupported';
				readonly reason: string;
				readonly mentions?: readonly FunctionIndex[];
		  }
	);
