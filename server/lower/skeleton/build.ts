/**
 * From a function's syntax tree to its skeleton: control flow, and of the expressions what has an effect; what is called
 * stands in its place, by what it does.
 *
 * Model: conditions of kernel functions are not evaluated: both ways count; a callee that is too large for its place counts as one
 * step with all of its effects, in no order.
 */
import type { Declaration, Expression, Statement } from '../../syntax/ast.js';
import type { Macro } from '../../syntax/preprocess.js';
import { parseExpression, parseStatements } from '../../syntax/snippet.js';
import { remembered } from '../../syntax/source.js';
import type { Around, Defined } from './around.js';
import { SkeletonExpressions } from './expressions.js';
import { ENTRY, EXIT, type Skeleton } from './graph.js';
import { both, NOWHERE, Nodes, type Ways } from './ways.js';

/** Functions that call each other. */
const callsMax = 24;

const macroBodies = new Map<
	string,
	{ expression: Expression | null; statement: Statement | null }
>();

/** Skeletons of the functions of some texts; each is made once. */
export class Skeletons {
	private readonly around: Around;
	private readonly far: Skeletons | null;
	private readonly made = new Map<object, Skeleton>();
	/** Of functions that are being made: who calls himself has no effect then. */
	private readonly open = new Set<object>();

	/** `far` has those of functions that `around` says lie far away. */
	constructor(around: Around, far: Skeletons | null = null) {
		this.around = around;
		this.far = far;
	}

	of(defined: Defined): Skeleton {
		const key = defined.kind === 'function' ? defined.item : defined.macro;
		const known = this.made.get(key);
		if (known !== undefined) return known;
		if (this.open.has(key) || this.open.size > callsMax) return NOTHING;
		this.open.add(key);
		const made = new Building(defined, this.around, (callee) =>
			this.far !== null && this.around.isFar(callee) ? this.far.of(callee) : this.of(callee),
		).skeleton();
		this.open.delete(key);
		this.made.set(key, made);
		return made;
	}
}

const NOTHING: Skeleton = {
	nodes: [
		{ effects: [], name: '', trail: [], next: new Set([EXIT]) },
		{ effects: [], name: '', trail: [], next: new Set() },
	],
	unread: new Set(),
	isBroken: false,
};

interface Loop {
	readonly breaks: Set<number>;
	/** Null in a switch: `continue` is the loop's around it. */
	readonly head: number | null;
}

class Building {
	private readonly defined: Defined;
	private readonly spend: () => void;
	private readonly nodes = new Nodes();
	private readonly expressions: SkeletonExpressions;
	private readonly labels = new Map<string, number>();
	private readonly loops: Loop[] = [];
	/** From where the innermost switch leads to its cases. */
	private entered: Ways = NOWHERE;

	constructor(defined: Defined, around: Around, callee: (defined: Defined) => Skeleton) {
		this.defined = defined;
		this.spend = around.spend;
		const statement = (body: Statement, at: Ways): Ways => this.statement(body, at);
		this.expressions = new SkeletonExpressions({
			...{ defined, around, nodes: this.nodes, callee, statement },
		});
	}

	skeleton(): Skeleton {
		const { defined } = this;
		let end: Ways;
		if (defined.kind === 'function') {
			const { syntax } = defined;
			for (const { name, type } of syntax.parameters)
				if (name !== null) this.expressions.point(name, type.specifier, type.shape.length);
			end = this.statement(syntax.body, new Set([ENTRY]));
		} else end = this.macroBody(defined.macro);
		this.nodes.connect(end, EXIT);
		const isBroken = defined.kind === 'function' && defined.syntax.broken !== null;
		return { nodes: this.nodes.list, unread: this.expressions.unread, isBroken };
	}

