/** Random expressions of C without side effects and without undefined behaviour, over variables that are all set. */
import type { Choices } from './choices.js';

const scalars = [
	...['char', 'u8', 's8', 'u16', 's16', 'short', 'int', 'unsigned int', 'u32', 's32', '_Bool'],
	...['long', 'unsigned long', 's64', 'u64', 'signed char', 'unsigned short', 'int', 'u32'],
] as const;

export interface Variable {
	/** An lvalue of a scalar type. */
	readonly text: string;
	readonly type: string;
	/** Whether its address may be taken. */
	readonly addressable: boolean;
}

export interface Member {
	readonly name: string;
	readonly type: string;
	readonly bits: number | null;
	/** Elements of an array member, else null. */
	readonly length: number | null;
}

export interface Aggregate {
	readonly tag: string;
	readonly keyword: 'struct' | 'union';
	readonly members: readonly Member[];
	readonly inner: { readonly name: string; readonly of: Aggregate } | null;
}

export class Expressions {
	protected readonly c: Choices;
	protected variables: Variable[] = [];
	protected readonly aggregates: Aggregate[] = [];
	protected readonly macros: { readonly name: string; readonly parameters: number }[] = [];

	constructor(choices: Choices) {
		this.c = choices;
	}

	/** Of those that any bytes are a value of. */
	protected number(): string {
		return this.c.of(scalars.filter((s) => s !== '_Bool'));
	}

	protected scalar(): string {
		return this.c.of(scalars);
	}

	// Expressions, all without side effects.

	protected condition(): string {
		const { c } = this;
		const compare = `(${this.expression(2)}) ${c.of(['<', '>', '<=', '>=', '==', '!='])} (${this.expression(2)})`;
		switch (c.below(4)) {
			case 0:
				return this.expression(2);
			case 1:
				return `${compare} ${c.of(['&&', '||'])} ${this.expression(1)}`;
			case 2:
				return `!(${compare})`;
			default:
				return compare;
		}
	}

	protected constant(): string {
		const { c } = this;
		const number = c.of([
			0, 1, 2, 3, 5, 8, 100, 127, 128, 255, 256, 1000, 32_767, 65_535, 65_536, 1_000_003,
		]);
		switch (c.below(8)) {
			case 0:
				return `${number}U`;
			case 1:
				return `${number}L`;
			case 2:
				return c.of(["'a'", "'\\n'", "'\\xff'", "'\\0'", "'\\177'"]);
			case 3:
				return `0x${number.toString(16)}`;
			case 4:
				return `-${number}`;
			case 5:
				return c.of([
					'0x7fffffff',
					'0xffffffff',
					'2147483647',
					'0x80000000U',
					'4294967295',
					'3000000000',
					'5LL',
					'7ULL',
				]);
			default:
				return String(number);
		}
	}

	protected simple(): string {
		return this.variables.length > 0 && this.c.chance(75)
			? this.c.of(this.variables).text
			: this.constant();
	}

	protected expression(depth: number): string {
		const { c } = this;
		if (depth <= 0 || c.chance(15)) return this.simple();
		const sub = (): string => this.expression(depth - 1);
		const kind = c.below(100);
		if (kind < 35) return `(${sub()} ${c.of(['+', '-', '*', '&', '|', '^'])} ${sub()})`;
		if (kind < 42) return `(${sub()} ${c.of(['<<', '>>'])} ((${sub()}) & 7))`;
		if (kind < 48) return `(${sub()} ${c.of(['/', '%'])} (((${sub()}) & 15) + 1))`;
		if (kind < 56) return `(${sub()} ${c.of(['<', '>', '<=', '>=', '==', '!='])} ${sub()})`;
		if (kind < 64) return `((${this.scalar()})(${sub()}))`;
		if (kind < 70) return `${c.of(['-', '~', '!', '+'])}(${sub()})`;
		if (kind < 76) return `(${sub()} ? ${sub()} : ${sub()})`;
		if (kind < 79) return `(${sub()} ?: ${sub()})`;
		if (kind < 83) return `(${sub()} ${c.of(['&&', '||'])} ${sub()})`;
		if (kind < 86) return `((void)(${sub()}), ${sub()})`;
		if (kind < 89) return `({ ${this.scalar()} z = ${sub()}; z; })`;
		if (kind < 91) return `({ __typeof__((${sub()}) + 0) z = ${sub()}; z; })`;
		if (kind < 94) return this.measured();
		if (kind < 96) return `_Generic((${sub()}), int: ${sub()}, unsigned int: 2, default: ${sub()})`;
		return this.applied(depth);
	}

	protected measured(): string {
		const { c } = this;
		const of = this.aggregates.length > 0 ? c.of(this.aggregates) : null;
		if (of === null || c.chance(40))
			return `sizeof(${c.chance(50) ? this.scalar() : `(${this.simple()}) + 0`})`;
		const whole = of.members.filter((m) => m.bits === null && m.name !== 'x');
		const [first] = whole;
		if (c.chance(50) || first === undefined)
			return `${c.of(['sizeof', '_Alignof'])}(${of.keyword} ${of.tag})`;
		return `__builtin_offsetof(${of.keyword} ${of.tag}, ${c.of(whole).name})`;
	}

	protected applied(depth: number): string {
		if (this.macros.length === 0) return this.simple();
		const { name, parameters } = this.c.of(this.macros);
		if (parameters === 0) return name;
		return `${name}(${Array.from({ length: parameters }, () => this.expression(depth - 1)).join(', ')})`;
	}
}
