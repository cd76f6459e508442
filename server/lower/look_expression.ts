/**
 * Loads in expressions: through pointers to page-table entries, of a folio's `->mapping`, of slots; and what calls do to the locks
 * that protect them. In the order in which they are written.
 */
import type { Expression, Span, Statement } from '../syntax/ast.js';
import { entryNames } from './entry_names.js';
import {
	assertsLocked,
	bare,
	isAddressOfLocal,
	isZero,
	mentionsMember,
	pathOf,
} from './look_shape.js';
import {
	asked,
	assertedIn,
	assigned,
	called,
	type Either,
	joined,
	type Look,
	type LookState,
	type Seen,
} from './look_state.js';
import { type LookPlace, type LookScope, lookType, variableOf } from './look_types.js';
import {
	ASSERTIONS,
	FIND_CALLS,
	KERNEL_TABLES,
	type Kind,
	LOADS_ENTRY,
	LOADS_NO_ENTRY,
	LOCK_CALLS,
	LOCK_OF,
	type LockCall,
	MAPPING_CALLS,
	REFERENCE_CALLS,
	SLOT_CALLS,
	TABLE_LOCKS,
} from './look_words.js';
import type { Names, Unit } from './names.js';
import { decayed } from './type_names.js';
import type { CType } from './types.js';

interface Given {
	readonly names: Names;
	readonly unit: Unit;
	readonly text: string;
	readonly scope: () => LookScope;
	/** Goes through the statements of GNU's `({ … })`. */
	readonly block: (body: Statement, state: LookState) => LookState;
	readonly lockOf: (name: string) => LockCall | null;
}

/** Read, written to without being read, or its address taken. */
type Use = 'read' | 'write' | 'address';

/** Calls through which a condition is still the condition. */
const HINTS = new Set(['likely', 'unlikely', 'READ_ONCE', '__builtin_expect']);

export class LookExpressions {
	private readonly given: Given;
	private readonly looks = new Map<string, Look>();
	private readonly calls: { name: string; held: ReadonlySet<Kind> }[] = [];
	private readonly named = new Set<string>();
	private readonly gave = new Set<Kind>();
	private isOfKernel = false;
	/** Folios that were looked up, and whether one is locked anywhere. */
	private readonly found: Look[] = [];
	private locksFolios = false;

	constructor(given: Given) {
		this.given = given;
	}

	seen(): Omit<Seen, 'exits'> {
		const { calls, named, gave, isOfKernel } = this;
		const found = this.locksFolios ? this.found : [];
		const looks = [...this.looks.values(), ...found].sort((a, b) => a.start - b.start);
		return { looks, calls, named, gave, isOfKernel };
	}

	place(): LookPlace {
		const { names, unit, text, scope } = this.given;
		return { names, unit, text, scope: scope() };
	}

	/** What holds behind an expression whose value is used. */
	value(e: Expression, state: LookState): LookState {
		const { yes, no } = this.either(e, state, 'read');
		return joined(yes, no);
	}

	/** What holds where a condition is true, and where it is not. */
	condition(e: Expression, state: LookState): Either {
		switch (e.kind) {
			case 'parenthesised':
				return this.condition(e.inner, state);
			case 'unary':
				if (e.operator === '!') {
					const { yes, no } = this.condition(e.operand, state);
					return { yes: no, no: yes };
				}
				break;
			case 'binary': {
				if (e.operator === '&&') {
					const left = this.condition(e.left, state);
					const right = this.condition(e.right, left.yes);
					return { yes: right.yes, no: joined(left.no, right.no) };
				}
				if (e.operator === '||') {
					const left = this.condition(e.left, state);
					const right = this.condition(e.right, left.no);
					return { yes: joined(left.yes, right.yes), no: right.no };
				}
				const isEqual = e.operator === '==';
				if ((isEqual || e.operator === '!=') && (isZero(e.right) || isZero(e.left))) {
					const { yes, no } = this.condition(isZero(e.right) ? e.left : e.right, state);
					return isEqual ? { yes: no, no: yes } : { yes, no };
				}
				break;
			}
			case 'number':
				return isZero(e) ? { yes: null, no: state } : { yes: state, no: null };
			default:
		}
		return this.either(e, state, 'read');
	}