	private macroBody({ body }: Macro): Ways {
		const { expression, statement } = remembered(macroBodies, body, (text) => {
			const e = text.trim() === '' ? null : parseExpression(text);
			return { expression: e, statement: e === null ? parseStatements(`${text};`) : null };
		});
		const from: Ways = new Set([ENTRY]);
		if (expression !== null) return this.value(expression, from);
		return statement === null ? from : this.statement(statement, from);
	}

	private statement(s: Statement, at: Ways): Ways {
		this.spend();
		switch (s.kind) {
			case 'compound':
				return s.statements.reduce((ways, next) => this.statement(next, ways), at);
			case 'expression':
				return this.value(s.expression, at);
			case 'declaration':
				return this.declaration(s.declaration, at);
			case 'if': {
				const asked = this.value(s.condition, at);
				const then = this.statement(s.then, asked);
				return both(then, s.otherwise === null ? asked : this.statement(s.otherwise, asked));
			}
			case 'while':
			case 'do':
			case 'for':
			case 'each':
				return this.looped(s, at);
			case 'switch': {
				const asked = this.value(s.value, at);
				const before = this.entered;
				this.entered = asked;
				const loop: Loop = { breaks: new Set(), head: null };
				this.loops.push(loop);
				const end = this.statement(s.body, NOWHERE);
				this.loops.pop();
				this.entered = before;
				return both(both(end, loop.breaks), asked);
			}
			case 'case':
				return both(at, this.entered);
			case 'label': {
				const label = this.label(s.name);
				this.nodes.connect(at, label);
				const from: Ways = new Set([label]);
				return s.body === null ? from : this.statement(s.body, from);
			}
			case 'goto':
				this.nodes.connect(at, this.label(s.label));
				return NOWHERE;
			case 'return':
				this.nodes.connect(s.value === null ? at : this.value(s.value, at), EXIT);
				return NOWHERE;
			case 'break':
				for (const way of at) this.loops.at(-1)?.breaks.add(way);
				return NOWHERE;
			case 'continue': {
				const head = this.loops.findLast((loop) => loop.head !== null)?.head;
				if (head !== undefined && head !== null) this.nodes.connect(at, head);
				return NOWHERE;
			}
			case 'empty':
				return at;
			case 'unparsed':
				this.expressions.missed(s);
				return at;
		}
	}

	private looped(s: Statement & { kind: 'while' | 'do' | 'for' | 'each' }, at: Ways): Ways {
		const begun =
			s.kind === 'for' && s.initialiser !== null ? this.statement(s.initialiser, at) : at;
		const head = this.nodes.join(begun);
		const again = s.kind === 'for' || s.kind === 'do' ? this.nodes.empty() : head;
		const loop: Loop = { breaks: new Set(), head: again };
		this.loops.push(loop);
		const from: Ways = new Set([head]);
		let left: Ways;
		if (s.kind === 'do') {
			this.nodes.connect(this.statement(s.body, from), again);
			left = this.value(s.condition, new Set([again]));
			this.nodes.connect(left, head);
		} else {
			const question = s.kind === 'each' ? s.head : s.condition;
			left = question === null ? from : this.value(question, from);
			this.nodes.connect(this.statement(s.body, left), again);
			if (s.kind === 'for') {
				const next: Ways = new Set([again]);
				this.nodes.connect(s.update === null ? next : this.value(s.update, next), head);
			}
			if (s.kind === 'for' && question === null) left = NOWHERE;
		}
		this.loops.pop();
		return both(left, loop.breaks);
	}

	private declaration({ specifier, declarators }: Declaration, at: Ways): Ways {
		let ways = at;
		for (const { name, shape, initialiser } of declarators) {
			this.expressions.point(name, specifier, shape.length);
			if (initialiser !== null) ways = this.value(initialiser, ways);
		}
		return ways;
	}

	private value(e: Expression, at: Ways): Ways {
		return this.expressions.value(e, at);
	}

	private label(name: string): number {
		const known = this.labels.get(name) ?? this.nodes.empty();
		this.labels.set(name, known);
		return known;
	}
}
