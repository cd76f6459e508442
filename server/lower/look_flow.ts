/**
 * One function gone through along its control flow: what it loads of page-table entries, mappings and slots, and which locks protect
 * that there. On the syntax tree, macros expanded; nothing is lowered.
 *
 * Model: which folio or table a lock belongs to is not compared, and a spinlock that is given by a pointer is taken for a
 * table's. Loses functions that take one folio's lock and look at another, or take an unrelated lock that they were given.
 */
import type { Expression, Statement } from '../syntax/ast.js';
import { LookExpressions } from './look_expression.js';
import { isZero } from './look_shape.js';
import {
	type Either,
	holding,
	joined,
	type LookExit,
	type LookState,
	type Reached,
	type Seen,
	sameState,
} from './look_state.js';
import { declare, type LookScope } from './look_types.js';
import type { Kind, LockCall } from './look_words.js';
import type { DefinedFunction, Names } from './names.js';
import { decayed, resolveTypeName } from './type_names.js';
import { unknownType } from './types.js';

/** Rounds until what holds at labels and heads of loops changes no more. */
const roundsMax = 6;

export function seenIn(
	definition: DefinedFunction,
	names: Names,
	from: {
		readonly held: Iterable<Kind>;
		/** What a function of the file does to locks; null: none of the file's, or nothing. */
		readonly lockOf: (name: string) => LockCall | null;
	},
): Seen {
	return new Flow(definition, names, from).seen();
}

interface Loop {
	breaks: LookState;
	continues: LookState;
}

class Flow {
	private readonly definition: DefinedFunction;
	private readonly begin: LookState;
	private readonly expressions: LookExpressions;
	private scope: LookScope;
	private readonly labels = new Map<string, LookState>();
	private readonly exits: LookExit[] = [];
	private changed = false;
	private loop: Loop | null = null;
	/** What holds where the innermost switch is entered. */
	private entered: LookState = null;

	constructor(
		definition: DefinedFunction,
		names: Names,
		{ held, lockOf }: Parameters<typeof seenIn>[2],
	) {
		this.definition = definition;
		this.begin = holding(held);
		this.scope = { variables: new Map(), outer: null };
		const { unit, text } = definition;
		const questions = { names, text, typeOf: () => unknownType, length: () => null };
		for (const { name, type } of definition.syntax.parameters)
			if (name !== null)
				this.scope.variables.set(name, {
					type: decayed(resolveTypeName(type, unit, questions)),
					from: null,
				});
		this.expressions = new LookExpressions({
			...{ names, unit, text, lockOf },
			scope: () => this.scope,
			block: (body, state) => this.statement(body, state),
		});
	}

	seen(): Seen {
		for (let round = 0; round < roundsMax; round++) {
			this.changed = false;
			this.exits.length = 0;
			const end = this.statement(this.definition.syntax.body, this.begin);
			if (end !== null) this.left(null, end);
			if (!this.changed) break;
		}
		return { ...this.expressions.seen(), exits: this.exits };
	}

	private statement(s: Statement, state: LookState): LookState {
		switch (s.kind) {
			case 'compound':
				return this.scoped(() =>
					s.statements.reduce((at, next) => this.statement(next, at), state),
				);
			case 'expression':
				return this.value(s.expression, state);
			case 'declaration': {
				let at = state;
				for (const declarator of s.declaration.declarators) {
					if (declarator.initialiser === null) continue;
					at = this.expressions.initialised(declarator.name, declarator.initialiser, at);
				}
				declare(this.expressions.place(), s.declaration);
				return at;
			}
			case 'if': {
				const { yes, no } = this.condition(s.condition, state);
				const then = this.statement(s.then, yes);
				return joined(then, s.otherwise === null ? no : this.statement(s.otherwise, no));
			}
			case 'while':
			case 'do':
			case 'for':
			case 'each':
				return this.scoped(() => this.looped(s, state));
			case 'switch':
				return this.switched(s, state);
			case 'case':
				return joined(state, this.entered);
			case 'label': {
				const at = joined(state, this.labels.get(s.name) ?? null);
				return s.body === null ? at : this.statement(s.body, at);
			}
			case 'goto': {
				const before = this.labels.get(s.label) ?? null;
				const after = joined(before, state);
				this.labels.set(s.label, after);
				if (!sameState(before, after)) this.changed = true;
				return null;
			}
			case 'return': {
				const end = s.value === null ? state : this.value(s.value, state);
				if (end !== null) this.left(s.value, end);
				return null;
			}
			case 'break':
				if (this.loop !== null) this.loop.breaks = joined(this.loop.breaks, state);
				return null;
			case 'continue':
				if (this.loop !== null) this.loop.continues = joined(this.loop.continues, state);
				return null;
			case 'empty':
			case 'unparsed':
				return state;
		}
	}

	private left(value: Expression | null, { held, asserted }: Reached): void {
		this.exits.push({ isZero: value !== null && isZero(value), held, asserted });
	}

	private looped(
		s: Statement & { kind: 'while' | 'do' | 'for' | 'each' },
		state: LookState,
	): LookState {
		const outer = this.loop;
		let head =
			s.kind === 'for' && s.initialiser !== null ? this.statement(s.initialiser, state) : state;
		let end: LookState = null;
		for (let round = 0; round < roundsMax; round++) {
			const loop: Loop = { breaks: null, continues: null };
			this.loop = loop;
			const { yes, no } = this.headOf(s, head);
			const body = joined(this.statement(s.body, yes), loop.continues);
			const last = s.kind === 'do' ? this.condition(s.condition, body) : null;
			const more =
				s.kind === 'for' && s.update !== null ? this.value(s.update, body) : (last?.yes ?? body);
			end = joined(last === null ? no : last.no, loop.breaks);
			const again = joined(head, more);
			if (sameState(again, head)) break;
			head = again;
		}
		this.loop = outer;
		return end;
	}

	private headOf(
		s: Statement & { kind: 'while' | 'do' | 'for' | 'each' },
		state: LookState,
	): Either {
		switch (s.kind) {
			case 'while':
				return this.condition(s.condition, state);
			case 'do':
				return { yes: state, no: null };
			case 'for':
				return s.condition === null ? { yes: state, no: null } : this.condition(s.condition, state);
			case 'each': {
				const at = this.value(s.head, state);
				return { yes: at, no: at };
			}
		}
	}

	private switched(s: Statement & { kind: 'switch' }, state: LookState): LookState {
		const { loop: outer, entered: before } = this;
		const at = this.value(s.value, state);
		const inner: Loop = { breaks: null, continues: null };
		this.loop = inner;
		this.entered = at;
		const end = this.statement(s.body, null);
		this.loop = outer;
		this.entered = before;
		if (outer !== null) outer.continues = joined(outer.continues, inner.continues);
		// without a default no case may be meant
		return joined(joined(end, inner.breaks), at);
	}

	private scoped<T>(make: () => T): T {
		const outer = this.scope;
		this.scope = { variables: new Map(), outer };
		try {
			return make();
		} finally {
			this.scope = outer;
		}
	}

	private value(e: Expression, state: LookState): LookState {
		return this.expressions.value(e, state);
	}

	private condition(e: Expression, state: LookState): Either {
		return this.expressions.condition(e, state);
	}
}
