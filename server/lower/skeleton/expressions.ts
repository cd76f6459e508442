/**
 * What in expressions has an effect: calls, stores to entries and to members that walks look at, in the order in which they
 * are written.
 */
import type { Declaration, Expression, Span, Statement } from '../../syntax/ast.js';
import { parseExpression } from '../../syntax/snippet.js';
import type { Around, Defined } from './around.js';
import type { Effect, Place } from './effect.js';
import { type Skeleton, stepsOf } from './graph.js';
import { both, type Nodes, type Ways } from './ways.js';
import { INTRINSICS, LOCKS, MEMBERS, WORDS, type Word } from './words.js';

interface Given {
	readonly defined: Defined;
	readonly around: Around;
	readonly nodes: Nodes;
	/** The skeleton of what is called. */
	callee(defined: Defined): Skeleton;
	/** Goes through the statements of GNU's `({ … })`. */
	statement(body: Statement, at: Ways): Ways;
}

export class SkeletonExpressions {
	private readonly given: Given;
	/** Effects that what was not understood may have. */
	readonly unread = new Set<Effect>();
	/** Names of the types that variables point at. */
	private readonly pointers = new Map<string, string>();

	constructor(given: Given) {
		this.given = given;
	}

	/** A variable is declared. */
	point(name: string, specifier: Declaration['specifier'], depth: number): void {
		if (specifier.kind === 'named' && depth === 1) this.pointers.set(name, specifier.name);
		else this.pointers.delete(name);
	}

	value(e: Expression, at: Ways): Ways {
		this.given.around.spend();
		switch (e.kind) {
			case 'parenthesised':
				return this.value(e.inner, at);
			case 'unary':
			case 'update':
			case 'cast':
				return this.value(e.operand, at);
			case 'binary': {
				const left = this.value(e.left, at);
				const right = this.value(e.right, left);
				return e.operator === '&&' || e.operator === '||' ? both(left, right) : right;
			}
			case 'assign':
				return this.written(e.target, e, this.value(e.value, this.value(e.target, at)));
			case 'conditional': {
				const asked = this.value(e.condition, at);
				const then = e.then === null ? asked : this.value(e.then, asked);
				return both(then, this.value(e.otherwise, asked));
			}
			case 'call':
				return this.call(e, at);
			case 'member':
				return this.value(e.base, at);
			case 'index':
				return this.value(e.index, this.value(e.base, at));
			case 'initialiser-list':
				return e.elements.reduce((ways, { value }) => this.value(value, ways), at);
			case 'compound-literal':
				return this.value(e.initialiser, at);
			case 'block':
				return this.given.statement(e.body, at);
			case 'comma':
				return this.value(e.right, this.value(e.left, at));
			case 'generic':
				return e.arms.reduce((ways, { value }) => both(ways, this.value(value, at)), at);
			case 'unparsed':
				this.missed(e);
				return at;
			default:
				return at;
		}
	}

	/** Text that is not understood may have the effects of all that is named in it. */
	missed({ start, end }: Span): void {
		const { defined } = this.given;
		const text =
			defined.kind === 'macro' ? defined.macro.body : defined.source.piece(defined.item).text;
		for (const [name] of text.slice(start, end).matchAll(/[A-Za-z_]\w*/g)) {
			const word = WORDS.get(name);
			for (const effect of [...(word?.effects ?? []), ...(word?.kernel ?? [])])
				this.unread.add(effect);
			if (word?.lock !== undefined)
				for (const lock of new Set(LOCKS.values())) this.unread.add(`lock ${lock}`);
			const found = word === undefined ? this.given.around.resolve(name, defined.source) : null;
			const steps = found === null ? [] : stepsOf(this.given.callee(found));
			for (const { node } of steps) for (const effect of node.effects) this.unread.add(effect);
		}
	}

	/** A store: to an entry, or to a member that walks look at. */
	private written(target: Expression, where: Expression, at: Ways): Ways {
		const to = bare(target);
		if (to.kind === 'unary' && to.operator === '*') return this.through(to.operand, where, at);
		return to.kind === 'member' ? this.stored(to.name, where, at) : at;
	}

