/**
 * The C that the lowering sees: expressions, statements, types and function definitions as plain unions on `kind`.
 * What the grammar could not read is there as `unparsed`, never left out.
 *
 * Invariant: `start` and `end` are offsets into the text of the source the node was built for.
 */

export interface Span {
	readonly start: number;
	readonly end: number;
}

export type UnarySign = '-' | '+' | '~' | '!' | '*' | '&';
export type BinarySign =
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
	| '>='
	| '&&'
	| '||';

export type Expression = Span &
	(
		| { readonly kind: 'identifier'; readonly name: string }
		| { readonly kind: 'number'; readonly text: string }
		| { readonly kind: 'character'; readonly text: string }
		| { readonly kind: 'string'; readonly text: string }
		| { readonly kind: 'parenthesised'; readonly inner: Expression }
		| { readonly kind: 'unary'; readonly operator: UnarySign; readonly operand: Expression }
		| {
				readonly kind: 'binary';
				readonly operator: BinarySign;
				readonly left: Expression;
				readonly right: Expression;
		  }
		/** `operator` is null for `=`. */
		| {
				readonly kind: 'assign';
				readonly operator: BinarySign | null;
				readonly target: Expression;
				readonly value: Expression;
		  }
		| {
				readonly kind: 'update';
				readonly operator: '++' | '--';
				readonly prefix: boolean;
				readonly operand: Expression;
		  }
		/** `then` is null for GNU's `a ?: b`. */
		| {
				readonly kind: 'conditional';
				readonly condition: Expression;
				readonly then: Expression | null;
				readonly otherwise: Expression;
		  }
		| {
				readonly kind: 'call';
				readonly callee: Expression;
				readonly arguments: readonly Expression[];
		  }
		| {
				readonly kind: 'member';
				readonly base: Expression;
				readonly name: string;
				readonly arrow: boolean;
		  }
		| { readonly kind: 'index'; readonly base: Expression; readonly index: Expression }
		| { readonly kind: 'cast'; readonly type: TypeName; readonly operand: Expression }
		| { readonly kind: 'sizeof-type'; readonly type: TypeName }
		| { readonly kind: 'sizeof-expression'; readonly operand: Expression }
		| { readonly kind: 'offsetof'; readonly type: TypeName; readonly member: string }
		| {
				readonly kind: 'compound-literal';
				readonly type: TypeName;
				readonly initialiser: Expression;
		  }
		| { readonly kind: 'initialiser-list'; readonly elements: readonly InitialiserElement[] }
		| { readonly kind: 'block'; readonly body: Statement }
		| { readonly kind: 'comma'; readonly left: Expression; readonly right: Expression }
		| {
				readonly kind: 'unparsed';
				readonly text: string;
				/** Why; absent: it is no C that is read here. */
				readonly reason?: string;
		  }
		| { readonly kind: 'alignof'; readonly type: TypeName }
		/** `_Generic(control, type: value, …)`; `type` is null for `default`. */
		| {
				readonly kind: 'generic';
				readonly control: Expression;
				readonly arms: readonly { readonly type: TypeName | null; readonly value: Expression }[];
		  }
		/** Inline assembly; `template` with its quotes, constraints without. */
		| {
				readonly kind: 'asm';
				readonly template: string;
				readonly outputs: readonly AsmOperand[];
				readonly inputs: readonly AsmOperand[];
				readonly clobbers: readonly string[];
				readonly jumps: boolean;
		  }
	);

export interface AsmOperand {
	readonly constraint: string;
	readonly value: Expression;
}

export interface InitialiserElement {
	/** `.name`, `[index]` or neither. */
	readonly field: string | null;
	readonly index: Expression | null;
	readonly value: Expression;
}