	/** A variable that begins as that value. */
	initialised(name: string, value: Expression, state: LookState): LookState {
		return assigned(this.value(value, state), name, this.lockIn(value));
	}

	private either(e: Expression, state: LookState, use: Use): Either {
		const same = (at: LookState): Either => ({ yes: at, no: at });
		switch (e.kind) {
			case 'identifier':
				if (KERNEL_TABLES.has(e.name)) this.isOfKernel = true;
				this.name(e.name);
				return asked(state, e.name);
			case 'parenthesised':
				return this.either(e.inner, state, use);
			case 'unary':
				return this.unary(e, state, use);
			case 'binary':
				if (e.operator === '&&' || e.operator === '||') return this.condition(e, state);
				return same(this.value(e.right, this.value(e.left, state)));
			case 'assign':
				return this.assignment(e, state);
			case 'update':
				return same(this.use(e.operand, state, 'read'));
			case 'conditional': {
				const { yes, no } = this.condition(e.condition, state);
				const then = e.then === null ? yes : this.value(e.then, yes);
				return same(joined(then, this.value(e.otherwise, no)));
			}
			case 'call':
				return this.call(e, state);
			case 'member':
				return asked(this.member(e, state, use), pathOf(e) ?? '');
			case 'index': {
				const at = this.value(e.index, this.value(e.base, state));
				if (use === 'read') this.followed(e.base, e, at);
				return same(at);
			}
			case 'cast':
				return this.cast(e, state, use);
			case 'initialiser-list':
				return same(e.elements.reduce((at, { value }) => this.value(value, at), state));
			case 'compound-literal':
				return same(this.value(e.initialiser, state));
			case 'block':
				return same(this.given.block(e.body, state));
			case 'comma':
				return this.either(e.right, this.value(e.left, state), use);
			case 'generic':
				return same(e.arms.reduce((at, { value }) => joined(at, this.value(value, state)), state));
			case 'asm':
				return same([...e.inputs, ...e.outputs].reduce((at, o) => this.value(o.value, at), state));
			default:
				return same(state);
		}
	}

	private use(e: Expression, state: LookState, use: Use): LookState {
		const { yes, no } = this.either(e, state, use);
		return joined(yes, no);
	}

	private unary(e: Expression & { kind: 'unary' }, state: LookState, use: Use): Either {
		if (e.operator === '!') return this.condition(e, state);
		if (e.operator === '&') {
			const at = this.use(e.operand, state, 'address');
			return { yes: at, no: at };
		}
		const at = this.value(e.operand, state);
		if (e.operator === '*' && use === 'read') this.followed(e.operand, e, at);
		return { yes: at, no: at };
	}

	private assignment(e: Expression & { kind: 'assign' }, state: LookState): Either {
		const target = this.use(e.target, state, e.operator === null ? 'write' : 'read');
		const { yes, no } = this.either(e.value, target, 'read');
		const place = pathOf(e.target);
		if (place === null || e.operator !== null) return { yes, no };
		const lock = this.lockIn(e.value);
		return { yes: assigned(yes, place, lock), no: assigned(no, place, lock) };
	}

	/** `(void)lock`: what lockdep_assert_held() of include/linux/lockdep.h is without lockdep. */
	private cast(e: Expression & { kind: 'cast' }, state: LookState, use: Use): Either {
		const { yes, no } = this.either(e.operand, state, use);
		if (this.leadsToEntry(e.operand) && this.isOtherPointer(e))
			this.look('entry', e, joined(yes, no));
		const { specifier, shape } = e.type;
		const isVoid = specifier.kind === 'named' && specifier.name === 'void' && shape.length === 0;
		if (!isVoid || !this.isFoundLock(e.operand)) return { yes, no };
		return { yes: assertedIn(yes, ['entry']), no: assertedIn(no, ['entry']) };
	}

	/** What is loaded through it is not seen to be an entry. */
	private isOtherPointer(e: Expression): boolean {
		const type = this.typeOf(e);
		return type.kind === 'pointer' && type.to.kind !== 'entry' && type.to.kind !== 'void';
	}