	/** A store through a pointer. */
	private through(pointer: Expression, where: Expression, at: Ways): Ways {
		// what is written there is something else of the same place
		if (pointer.kind === 'cast' && pointer.operand.kind === 'unary') return at;
		const to = bare(pointer);
		if (to.kind === 'unary' && to.operator === '&') return this.written(to.operand, where, at);
		if (ENTRIES.has(this.leadsTo(pointer))) return this.step(['entry'], 'a store', where, at);
		return at;
	}

	private stored(member: string, where: Expression, at: Ways): Ways {
		const effect = MEMBERS.get(member);
		return effect === undefined ? at : this.step([effect], member, where, at);
	}

	/** The type that a pointer leads to by its declaration or cast; empty: not known. */
	private leadsTo(pointer: Expression): string {
		if (pointer.kind === 'parenthesised') return this.leadsTo(pointer.inner);
		if (pointer.kind === 'cast') {
			const { specifier, shape } = pointer.type;
			return specifier.kind === 'named' && shape.length === 1 ? specifier.name : '';
		}
		if (pointer.kind !== 'identifier') return '';
		const known = this.pointers.get(pointer.name);
		if (known !== undefined) return known;
		const found = this.given.around.resolve(pointer.name, this.given.defined.source);
		if (found?.kind !== 'macro' || found.macro.parameters !== null) return '';
		const body = parseExpression(found.macro.body);
		return body === null || body.kind === 'identifier' ? '' : this.leadsTo(body);
	}

	private call(e: Expression & { kind: 'call' }, at: Ways): Ways {
		const { callee, arguments: given } = e;
		const name = callee.kind === 'identifier' ? callee.name : null;
		if (name === null) return given.reduce((w, a) => this.value(a, w), this.value(callee, at));
		const ways = given.reduce((w, a) => this.value(a, w), at);
		if (name.startsWith('__rw_')) return this.own(name, e, ways);
		const [first] = given;
		if ((name === 'WRITE_ONCE' || name === 'rcu_assign_pointer') && first !== undefined)
			return this.written(first, e, ways);
		const word = this.wordOf(name);
		const done = word === undefined ? ways : this.worded(word, name, e, given.at(0), ways);
		if (word !== undefined && (word.inside !== true || !this.given.around.isTree)) return done;
		const found = this.given.around.resolve(name, this.given.defined.source);
		if (found !== null) return this.inlined(this.given.callee(found), e, done);
		return this.atomic(name, e, done);
	}

	private wordOf(name: string): Word | undefined {
		const word = WORDS.get(name);
		if (word?.otherwise !== true) return word;
		const found = this.given.around.resolve(name, this.given.defined.source);
		return found === null || this.given.around.isFar(found) ? word : undefined;
	}

	/** atomic_inc(&folio->_mapcount) and its kin. */
	private atomic(name: string, e: Expression & { kind: 'call' }, at: Ways): Ways {
		if (!name.startsWith('atomic_') || name.includes('_read')) return at;
		return e.arguments.reduce((ways, argument) => {
			const to = bare(argument);
			if (to.kind !== 'unary' || to.operator !== '&') return ways;
			return this.written(to.operand, e, ways);
		}, at);
	}

	/** What racewalk's own C is written with. */
	private own(name: string, e: Expression & { kind: 'call' }, at: Ways): Ways {
		const [first, ...rest] = e.arguments;
		const word = first?.kind === 'identifier' ? first.name : '';
		switch (name) {
			case '__rw_intrinsic': {
				const does = INTRINSICS.get(word);
				return does === undefined ? at : this.worded(does, word, e, rest[0], at);
			}
			case '__rw_store':
				return rest[0] === undefined ? at : this.through(rest[0], e, at);
			case '__rw_rmw':
				return rest[2] === undefined ? at : this.through(rest[2], e, at);
			case '__rw_fence':
				if (word === 'mb') return this.step(['full-barrier'], name, e, at);
				return word === 'wmb' ? this.step(['write-barrier'], name, e, at) : at;
			default: {
				const found = this.given.around.resolve(name, this.given.defined.source);
				return found === null ? at : this.inlined(this.given.callee(found), e, at);
			}
		}
	}

