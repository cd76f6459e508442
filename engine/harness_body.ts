/** Ops of a harness as they are written down, all at one site. */
import type { IntegerType, Op, Operand, RegisterIndex, SiteIndex } from './program/op.js';

const U64: IntegerType = { bits: 64, signed: false };

type Bare<T> = T extends unknown ? Omit<T, 'site'> : never;

export class Body {
	readonly ops: Op[] = [];
	registers = 1;
	private readonly site: SiteIndex;

	constructor(site: SiteIndex) {
		this.site = site;
	}

	register(): RegisterIndex {
		return this.registers++ as RegisterIndex;
	}

	op(op: Bare<Op>): void {
		this.ops.push({ ...op, site: this.site } as Op);
	}

	load(address: Operand): RegisterIndex {
		const dst = this.register();
		this.op({ kind: 'load', dst, address, order: 'once' });
		return dst;
	}

	binary(operator: '&' | '==' | '+' | '*', left: Operand, right: Operand): RegisterIndex {
		const dst = this.register();
		this.op({ kind: 'binary', dst, operator, left, right, type: U64 });
		return dst;
	}

	/** 0 … alternatives - 1. */
	choose(alternatives: number): RegisterIndex {
		const dst = this.register();
		this.op({ kind: 'choose', dst, alternatives });
		return dst;
	}

	assume(condition: RegisterIndex): void {
		this.op({ kind: 'assume', condition: reg(condition) });
	}
}

export function reg(register: RegisterIndex): Operand {
	return { kind: 'register', register };
}

export function constant(value: number): Operand {
	return { kind: 'constant', value };
}