	private member(e: Expression & { kind: 'member' }, state: LookState, use: Use): LookState {
		const at = e.arrow ? this.value(e.base, state) : this.use(e.base, state, use);
		if (use === 'write') return at;
		const type = this.typeOf(e.base);
		const base = e.arrow && type.kind === 'pointer' ? type.to : type;
		if (e.arrow && base.kind === 'entry' && use === 'read') this.followed(e.base, e, at);
		if (base.kind !== 'struct') return at;
		if (e.name === 'mapping' && (base.tag === 'folio' || base.tag === 'page'))
			this.look('mapping', e, at);
		if (base.tag === 'xa_node' && e.arrow && use === 'read') this.look('slot', e, at);
		return at;
	}

	private call(e: Expression & { kind: 'call' }, state: LookState): Either {
		const { callee, arguments: given } = e;
		const name =
			callee.kind === 'identifier' && variableOf(this.given.scope(), callee.name) === null
				? callee.name
				: null;
		const [first] = given;
		if (name !== null && HINTS.has(name) && first !== undefined) {
			const rest = given.slice(1).reduce((at, a) => this.value(a, at), state);
			return name === 'READ_ONCE' ? this.either(first, rest, 'read') : this.condition(first, rest);
		}
		if (name === 'XA_STATE') this.declareState(given);
		let at = name === null ? this.value(callee, state) : state;
		for (const [index, argument] of given.entries()) {
			const isTarget = name === 'WRITE_ONCE' && index === 0;
			at = this.use(argument, at, isTarget ? 'write' : 'read');
		}
		if (name === null) return { yes: at, no: at };
		if (KERNEL_TABLES.has(name)) this.isOfKernel = true;
		if (this.isOwn(name)) {
			if (at !== null) this.calls.push({ name, held: at.held });
			// mm/filemap.c looks folios up for itself as well
			if (FIND_CALLS.has(name) && at !== null)
				this.found.push({ kind: 'found', start: e.start, end: e.end });
			const lock = this.given.lockOf(name);
			return lock === null ? { yes: at, no: at } : this.locked(at, lock);
		}
		this.callOfKernel(e, name, at);
		const lock = this.lockOfCall(name, given);
		if (lock !== null) return this.locked(at, lock);
		if (ASSERTIONS.test(name) && first !== undefined && assertsLocked(first))
			at = assertedIn(at, ['mapping']);
		return { yes: at, no: at };
	}

	/** XA_STATE() of include/linux/xarray.h declares the state of a walk. */
	private declareState([name, xarray]: readonly Expression[]): void {
		if (name?.kind !== 'identifier' || xarray === undefined) return;
		const type: CType = { kind: 'struct', tag: 'xa_state' };
		this.given.scope().variables.set(name.name, { type, from: xarray });
	}

	private callOfKernel(
		{ arguments: given, start, end }: Expression & { kind: 'call' },
		name: string,
		at: LookState,
	): void {
		const span = { start, end };
		if (LOADS_ENTRY.test(name)) {
			if (!given.some((a) => isAddressOfLocal(a, this.given.scope()))) this.look('entry', span, at);
		} else if (!LOADS_NO_ENTRY.test(name) && given.some((a) => this.givesEntry(a)))
			this.look('entry', span, at);
		if (FIND_CALLS.has(name) && at !== null) this.found.push({ kind: 'found', ...span });
		if (MAPPING_CALLS.has(name)) this.look('mapping', span, at);
		if (REFERENCE_CALLS.has(name)) this.look('reference', span, at);
		const [first] = given;
		if (SLOT_CALLS.test(name) && first !== undefined && this.isOfCache(first))
			this.look('slot', span, at);
	}

	private locked(state: LookState, lock: LockCall): Either {
		if (lock.when !== 'gives' && lock.kinds.length === 1 && lock.kinds[0] === 'mapping')
			this.locksFolios = true;
		if (lock.when === 'gives' && state !== null)
			for (const kind of lock.kinds) if (!state.ever.has(kind)) this.gave.add(kind);
		return called(state, lock);
	}