	private worded(
		word: Word,
		name: string,
		e: Expression,
		argument: Expression | undefined,
		at: Ways,
	): Ways {
		if (word.of !== undefined && memberOf(argument) !== word.of) return at;
		if (word.lock === undefined) {
			const { effects } = word;
			const { flushWaits, isTree } = this.given.around;
			const waits = flushWaits && effects.includes('tlb-flush');
			const asked = isTree ? (word.kernel ?? []) : [];
			const all: readonly Effect[] = [...effects, ...asked, ...(waits ? (['ipi'] as const) : [])];
			const done = all.length === 0 ? at : this.step(all, name, e, at);
			return effects.includes('grace-period') ? this.calledBack(e, done) : done;
		}
		const lock = argument === undefined ? null : this.lockOf(argument);
		if (lock === null) return at;
		const effect: Effect = word.lock === 'take' ? `lock ${lock}` : `unlock ${lock}`;
		return this.step([effect], name, e, at);
	}

	/** What is left to a callback: call_rcu(&head, callback). */
	private calledBack(e: Expression, at: Ways): Ways {
		const given = e.kind === 'call' ? e.arguments[1] : undefined;
		if (given?.kind !== 'identifier') return at;
		const found = this.given.around.resolve(given.name, this.given.defined.source);
		return found?.kind === 'function' ? this.inlined(this.given.callee(found), e, at) : at;
	}

	/** Which lock a pointer leads to; null: it is none that is told apart. */
	private lockOf(pointer: Expression): string | null {
		const to = bare(pointer);
		if (to.kind === 'unary') return this.lockOf(to.operand);
		if (to.kind === 'member') return LOCKS.get(to.name) ?? null;
		if (to.kind === 'identifier')
			return this.pointers.get(to.name) === 'spinlock_t' ? 'ptl' : (LOCKS.get(to.name) ?? null);
		if (to.kind === 'call' && to.callee.kind === 'identifier')
			return /_lockptr$/.test(to.callee.name)
				? 'ptl'
				: to.callee.name === '__rw_symbol' && to.arguments[0]?.kind === 'identifier'
					? (LOCKS.get(to.arguments[0].name) ?? null)
					: null;
		return null;
	}

	private inlined(sub: Skeleton, e: Expression, at: Ways): Ways {
		for (const what of sub.unread) this.unread.add(what);
		return this.given.nodes.inlined(sub, this.place(e), at);
	}

	private step(effects: readonly Effect[], name: string, e: Expression, at: Ways): Ways {
		return this.given.nodes.add({ effects, name, trail: [this.place(e)] }, at);
	}

	private place({ start }: Expression): Place {
		const { defined } = this.given;
		const { source } = defined;
		const offset =
			defined.kind === 'macro'
				? defined.macro.offset
				: source.piece(defined.item).map === null
					? defined.item.start + start
					: defined.item.start + (source.piece(defined.item).map?.span(start, start).start ?? 0);
		const { line } = source.lines.positionAt(offset);
		return { path: source.path, offset, line, cites: this.given.around.citation(source, offset) };
	}
}

const ENTRIES: ReadonlySet<string> = new Set(['pte_t', 'pmd_t', 'pud_t', 'p4d_t', 'pgd_t']);

/** `&mm->write_protect_seq`: the member that it leads to. */
function memberOf(e: Expression | undefined): string | null {
	const to = e === undefined ? null : bare(e);
	if (to?.kind === 'unary' && to.operator === '&') return memberOf(to.operand);
	return to?.kind === 'member' ? to.name : null;
}

function bare(e: Expression): Expression {
	if (e.kind === 'parenthesised') return bare(e.inner);
	return e.kind === 'cast' ? bare(e.operand) : e;
}