export type Statement = Span &
	(
		| { readonly kind: 'compound'; readonly statements: readonly Statement[] }
		| { readonly kind: 'expression'; readonly expression: Expression }
		| { readonly kind: 'declaration'; readonly declaration: Declaration }
		| {
				readonly kind: 'if';
				readonly condition: Expression;
				readonly then: Statement;
				readonly otherwise: Statement | null;
		  }
		| { readonly kind: 'while'; readonly condition: Expression; readonly body: Statement }
		| { readonly kind: 'do'; readonly body: Statement; readonly condition: Expression }
		| {
				readonly kind: 'for';
				readonly initialiser: Statement | null;
				readonly condition: Expression | null;
				readonly update: Expression | null;
				readonly body: Statement;
		  }
		| { readonly kind: 'switch'; readonly value: Expression; readonly body: Statement }
		/** `value` is null for `default`, `last` is the end of a GNU range. */
		| { readonly kind: 'case'; readonly value: Expression | null; readonly last: Expression | null }
		| { readonly kind: 'label'; readonly name: string; readonly body: Statement | null }
		| { readonly kind: 'goto'; readonly label: string }
		| { readonly kind: 'return'; readonly value: Expression | null }
		| { readonly kind: 'break' }
		| { readonly kind: 'continue' }
		/** `list_for_each_entry(…) body`: a macro that stands before a statement as if it were a loop's head. */
		| {
				readonly kind: 'each';
				readonly head: Expression & { kind: 'call' };
				readonly body: Statement;
		  }
		| { readonly kind: 'empty' }
		| { readonly kind: 'unparsed'; readonly reason: string }
	);

export interface Declarator extends Span {
	readonly name: string;
	/** Around the declared name, innermost last: `*` of `int *a[3]` wraps first, then the array. */
	readonly shape: readonly DeclaratorPart[];
	readonly initialiser: Expression | null;
	readonly bitfield: boolean;
	/** Its width, where it is a bit-field that could be read. */
	readonly bits: Expression | null;
	/** `__attribute__((cleanup(f)))`: `f`; empty where it cannot be read; null: there is none. */
	readonly cleanup: string | null;
	/** An asm label stands behind it: its symbol is another. */
	readonly isLabelled: boolean;
}

export type DeclaratorPart =
	/** `isVolatile`: the pointer itself is, as `T * volatile`. */
	| { readonly kind: 'pointer'; readonly isVolatile?: boolean }
	| { readonly kind: 'array'; readonly length: Expression | null }
	| { readonly kind: 'function'; readonly parameters: readonly ParameterDeclaration[] };

export interface ParameterDeclaration extends Span {
	readonly name: string | null;
	readonly type: TypeName;
}

export interface Declaration extends Span {
	readonly specifier: TypeSpecifier;
	readonly declarators: readonly Declarator[];
	/** `static`, `extern`, `typedef`, `register`, qualifiers of the specifier (`const`). */
	readonly storage: readonly string[];
}

export type TypeSpecifier =
	/** `unsigned long`, `pte_t`: words sorted as written, qualifiers dropped. */
	| { readonly kind: 'named'; readonly name: string }
	| {
			readonly kind: 'aggregate';
			readonly keyword: 'struct' | 'union';
			readonly tag: string | null;
			readonly members: readonly Declaration[] | null;
	  }
	| {
			readonly kind: 'enum';
			readonly tag: string | null;
			readonly enumerators: readonly Enumerator[] | null;
	  }
	| {
			/** What reads as a type as well as as an expression (`typeof(x)`) is both; neither: it is not understood. */
			readonly kind: 'typeof';
			readonly text: string;
			readonly expression: Expression | null;
			readonly type: TypeName | null;
	  };

export interface Enumerator {
	readonly name: string;
	readonly value: Expression | null;
}

export interface TypeName extends Span {
	/** `volatile` stands before the first `*`: what the first pointer points at is read once per read. */
	readonly isVolatile?: boolean;
	readonly specifier: TypeSpecifier;
	readonly shape: readonly DeclaratorPart[];
	/** The same text as an expression, where nothing can be cast to the type: `n * (m)` and `f(n)` read as functions. */
	readonly value?: Expression;
}

export interface FunctionDefinition extends Span {
	readonly name: string;
	readonly nameSpan: Span;
	readonly returns: TypeName;
	readonly parameters: readonly ParameterDeclaration[];
	readonly isStatic: boolean;
	readonly body: Statement;
	/** Parameters the grammar could not read, or a body of which a part was cut off, make a definition that cannot be called. */
	readonly broken: string | null;
}