	/** What a call of the kernel's does to locks. */
	private lockOfCall(name: string, given: readonly Expression[]): LockCall | null {
		const lock = LOCK_CALLS.get(name);
		if (lock === undefined) return null;
		const [first] = given;
		if (lock.ofTable !== true) return lock;
		return first !== undefined && this.isTableLock(first) ? lock : null;
	}

	/** The lock that a value was returned by. */
	private lockIn(e: Expression): LockCall | null {
		const value = bare(e);
		if (value.kind !== 'call' || value.callee.kind !== 'identifier') return null;
		const { name } = value.callee;
		return this.isOwn(name) ? this.given.lockOf(name) : this.lockOfCall(name, value.arguments);
	}

	/** `&mm->page_table_lock`, or a pointer to a lock that stands nowhere in sight. */
	private isTableLock(e: Expression): boolean {
		const lock = bare(e);
		if (lock.kind !== 'unary' || lock.operator !== '&') return true;
		const of = bare(lock.operand);
		return of.kind === 'member' && TABLE_LOCKS.has(of.name);
	}

	/** The lock of a table, as the kernel finds it: pte_lockptr() and its kin, `vmf->ptl`. */
	private isFoundLock(e: Expression): boolean {
		const lock = bare(e);
		if (lock.kind === 'member') return TABLE_LOCKS.has(lock.name);
		if (lock.kind === 'call')
			return lock.callee.kind === 'identifier' && LOCK_OF.test(lock.callee.name);
		if (lock.kind !== 'identifier') return false;
		const from = variableOf(this.given.scope(), lock.name)?.from;
		return from != null && from.kind === 'call' && this.isFoundLock(from);
	}

	/** A pointer is followed: an entry is loaded, if it leads to one that is no copy. */
	private followed(pointer: Expression, span: Span, at: LookState): void {
		if (this.leadsToEntry(pointer)) this.look('entry', span, at);
	}

	private leadsToEntry(pointer: Expression): boolean {
		if (isAddressOfLocal(pointer, this.given.scope())) return false;
		const type = this.typeOf(pointer);
		if (type.kind === 'pointer') return type.to.kind === 'entry' && entryNames.has(type.to.name);
		// what nobody declares: a member of that name is one (struct vm_fault, page_vma_mapped_walk)
		const e = bare(pointer);
		return (
			type.kind === 'unknown' && e.kind === 'member' && /^(?:pte|pmd|pud|p4d|pgd)p?$/.test(e.name)
		);
	}

	/** Given to a function of elsewhere: who is given the top of the tables may as well switch to them. */
	private givesEntry(argument: Expression): boolean {
		const type = this.typeOf(argument);
		const isTop = type.kind === 'pointer' && type.to.kind === 'entry' && type.to.name === 'pgd_t';
		return !isTop && this.leadsToEntry(argument);
	}

	/** Whether the xarray that is looked at is a file's: `i_pages`, or a state that does not say. */
	private isOfCache(e: Expression): boolean {
		const argument = bare(e);
		if (mentionsMember(argument, 'i_pages')) return true;
		const root = argument.kind === 'unary' ? bare(argument.operand) : argument;
		if (root.kind !== 'identifier') return this.isState(root);
		const variable = variableOf(this.given.scope(), root.name);
		if (variable?.from != null) return mentionsMember(variable.from, 'i_pages');
		return this.isState(root);
	}

	private isState(e: Expression): boolean {
		const type = this.typeOf(e);
		const to = type.kind === 'pointer' ? type.to : type;
		return to.kind === 'struct' && to.tag === 'xa_state';
	}

	private look(kind: Kind, { start, end }: Span, at: LookState): void {
		if (at === null || at.held.has(kind)) return;
		const key = `${kind} ${start}`;
		if (!this.looks.has(key)) this.looks.set(key, { kind, start, end });
	}

	private name(name: string): void {
		if (variableOf(this.given.scope(), name) === null && this.isOwn(name)) this.named.add(name);
	}

	private isOwn(name: string): boolean {
		return this.given.unit.source.functions.has(name);
	}

	private typeOf(e: Expression): CType {
		return decayed(lookType(this.place(), e));
	}
}
